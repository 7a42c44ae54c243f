# SPDX-License-Identifier: Apache-2.0
# cmake --install: the program with all it needs to Verilate blocks, and the models as libraries for find_package(vitruvian).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(VITRUVIAN_DATA ${CMAKE_INSTALL_DATADIR}/vitruvian)  # laid out as the source tree is: tb/common/data_root.h
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/vitruvian)

foreach(library models systemc dpi)
  set_target_properties(vitruvian_${library} PROPERTIES EXPORT_NAME ${library})
  target_include_directories(vitruvian_${library} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/vitruvian>)
endforeach()
target_compile_features(vitruvian_models INTERFACE cxx_std_20)
install(TARGETS vitruvian_models vitruvian_systemc vitruvian_dpi EXPORT vitruvianTargets)
install(EXPORT vitruvianTargets NAMESPACE vitruvian:: DESTINATION ${package})
configure_package_config_file(cmake/vitruvianConfig.cmake.in ${PROJECT_BINARY_DIR}/vitruvianConfig.cmake
  INSTALL_DESTINATION ${package} PATH_VARS VITRUVIAN_DATA)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vitruvianConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vitruvianConfig.cmake ${PROJECT_BINARY_DIR}/vitruvianConfigVersion.cmake cmake/FindSystemC.cmake
  DESTINATION ${package})
install(DIRECTORY models systemc DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vitruvian FILES_MATCHING PATTERN "*.h")
install(DIRECTORY ${PROJECT_BINARY_DIR}/generated/models DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vitruvian FILES_MATCHING PATTERN "*.h")

install(TARGETS vitruvian)
install(DIRECTORY rtl DESTINATION ${VITRUVIAN_DATA})
install(DIRECTORY models/silicon DESTINATION ${VITRUVIAN_DATA}/models)
install(DIRECTORY tb DESTINATION ${VITRUVIAN_DATA} FILES_MATCHING
  PATTERN "*.h" PATTERN "*_shim.cpp" PATTERN "*_ports.cpp" PATTERN "verilated_failure.cpp")
install(PROGRAMS scripts/build_block DESTINATION ${VITRUVIAN_DATA}/scripts)
if(VITRUVIAN_RTL)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/blocks DESTINATION ${VITRUVIAN_DATA} FILES_MATCHING PATTERN "*.so")
endif()

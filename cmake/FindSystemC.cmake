# SPDX-License-Identifier: Apache-2.0
# Debian ships SystemC without a CMake package. Defines the target SystemC::systemc.
find_path(SYSTEMC_INCLUDE_DIR systemc PATH_SUFFIXES systemc)
find_library(SYSTEMC_LIBRARY systemc)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SystemC REQUIRED_VARS SYSTEMC_LIBRARY SYSTEMC_INCLUDE_DIR)
if(SystemC_FOUND AND NOT TARGET SystemC::systemc)
  add_library(SystemC::systemc UNKNOWN IMPORTED)
  set_target_properties(SystemC::systemc PROPERTIES
    IMPORTED_LOCATION ${SYSTEMC_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${SYSTEMC_INCLUDE_DIR}
    # The library was built as C++17 and checks it by a symbol; C++20 code links with this.
    INTERFACE_COMPILE_DEFINITIONS SC_CPLUSPLUS=201703L)
endif()

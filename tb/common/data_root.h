// SPDX-License-Identifier: Apache-2.0
//
// Where the program finds what it is not made of: RTL sources, scripts, silicon rows, Verilated blocks.
#pragma once

#include <filesystem>

namespace vitruvian::tb {

// share/vitruvian beside the folder the program stands in, if it was installed; else the source tree.
std::filesystem::path data_root();
// The Verilated blocks that came with it.
std::filesystem::path block_folder();

}  // namespace vitruvian::tb

// SPDX-License-Identifier: Apache-2.0
//
// Put before every file of a Verilated block by scripts/build_block: what Verilator would print goes to
// the block's shim, which knows whose it is.
#pragma once

int vit_print(const char* format, ...);
#define VL_PRINTF vit_print

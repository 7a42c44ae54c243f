// SPDX-License-Identifier: Apache-2.0
//
// The text form of an operator: `matmul:M=1024,N=1024,K=1024,dtype=fp16,...` (docs/workloads.md).
#pragma once

#include <string>
#include <string_view>

#include "models/kernels/gemm_tiles.h"

namespace vitruvian::tb {

inline constexpr std::uint64_t longest_side = 1u << 20;  // of M, N and K

struct MatmulText {
  models::GemmProblem problem;
  models::GemmTileRequest tiles;
};

// `keys` is what follows "matmul:". Throws InputError naming the key, the value and what is
// allowed.
MatmulText parse_matmul(std::string_view keys);

// How the user spells an element type: fp16, bf16, fp32, int8, int32, int4; hf32 where fp32
// operands are shortened.
std::string_view user_name(DataType dtype, models::Hf32 hf32 = models::Hf32::off);

}  // namespace vitruvian::tb

// SPDX-License-Identifier: Apache-2.0
//
// The layouts of a convolution's tensors in GM (docs/kernels/conv.md) and the plain ones the user knows: on hardware the
// framework turns one into the other before the kernel runs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/kernels/conv.h"

namespace vitruvian::tb {

// X, from N, C, H, W to (n, c1, h, w, c0): channels beyond C are zero.
std::vector<std::uint8_t> pack_map(const models::ConvProblem& problem, std::span<const std::uint8_t> nchw);
// W, from K, C, R, S to (c1 * r * s, k1, 16, c0).
std::vector<std::uint8_t> pack_weights(const models::ConvProblem& problem, std::span<const std::uint8_t> kcrs);
// Y, from (n, k1, out_h, out_w, out_c0) to N, K, out_h, out_w.
std::vector<std::uint8_t> unpack_result(const models::ConvProblem& problem, std::span<const std::uint8_t> packed);

}  // namespace vitruvian::tb

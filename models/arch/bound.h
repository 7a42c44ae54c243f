// SPDX-License-Identifier: Apache-2.0
//
// How far one element of a matrix product may be from the exact one: derived in docs/numerics.md,
// "Error bound".
#pragma once

#include <cstdint>

#include "models/arch/number.h"
#include "models/arch/numerics.h"

namespace vitruvian {

// What is known of one element: start + the sum of k products, rounded to `output`.
struct ProductElement {
  Numerics numerics = Numerics::dot24;
  DataType type = DataType::f16;    // of A and B
  bool hf32 = false;                // f32 shortened to hf32: so are the operands of `result`
  DataType output = DataType::f32;  // of the element in GM: f32, f16, bf16; s32 or s8 from integers
  std::int64_t k = 0;
  int depth = 16;          // K0
  std::int64_t tiles = 0;  // of the chain; 0: ceil(k / depth), right if all mmads but the last take
                           // whole tiles
  double magnitude = 0;    // sum of |a * b| plus |start|
  bool has_start = false;  // the start is not zero (a bias)
  double result = 0;       // the exact element, after scaling and ReLU: only its size matters
};

// The largest |element - exact element|, where the exact one was computed in double. Zero: the two
// are equal. Infinity: nothing is promised, since something may have overflowed or saturated.
double error_bound(const ProductElement& element);

}  // namespace vitruvian

// SPDX-License-Identifier: Apache-2.0
//
// Exact arithmetic as the oracle of numerics: numbers as whole multiples of 2^-400 in Boost's
// unbounded integers. Shares nothing with models/: decoding goes through the host's floats,
// rounding searches the ordered bit patterns of a format for the nearest.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>

#include "models/arch/number.h"

namespace vitruvian::tests {

// A finite number, times 2^400.
using Exact = boost::multiprecision::cpp_int;
inline constexpr int exact_places = 400;

// The number a bit pattern stands for, in the host's double (NaN and infinities included).
double value_of(DataType type, std::uint32_t bits);

// A finite double, exactly; its last place must not be below 2^-400.
Exact exact(double value);
Exact exact(DataType type, std::uint32_t bits);
Exact product(const Exact& x, const Exact& y);  // exact if it has no place below 2^-400

// floor(log2 |x|); x is not zero.
int exponent_of(const Exact& x);

// x with places below 2^place cut off its magnitude.
Exact truncated(const Exact& x, int place);

// The pattern of a floating type nearest to x; of two, the even one. Negative numbers that round to
// zero give -0.
std::uint32_t nearest(DataType type, const Exact& x);

// The fp32 pattern of the number with 11 fraction bits (fewer below 2^-126) nearest to an fp32 one.
std::uint32_t nearest_hf32(std::uint32_t f32_bits, Ties ties);

// The integer nearest to x; of two, the even one.
Exact nearest_integer(const Exact& x);

}  // namespace vitruvian::tests

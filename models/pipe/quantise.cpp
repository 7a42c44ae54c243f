// SPDX-License-Identifier: Apache-2.0
#include "models/pipe/quantise.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "models/arch/error.h"

namespace vitruvian::models {
namespace {

constexpr FloatFormat f32 = float_format(DataType::f32);

std::uint32_t bits_of(std::uint64_t word, int low, int width) {
  return static_cast<std::uint32_t>(word >> low & ((std::uint64_t{1} << width) - 1));
}

// ReLU of fp32: everything below +0 becomes +0; NaN stays.
std::uint32_t relu_f32(std::uint32_t bits) {
  const bool is_nan = (bits & ~f32.sign_bit()) > f32.infinity();
  return (bits & f32.sign_bit()) != 0 && !is_nan ? 0 : bits;
}

// Shift mode: right by N, rounding down, then saturated to 16 bits.
std::int32_t shifted(const QuantisationWord& word, std::int32_t value) {
  if (!word.shifts) return value;
  using Limits = std::numeric_limits<std::int16_t>;
  return std::clamp<std::int32_t>(value >> word.shift, Limits::min(), Limits::max());
}

// A number to be scaled: (-1)^negative * magnitude * 2^exponent; magnitude has 32 bits.
struct Number {
  NumberClass kind;
  bool negative;
  std::uint64_t magnitude;
  int exponent;
};

// The integer an instruction's words and ReLU leave to be scaled. ReLU makes M2 = 0.
Number scale_input_s32(const Quantisation& q, const QuantisationWord& w, std::uint32_t word) {
  const std::int64_t shift = shifted(w, static_cast<std::int32_t>(word));
  const std::int64_t value = q.relu && shift < 0 ? 0 : shift;
  return {value == 0 ? NumberClass::zero : NumberClass::finite, value < 0,
          static_cast<std::uint64_t>(value < 0 ? -value : value), 0};
}

Number scale_input_f32(const Quantisation& q, const QuantisationWord&, std::uint32_t word) {
  const Decoded value = decode(DataType::f32, q.relu ? relu_f32(word) : word);
  return {value.kind, value.negative, value.significand, value.exponent - f32.fraction_bits};
}

// The exact product with a finite scale.
Number scaled(const Number& value, const Decoded& scale) {
  return {NumberClass::finite, value.negative != scale.negative,
          value.magnitude * scale.significand, value.exponent + scale.exponent - f32.fraction_bits};
}

// s32 -> fp16: one rounding of the exact product.
std::uint32_t dequantise(const Quantisation& q, const QuantisationWord& w, std::uint32_t word) {
  const Number value = scale_input_s32(q, w, word);
  const Decoded scale = decode(DataType::f32, w.scale);
  const FloatFormat f16 = float_format(DataType::f16);
  const bool is_zero = value.kind == NumberClass::zero;
  const std::uint32_t sign = value.negative != scale.negative ? f16.sign_bit() : 0;
  if (scale.kind == NumberClass::nan) return f16.canonical_nan();
  if (scale.kind == NumberClass::infinite) {
    return is_zero ? f16.canonical_nan() : sign | f16.infinity();
  }
  if (is_zero || scale.kind == NumberClass::zero) return 0;
  const Number product = scaled(value, scale);
  return round_to(DataType::f16, product.negative, product.magnitude, product.exponent);
}

// The product rounded to the nearest integer (ties to even) and saturated to nine bits. NaN, also
// of zero times infinity, counts as 0.
int rounded_to_s9(const Number& value, const Decoded& scale) {
  constexpr int lowest = -256, highest = 255;
  const auto either = [&](NumberClass kind) { return value.kind == kind || scale.kind == kind; };
  if (either(NumberClass::nan) || either(NumberClass::zero)) return 0;
  const bool negative = value.negative != scale.negative;
  if (either(NumberClass::infinite)) return negative ? lowest : highest;
  const Number product = scaled(value, scale);
  if (product.exponent >= 0) return negative ? lowest : highest;  // 2^23 or more
  const std::uint64_t integer = round_shift(product.magnitude, -product.exponent);
  const auto clamped = static_cast<int>(std::min<std::uint64_t>(integer, 256));
  return std::clamp(negative ? -clamped : clamped, lowest, highest);
}

using ScaleInput = Number (*)(const Quantisation&, const QuantisationWord&, std::uint32_t);

template <ScaleInput kInput>
std::uint32_t requantise(const Quantisation& q, const QuantisationWord& w, std::uint32_t word) {
  const int sum = rounded_to_s9(kInput(q, w, word), decode(DataType::f32, w.scale)) + w.offset;
  const int result = w.is_signed ? std::clamp(sum, -128, 127) : std::clamp(sum, 0, 255);
  return static_cast<std::uint32_t>(result) & 0xff;
}

std::uint32_t unchanged(const Quantisation& q, const QuantisationWord&, std::uint32_t word) {
  if (!q.relu) return word;
  if (q.acc == DataType::s32) return static_cast<std::int32_t>(word) < 0 ? 0 : word;
  return relu_f32(word);
}

// Whether rounding an fp32 magnitude to `kTo` is a matter of its fraction alone: the result is
// normal, or (bf16, with fp32's exponents) any number.
template <DataType kTo>
bool rounds_in_place(std::uint32_t magnitude) {
  if constexpr (kTo == DataType::bf16) return magnitude <= f32.infinity();
  constexpr std::uint32_t smallest = 0x38800000, overflow = 0x477ff000;  // 2^-14, 65520
  return magnitude >= smallest && magnitude < overflow;
}

// narrow(), with the common case in a few operations.
template <DataType kTo>
std::uint32_t narrowed(const Quantisation& q, const QuantisationWord&, std::uint32_t word) {
  constexpr FloatFormat to = float_format(kTo);
  constexpr int dropped = f32.fraction_bits - to.fraction_bits;
  constexpr auto rebias = static_cast<std::uint32_t>(f32.bias() - to.bias()) << f32.fraction_bits;
  if (q.relu) word = relu_f32(word);
  const std::uint32_t magnitude = word & ~f32.sign_bit();
  if (!rounds_in_place<kTo>(magnitude)) return narrow(kTo, word);
  const std::uint32_t half_less_one = (1u << (dropped - 1)) - 1;
  const std::uint32_t to_even = magnitude >> dropped & 1;
  const std::uint32_t sign = (word & f32.sign_bit()) != 0 ? to.sign_bit() : 0;
  return sign | (magnitude - rebias + half_less_one + to_even) >> dropped;
}

using Convert = std::uint32_t (*)(const Quantisation&, const QuantisationWord&, std::uint32_t);

// Word i by columns[i * step].
template <DataType kResult, Convert kConvert>
void convert_row(const Quantisation& q, const QuantisationWord* columns, std::size_t step,
                 std::span<const std::uint32_t> words, std::uint8_t* out) {
  constexpr auto size = static_cast<std::size_t>(element_size(kResult));
  for (const std::uint32_t word : words) {
    const std::uint32_t bits = kConvert(q, *columns, word);
    std::memcpy(out, &bits, size);
    out += size;
    columns += step;
  }
}

// One conversion: what it takes and gives, and how.
struct Conversion {
  Quant quant;
  DataType acc, result;
  Convert convert;
  void (*convert_row)(const Quantisation&, const QuantisationWord*, std::size_t,
                      std::span<const std::uint32_t>, std::uint8_t*);
};

template <DataType kAcc, DataType kResult, Convert kConvert>
constexpr Conversion row(Quant quant) {
  return {quant, kAcc, kResult, kConvert, convert_row<kResult, kConvert>};
}

constexpr auto f16 = DataType::f16, bf16 = DataType::bf16, f32_type = DataType::f32,
               s8 = DataType::s8, s32 = DataType::s32;
constexpr Conversion conversions[] = {
    row<f32_type, f32_type, unchanged>(Quant::none),
    row<s32, s32, unchanged>(Quant::none),
    row<f32_type, f16, narrowed<f16>>(Quant::F322F16),
    row<f32_type, bf16, narrowed<bf16>>(Quant::F322BF16),
    row<s32, f16, dequantise>(Quant::DEQF16),
    row<s32, f16, dequantise>(Quant::VDEQF16),
    row<s32, s8, requantise<scale_input_s32>>(Quant::REQ8),
    row<s32, s8, requantise<scale_input_s32>>(Quant::VREQ8),
    row<f32_type, s8, requantise<scale_input_f32>>(Quant::QF322B8),
    row<f32_type, s8, requantise<scale_input_f32>>(Quant::VQF322B8),
};

const Conversion* find(Quant quant, DataType acc) {
  const auto* found =
      std::find_if(std::begin(conversions), std::end(conversions),
                   [&](const Conversion& c) { return c.quant == quant && c.acc == acc; });
  return found == std::end(conversions) ? nullptr : found;
}

const Conversion& conversion(Quant quant, DataType acc) {
  const Conversion* found = find(quant, acc);
  ensure(found != nullptr, "fixpipe cannot convert this accumulator so");
  return *found;
}

}  // namespace

QuantisationWord quantisation_word(std::uint64_t word) {
  QuantisationWord result;
  result.scale = bits_of(word, 0, 32) & ~0x1fffu;
  result.shift = static_cast<int>(bits_of(word, 32, 4)) + 1;
  result.shifts = bits_of(word, 36, 1) != 0;
  const auto offset = static_cast<int>(bits_of(word, 37, 9));
  result.offset = offset >= 256 ? offset - 512 : offset;
  result.is_signed = bits_of(word, 46, 1) != 0;
  return result;
}

bool accepts(Quant quant, DataType acc) { return find(quant, acc) != nullptr; }

DataType output_type(Quant quant, DataType acc) { return conversion(quant, acc).result; }

std::uint32_t quantise(const Quantisation& q, std::uint32_t word) {
  return conversion(q.quant, q.acc).convert(q, q.word, word);
}

namespace {

void quantise_row(const Quantisation& q, const QuantisationWord* columns, std::size_t step,
                  std::span<const std::uint32_t> words, std::span<std::uint8_t> out) {
  const Conversion& c = conversion(q.quant, q.acc);
  ensure(out.size() >= words.size() * static_cast<std::size_t>(element_size(c.result)),
         "no room for quantised words");
  c.convert_row(q, columns, step, words, out.data());
}

}  // namespace

void quantise(const Quantisation& q, std::span<const std::uint32_t> words,
              std::span<std::uint8_t> out) {
  quantise_row(q, &q.word, 0, words, out);
}

void quantise(const Quantisation& q, std::span<const QuantisationWord> columns,
              std::span<const std::uint32_t> words, std::span<std::uint8_t> out) {
  ensure(columns.size() >= words.size(), "a column without a quantisation word");
  quantise_row(q, columns.data(), 1, words, out);
}

}  // namespace vitruvian::models

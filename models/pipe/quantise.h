// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic of pipe FIX: what becomes of a word of L0C on its way out.
// docs/numerics.md, "Fixpipe", in plain integers.
#pragma once

#include <cstdint>
#include <span>

#include "models/arch/number.h"
#include "models/program/instruction.h"

namespace vitruvian::models {

// A quantisation word, of an instruction or of a column in FB, taken apart.
struct QuantisationWord {
  std::uint32_t scale = 0;  // fp32 bits, the low 13 cleared: sign, 8 exponent and 10 fraction bits
  int shift = 0;            // with `shifts`: s32 is first shifted right by 1 to 16 places
  bool shifts = false;
  int offset = 0;          // -256 to 255
  bool is_signed = false;  // the result is s8, else u8
};
QuantisationWord quantisation_word(std::uint64_t word);

// What a fixpipe does to each word.
struct Quantisation {
  DataType acc = DataType::f32;  // what stands in L0C: f32 or s32
  Quant quant = Quant::none;
  QuantisationWord word;
  bool relu = false;
};

// Type of the result; `s8` also where the quantisation word asks for u8.
DataType output_type(Quant quant, DataType acc);

// Whether `quant` takes words of type `acc`.
bool accepts(Quant quant, DataType acc);

// The bits of one result, in the low bytes of the word.
std::uint32_t quantise(const Quantisation& q, std::uint32_t word);

// The same for a row of words; `out` has room for words.size() results.
void quantise(const Quantisation& q, std::span<const std::uint32_t> words,
              std::span<std::uint8_t> out);

// The same with a quantisation word for each, instead of the one of `q`.
void quantise(const Quantisation& q, std::span<const QuantisationWord> columns,
              std::span<const std::uint32_t> words, std::span<std::uint8_t> out);

}  // namespace vitruvian::models

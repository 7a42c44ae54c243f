// SPDX-License-Identifier: Apache-2.0
//
// Prints random words for a lane of 2 rows x 4 columns and what models::quantise makes of them, one set a line, for
// vit_fixpipe_lane_tb.sv: fp32 or not (4 bits), conversion (8), ReLU (4), quantisation words of 48 bits, words, results.
//   lane_vectors COUNT
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <string>

#include "models/pipe/quantise.h"
#include "tb/random/numbers.h"

using namespace vitruvian;

namespace {

constexpr std::size_t columns = 4, lanes = 8;

struct Conversion {
  DataType acc;
  models::Quant quant;
};
using models::Quant;
constexpr Conversion conversions[] = {
    {DataType::f32, Quant::none},   {DataType::s32, Quant::none},     {DataType::f32, Quant::F322F16}, {DataType::f32, Quant::F322BF16},
    {DataType::s32, Quant::DEQF16}, {DataType::s32, Quant::VDEQF16},  {DataType::s32, Quant::REQ8},    {DataType::s32, Quant::VREQ8},
    {DataType::f32, Quant::QF322B8}, {DataType::f32, Quant::VQF322B8}};

std::uint64_t draw_scale(tb::RandomStream& stream) {
  const std::uint64_t word = stream.draw() & ((1ull << 47) - 1);
  return stream.chance(1, 3) ? word : (word & ~(0xffull << 23)) | stream.between(100, 135) << 23;
}

void print_set(tb::RandomStream& stream) {
  const Conversion conversion = stream.pick(conversions);
  const bool relu = stream.chance(1, 3);
  const auto mix = static_cast<tb::Mix>(stream.below(tb::mix_count));
  std::array<std::uint64_t, columns> scales;
  for (std::uint64_t& scale : scales) scale = draw_scale(stream);
  std::string scale_text, words, results;  // the first in the low bits: to the right
  for (std::size_t c = columns; c-- > 0;) scale_text += fmt::format("{:012x}", scales[c]);
  for (std::size_t i = lanes; i-- > 0;) {
    const std::uint32_t word = tb::draw_number(stream, mix, conversion.acc);
    const models::Quantisation q{conversion.acc, conversion.quant, models::quantisation_word(scales[i % columns]), relu};
    words += fmt::format("{:08x}", word);
    results += fmt::format("{:08x}", models::quantise(q, word));
  }
  fmt::print("{:x}{:02x}{:x}{}{}{}\n", static_cast<int>(conversion.acc == DataType::f32), static_cast<int>(conversion.quant),
             static_cast<int>(relu), scale_text, words, results);
}

}  // namespace

int main(int, char** argv) {
  tb::RandomStream stream = tb::Seed{0x1a9e}.stream("lane");
  for (int i = std::atoi(argv[1]); i > 0; --i) print_set(stream);
}

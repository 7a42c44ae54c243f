// SPDX-License-Identifier: Apache-2.0
#include "tb/random/cube_contents.h"

#include <fmt/format.h>

#include <algorithm>

namespace vitruvian::tb {
namespace {

// The distinct accumulator types of the operand types.
std::vector<DataType> accumulators(const std::vector<DataType>& types) {
  std::vector<DataType> out;
  for (const DataType type : types) {
    const DataType acc = is_floating(type) ? DataType::f32 : DataType::s32;
    if (std::ranges::find(out, acc) == out.end()) out.push_back(acc);
  }
  return out;
}

// A part is made of so many zones, each of one mix: an operand may meet another's mix, or two.
constexpr std::uint64_t zones = 4;

Parts draw_parts(CubeProgram& program, std::vector<std::uint8_t>& bytes, Bytes size,
                 std::string_view buffer, const std::vector<DataType>& types, std::uint64_t align,
                 const CubeProfile& profile) {
  bytes.resize(size.value());
  const Parts parts{types, size.value() / types.size() / align * align, size.value()};
  RandomStream mixes = program.seed.stream(fmt::format("mix {}", buffer));
  for (std::size_t i = 0; i < types.size(); ++i) {
    program.numbers += fmt::format("{}{} {}", program.numbers.empty() ? "" : ", ", buffer, models::name(types[i]));
    const std::size_t end = i + 1 == types.size() ? bytes.size() : (i + 1) * parts.size;
    const std::size_t zone = round_up((end - i * parts.size) / zones, 64);
    for (std::size_t start = i * parts.size, z = 0; start < end; start += zone, ++z) {
      const auto mix = static_cast<Mix>(mixes.weighted(profile.mixes));
      fill_numbers(std::span{bytes}.subspan(start, std::min(zone, end - start)),
                   program.seed.stream(fmt::format("{} {} {}", buffer, i, z)), mix, types[i]);
      program.numbers += fmt::format("{}{}", z == 0 ? " " : "/", info(mix).name);
    }
  }
  return parts;
}

}  // namespace

Parts::Window Parts::window(DataType type, std::uint64_t bytes) const {
  const auto part = static_cast<std::uint64_t>(std::ranges::find(types, type) - types.begin());
  if (part < types.size() && bytes <= size) return {part * size, (part + 1) * size - bytes};
  return {0, total - bytes};
}

CubeParts draw_contents(CubeProgram& program, const std::vector<DataType>& types,
                        const CubeProfile& profile, const ChipConfig& chip) {
  CubeParts parts;
  const auto acc = accumulators(types);
  parts.operands_a = draw_parts(program, program.l0a, chip.l0a, "A", types, 512, profile);
  parts.operands_b = draw_parts(program, program.l0b, chip.l0b, "B", types, 512, profile);
  draw_parts(program, program.l0c, chip.l0c, "C", acc, 1024, profile);
  parts.bias = draw_parts(program, program.bt, chip.bt, "bias", acc, 64, profile);
  return parts;
}

}  // namespace vitruvian::tb

// SPDX-License-Identifier: Apache-2.0
//
// Prints random tiles for a 4x4x4 array and what models::dot makes of them, one a line, for
// vit_cube_array_tb.sv: 4 bits hf32, 4 dtype, 8 depth, then raw A, raw B, accumulators, results.
//   array_vectors NUMERICS COUNT
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "models/pipe/cube_dot.h"
#include "models/program/instruction.h"
#include "tb/random/numbers.h"

using namespace vitruvian;

namespace {

constexpr int size = 4, row_bytes = size * 2;

struct Tile {
  std::vector<std::uint8_t> a, b, acc, result;
};

std::vector<std::uint8_t> draw(tb::RandomStream& stream, DataType type, std::size_t bytes) {
  std::vector<std::uint8_t> out(bytes);
  tb::fill_numbers(out, tb::RandomStream{stream.draw()}, static_cast<tb::Mix>(stream.below(tb::mix_count)), type);
  return out;
}

// Element k of a row of A or B as it is multiplied.
std::uint32_t operand(const std::uint8_t* row, int k, DataType type, models::Hf32 hf32) {
  if (type == DataType::s4) return row[k / 2] >> k % 2 * 4 & 15u;
  const auto width = static_cast<std::size_t>(element_size(type));
  std::uint32_t bits = 0;
  std::memcpy(&bits, row + static_cast<std::size_t>(k) * width, width);
  if (hf32 == models::Hf32::off) return bits;
  return to_hf32(bits, hf32 == models::Hf32::nearest_even ? Ties::to_even : Ties::to_zero);
}

Tile draw_tile(tb::RandomStream& stream, models::Numerics numerics, DataType type,
               models::Hf32 hf32, int depth) {
  const DataType sum = is_floating(type) ? DataType::f32 : DataType::s32;
  Tile tile{draw(stream, type, size * row_bytes), draw(stream, type, size * row_bytes),
            draw(stream, sum, size * size * 4), std::vector<std::uint8_t>(size * size * 4)};
  const int lanes = models::tile_depth(type, {size, size, size});
  std::vector<std::uint32_t> a(lanes), b(lanes);
  for (int m = 0; m < size; ++m) {
    for (int n = 0; n < size; ++n) {
      for (int k = 0; k < lanes; ++k) {
        a[k] = b[k] = 0;
        if (k >= depth) continue;
        a[k] = operand(&tile.a[m * row_bytes], k, type, hf32);
        b[k] = operand(&tile.b[n * row_bytes], k, type, hf32);
      }
      std::uint32_t acc;
      std::memcpy(&acc, &tile.acc[(m * size + n) * 4], 4);
      acc = models::dot(numerics, type, a, b, acc);
      std::memcpy(&tile.result[(m * size + n) * 4], &acc, 4);
    }
  }
  return tile;
}

// Hex digits, the last byte first: the order of a Verilog vector.
std::string hex(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) text += fmt::format("{:02x}", *byte);
  return text;
}

}  // namespace

int main(int, char** argv) {
  const auto numerics = static_cast<models::Numerics>(std::atoi(argv[1]));
  tb::RandomStream stream = tb::Seed{0xa77a}.stream("tiles");
  for (int i = std::atoi(argv[2]); i > 0; --i) {
    constexpr DataType types[] = {DataType::f16, DataType::bf16, DataType::f32, DataType::f32,
                                  DataType::s8, DataType::s4};
    const DataType type = stream.pick(types);
    const auto hf32 = static_cast<models::Hf32>(type == DataType::f32 ? stream.below(3) : 0);
    const auto lanes = models::tile_depth(type, {size, size, size});
    const int depth = static_cast<int>(stream.between(1, lanes));
    const Tile tile = draw_tile(stream, numerics, type, hf32, depth);
    fmt::print("{:x}{:x}{:02x}{}{}{}{}\n", static_cast<int>(hf32), static_cast<int>(type), depth, hex(tile.a), hex(tile.b), hex(tile.acc), hex(tile.result));
  }
}

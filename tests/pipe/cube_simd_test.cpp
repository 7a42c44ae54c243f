// SPDX-License-Identifier: Apache-2.0
//
// The host's vectors against the scalar definition: every type, rule, cube shape, kind of operand
// and instruction set. The definition itself is proved in cube_test.cpp.
#include <gtest/gtest.h>

#include "models/pipe/cube_simd_targets.h"
// After the choice of targets:
#include <hwy/targets.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "models/pipe/cube.h"
#include "tests/pipe/cube_cases.h"

namespace vitruvian::models {
namespace {

using tests::Operands;
using tests::OperandSource;

// Matrices as numbers, row by row; and as buffers, by this file's own reading of docs/pipe/cube.md.
struct Problem {
  DataType type;
  int m, n, k;
  Init init;
  std::vector<std::uint32_t> a, b, bias, c;  // [m][k], [k][n], [n], [m][n]
  Hf32 hf32 = Hf32::off;
  bool k_align = false, no_gemv = false;

  int c0() const { return 256 / element_bits(type); }
  std::size_t depth_fractals() const { return static_cast<std::size_t>((k + c0() - 1) / c0()); }
  std::size_t a_pitch() const {
    return k_align ? (depth_fractals() + 1) / 2 * 2 : depth_fractals();
  }
};

int fractals(int elements) { return (elements + 15) / 16; }

void put(std::vector<std::uint8_t>& bytes, std::size_t at, std::uint32_t word, int size) {
  ASSERT_LE(at + static_cast<std::size_t>(size), bytes.size());
  std::memcpy(bytes.data() + at, &word, static_cast<std::size_t>(size));
}

// Element k of a row whose 32 bytes with it begin at `block`.
void put_element(std::vector<std::uint8_t>& bytes, std::size_t block, const Problem& p, int k,
                 std::uint32_t bits) {
  const int inside = k % p.c0();
  if (p.type != DataType::s4) {
    const int size = element_size(p.type);
    return put(bytes, block + static_cast<std::size_t>(inside * size), bits, size);
  }
  std::uint8_t& byte = bytes.at(block + static_cast<std::size_t>(inside / 2));
  const int shift = inside % 2 * 4;
  byte = static_cast<std::uint8_t>((byte & ~(15 << shift)) | (bits & 15) << shift);
}

std::vector<std::uint8_t> image_of_a(const Problem& p, OperandSource& source) {
  const bool plain = p.m == 1 && !p.no_gemv;
  const auto rows = plain ? std::size_t{1} : static_cast<std::size_t>(fractals(p.m) * 16);
  std::vector<std::uint8_t> bytes(rows * p.a_pitch() * 32);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(source.below(256));  // rubbish beyond
  for (int i = 0; i < p.m; ++i) {
    for (int k = 0; k < p.k; ++k) {
      const auto l = static_cast<std::size_t>(k / p.c0());
      const std::size_t fractal = static_cast<std::size_t>(i / 16) * p.a_pitch() + l;
      const std::size_t block =
          plain ? l * 32 : fractal * 512 + static_cast<std::size_t>(i % 16 * 32);
      put_element(bytes, block, p, k, p.a[static_cast<std::size_t>(i * p.k + k)]);
    }
  }
  return bytes;
}

std::vector<std::uint8_t> image_of_b(const Problem& p, OperandSource& source) {
  std::vector<std::uint8_t> bytes(p.depth_fractals() * static_cast<std::size_t>(fractals(p.n)) *
                                  512);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(source.below(256));
  for (int k = 0; k < p.k; ++k) {
    for (int j = 0; j < p.n; ++j) {
      const auto fractal = static_cast<std::size_t>(k / p.c0() * fractals(p.n) + j / 16);
      put_element(bytes, fractal * 512 + static_cast<std::size_t>(j % 16 * 32), p, k,
                  p.b[static_cast<std::size_t>(k * p.n + j)]);
    }
  }
  return bytes;
}

std::size_t c_offset(const Problem& p, int i, int j) {
  return static_cast<std::size_t>((j / 16 * fractals(p.m) + i / 16) * 1024 + i % 16 * 64 +
                                  j % 16 * 4);
}

// L0C with 0xa5 where nothing may be written.
std::vector<std::uint8_t> image_of_c(const Problem& p, const std::vector<std::uint32_t>& c) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(fractals(p.m) * fractals(p.n)) * 1024,
                                  0xa5);
  for (int i = 0; i < p.m; ++i) {
    for (int j = 0; j < p.n; ++j) {
      put(bytes, c_offset(p, i, j), c[static_cast<std::size_t>(i * p.n + j)], 4);
    }
  }
  return bytes;
}

std::vector<std::uint8_t> words_to_bytes(const std::vector<std::uint32_t>& words) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(words.data());
  return {first, first + words.size() * 4};
}

// C by the scalar definition, tile by tile.
std::vector<std::uint32_t> defined(const Problem& p, Numerics numerics, CubeShape shape) {
  const int depth = tile_depth(p.type, shape);
  const auto multiplied = [&](std::uint32_t bits) {
    if (p.hf32 == Hf32::off) return bits;
    return to_hf32(bits, p.hf32 == Hf32::nearest_even ? Ties::to_even : Ties::to_zero);
  };
  std::vector<std::uint32_t> result = p.c;
  for (int i = 0; i < p.m; ++i) {
    for (int j = 0; j < p.n; ++j) {
      auto& acc = result[static_cast<std::size_t>(i * p.n + j)];
      if (p.init == Init::zero) acc = 0;
      if (p.init == Init::bias) acc = p.bias[static_cast<std::size_t>(j)];
      for (int first = 0; first < p.k; first += depth) {
        std::vector<std::uint32_t> a(static_cast<std::size_t>(depth)), b(a.size());
        for (int k = first; k < std::min(p.k, first + depth); ++k) {
          const auto lane = static_cast<std::size_t>(k - first);
          a[lane] = multiplied(p.a[static_cast<std::size_t>(i * p.k + k)]);
          b[lane] = multiplied(p.b[static_cast<std::size_t>(k * p.n + j)]);
        }
        acc = dot(numerics, p.type, a, b, acc);
      }
    }
  }
  return result;
}

Problem draw(OperandSource& source, tests::OperandType type, Operands kind, int m, int n, int k) {
  Problem p{type.type, m, n, k, static_cast<Init>(source.below(3)), {}, {}, {}, {}};
  p.hf32 = type.hf32;
  p.k_align = type.type == DataType::f32 && source.below(2) != 0;
  p.no_gemv = source.below(2) != 0;
  p.a = source.draw(type, kind, static_cast<std::size_t>(m * k));
  p.b = source.draw(type, kind, static_cast<std::size_t>(k * n));
  const auto accumulators = [&](std::size_t count) {
    std::vector<std::uint32_t> words(count);
    const Operands of = source.below(2) != 0 ? kind : Operands::any;
    for (auto& word : words) word = source.draw_accumulator(type.type, of);
    return words;
  };
  p.bias = accumulators(static_cast<std::size_t>(n));
  p.c = accumulators(static_cast<std::size_t>(m * n));
  return p;
}

struct Images {
  std::vector<std::uint8_t> a, b, bias, c;
};
Images images_of(const Problem& p, OperandSource& source) {
  return {image_of_a(p, source), image_of_b(p, source), words_to_bytes(p.bias), image_of_c(p, p.c)};
}

// Runs the problem on `cube`, whole and fractal by fractal, and compares every byte of L0C.
void expect_result(Cube& cube, const Problem& p, const Images& images,
                   const std::vector<std::uint8_t>& expected) {
  const MmadArgs args{p.type,   p.m,         p.n,    p.k,       p.init,   images.a,
                      images.b, images.bias, p.hf32, p.k_align, p.no_gemv};
  auto whole = images.c;
  cube.mmad(args, whole);
  auto piecewise = images.c;
  cube.start(args);
  for (int i = cube.row_fractals(); i-- > 0;) {
    for (int j = 0; j < cube.column_fractals(); ++j) {
      cube.compute_fractals({i, i + 1, j, j + 1}, piecewise);
    }
  }
  for (int i = 0; i < p.m; ++i) {
    for (int j = 0; j < p.n; ++j) {
      std::uint32_t got, want, part;
      std::memcpy(&got, &whole[c_offset(p, i, j)], 4);
      std::memcpy(&part, &piecewise[c_offset(p, i, j)], 4);
      std::memcpy(&want, &expected[c_offset(p, i, j)], 4);
      ASSERT_EQ(got, want) << std::hex << got << " for " << want << std::dec << " at row " << i
                           << " column " << j;
      ASSERT_EQ(part, want) << "one fractal at a time, row " << i << " column " << j;
    }
  }
  ASSERT_EQ(whole, expected) << "a byte outside C changed";
  ASSERT_EQ(piecewise, expected) << "a byte outside C changed";
}

// Instruction sets this host runs and the kernels were compiled for, and none at all.
std::vector<std::int64_t> targets() {
  std::vector<std::int64_t> result;
  for (const std::int64_t target : {HWY_AVX3_DL, HWY_AVX3, HWY_AVX2, HWY_NEON}) {
    if ((hwy::SupportedTargets() & HWY_TARGETS & target) != 0) result.push_back(target);
  }
  result.push_back(HWY_STATIC_TARGET);
  return result;
}

class CubeSimd : public testing::TestWithParam<std::tuple<tests::OperandType, Numerics>> {
 protected:
  static void use(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
  }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

TEST_P(CubeSimd, EqualsTheDefinitionOnEveryTargetShapeAndOperand) {
  const auto [type, numerics] = GetParam();
  const CubeShape shapes[] = {{16, 16, 16}, {8, 8, 8}, {32, 16, 16}, {16, 32, 16}, {4, 4, 4}};
  const int m[] = {1, 3, 17, 33}, n[] = {1, 5, 16, 31, 50, 64, 80, 131}, k[] = {1, 7, 16, 33, 70, 135};
  for (const CubeShape shape : shapes) {
    Cube cube{numerics, shape};
    for (const Operands kind : tests::all_operands) {
      const std::uint64_t seed = 0x5eed0000u + static_cast<std::uint64_t>(kind);
      OperandSource source{seed};
      for (int round = 0; round < 6; ++round) {
        const Problem p =
            draw(source, type, kind, m[source.below(4)], n[source.below(8)], k[source.below(6)]);
        const Images images = images_of(p, source);
        const auto expected = image_of_c(p, defined(p, numerics, shape));
        for (const std::int64_t target : targets()) {
          if (target == HWY_STATIC_TARGET && round != 0) continue;  // the definition itself, once
          use(target);
          SCOPED_TRACE(testing::Message()
                       << hwy::TargetName(target) << " lanes " << shape.k << " operands "
                       << static_cast<int>(kind) << " seed " << seed << " round " << round << ": m "
                       << p.m << " n " << p.n << " k " << p.k << " init "
                       << static_cast<int>(p.init) << (p.k_align ? " k_align" : "")
                       << (p.no_gemv ? " no_gemv" : ""));
          expect_result(cube, p, images, expected);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

// fused24 from zero with products below fp32's smallest: their largest exponent, -152, decides, not
// an exponent of the zero. 2^-150 + 2^-176 is past the tie between 0 and 2^-149.
TEST(CubeSimdEdge, AZeroAccumulatorTakesNoPartInTheMaximum) {
  const auto number = [](float x, int exponent) {
    return std::bit_cast<std::uint32_t>(std::ldexp(x, exponent));
  };
  Problem p{DataType::f32, 2, 1, 3, Init::zero, {}, {}, {}, {0, 0}};
  p.b = {number(1.5f, -76), number(1, -76), number(1, -88)};
  p.a = {number(1.5f, -76), number(1.75f, -76), number(1, -88), 0, 0, 0};
  Cube cube{Numerics::fused24, {}};
  OperandSource source{1};
  ASSERT_EQ(defined(p, Numerics::fused24, {})[0], 1u);
  expect_result(cube, p, images_of(p, source), image_of_c(p, {1, 0}));
}

INSTANTIATE_TEST_SUITE_P(
    All, CubeSimd,
    testing::Combine(testing::ValuesIn(tests::all_types),
                     testing::Values(Numerics::dot24, Numerics::fused24, Numerics::tree)),
    [](const auto& info) { return std::apply(tests::case_name, info.param); });

}  // namespace
}  // namespace vitruvian::models

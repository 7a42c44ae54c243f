// SPDX-License-Identifier: Apache-2.0
//
// The cube on the host's vectors: equal, bit for bit, to the scalar definition in cube_dot.h.
// Operands are packed once per Mmad; then any set of output fractals can be computed.
// How it works and how fast it is: docs/performance.md, "Cube on the host".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "models/pipe/cube_dot.h"
#include "models/program/instruction.h"

namespace vitruvian::models::simd {

inline constexpr int fractal_rows = 16;    // and columns of L0C, whatever the type
inline constexpr int group_columns = 64;   // columns that stand side by side in a packed B
inline constexpr int fractal_bytes = 512;  // of L0A and L0B
inline constexpr int fractals_per_group = group_columns / fractal_rows;

// A buffer for vectors: grows, never shrinks, is not initialised.
template <class T>
class Scratch {
 public:
  T* resize(std::size_t size) {
    if (size > capacity_) {
      data_.reset(static_cast<T*>(::operator new(size * sizeof(T), alignment)));
      capacity_ = size;
    }
    return data_.get();
  }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Free {
    void operator()(T* p) const { ::operator delete(p, alignment); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t capacity_ = 0;
};

// One Mmad's operands where they stand.
struct Operands {
  DataType type = DataType::f16;
  Hf32 hf32 = Hf32::off;
  int m = 0, n = 0, k = 0;
  int depth = 16;                   // K0
  bool plain_row = false;           // A is one row of k elements
  bool even_depth = false;          // fractals of A run to an even number in k
  const std::uint8_t* a = nullptr;  // L0A: ZZ fractals, or a plain row
  const std::uint8_t* b = nullptr;  // L0B: ZN fractals

  int row_fractals() const { return (m + fractal_rows - 1) / fractal_rows; }
  int column_fractals() const { return (n + fractal_rows - 1) / fractal_rows; }
  int depth_fractals() const {
    return (k + elements_per_block(type) - 1) / elements_per_block(type);
  }
  // Fractals of A from one row of them to the next.
  int a_pitch() const { return depth_fractals() + (even_depth ? depth_fractals() % 2 : 0); }
  int tiles() const { return (k + depth - 1) / depth; }
  // The first byte of the 32 that hold A's row `i`, block `l` of k.
  const std::uint8_t* a_block(int i, int l) const {
    if (plain_row) return a + l * 32;
    return a + ((i / fractal_rows) * a_pitch() + l) * fractal_bytes + i % fractal_rows * 32;
  }
  // The same for B's column `j`.
  const std::uint8_t* b_block(int j, int l) const {
    return b + (l * column_fractals() + j / fractal_rows) * fractal_bytes + j % fractal_rows * 32;
  }
};

// Lanes that hold values and products exactly, and the integers that hold their exponents.
struct FloatLanes {  // fp16, and bf16 and hf32 whose exponents lie close enough together
  using Value = float;
  using Exponent = std::int8_t;
  static constexpr int window = 31;  // |e| of packed values
  static constexpr int zero = -127;  // "exponent" of zero: below every product's with any partner
  static constexpr int none = -63;   // largest exponent of a tile of zero products
};
struct DoubleLanes {  // everything
  using Value = double;
  using Exponent = std::int16_t;
  static constexpr int zero = -2000;
  static constexpr int none = -400;
};

template <class Lanes>
struct Panels {
  Scratch<typename Lanes::Value> a;               // [m][stride]
  Scratch<std::uint32_t> a_exponents;             // [m][stride], the exponent repeated to 32 bits
  Scratch<typename Lanes::Value> b;               // [group][stride][64]
  Scratch<typename Lanes::Exponent> b_exponents;  // [group][stride][64]
};

struct IntegerPanels {
  Scratch<std::uint32_t> a;     // [m][stride / 4]: four s8
  Scratch<std::int32_t> a_sum;  // [m]
  Scratch<std::uint32_t> b;     // [group][stride / 4][64]: four s8, each with 128 added
};

enum class Path : std::uint8_t { scalar, float_lanes, double_lanes, integers };

// A packed Mmad. `path` says which panels hold it; `scalar` means none do.
struct Packed {
  Path path = Path::scalar;
  Numerics numerics = Numerics::dot24;
  int m = 0, n = 0, k = 0, depth = 16, tiles = 0;
  int stride = 0;               // depth with zero lanes behind k: whole tiles, whole fractals
  int base = 0;                 // packed exponents of a product are less by this
  bool products_exact = false;  // every product is an fp32 number
  Panels<FloatLanes> floats;
  Panels<DoubleLanes> doubles;
  IntegerPanels integers;
  Scratch<std::uint8_t> a_special, b_special;  // [m], [n]: holds infinity or NaN
  bool any_special = false;
};

// What the sums start from: L0C itself, or one word a column.
using StartRow = const std::uint32_t*;  // 16 words per fractal column, or null for L0C

// Output fractals [row_begin, row_end) x [column_begin, column_end).
struct FractalRange {
  int row_begin, row_end, column_begin, column_end;
};

// Fills `packed`; chooses its path. Panels keep a copy: the operands may change afterwards.
void pack(const Operands& operands, Numerics numerics, Packed& packed);
// Its part for integers: the path and the panels.
void pack_integers(const Operands& operands, Packed& packed);

// Outputs [row_begin, row_end) x [column_begin, column_end), in elements.
struct Block {
  int row_begin, row_end, column_begin, column_end;
};
using Blocks = std::vector<Block>;

// Compute a range of outputs into L0C. `c` is the first byte of fractal (0, 0). Rows beyond m and
// columns beyond n stay as they are. What the vectors cannot do is the caller's, by the scalar
// definition: rows flagged special stay as they are, columns flagged special are left undefined.
void compute_floating(const Packed& packed, FractalRange range, StartRow start, std::uint8_t* c);
// The same for integers: `skipped` gets the blocks that may saturate, which stay as they are.
void compute_integers(const Packed& packed, FractalRange range, StartRow start, std::uint8_t* c,
                      Blocks& skipped);

// The best target this host runs, by Highway's name.
const char* target_name();

}  // namespace vitruvian::models::simd

// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/step_values.h"

#include <algorithm>
#include <cstring>

namespace vitruvian::tb {
namespace {

constexpr std::uint32_t block = 32, fractal = 512, side = 16;

std::uint32_t up(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }

// `size` bytes of `from` at `source`, those that exist.
void copy(std::vector<std::uint8_t>& to, std::size_t target, const std::vector<std::uint8_t>& from,
          std::size_t source, std::size_t size) {
  if (source >= from.size()) return;
  std::memcpy(to.data() + target, from.data() + source, std::min(size, from.size() - source));
}

}  // namespace

StepValues::StepValues(models::Numerics numerics, const CubeConfig& cube)
    : cube_{numerics, {static_cast<int>(cube.m), static_cast<int>(cube.k), static_cast<int>(cube.n)}},
      step_bytes_{cube.k * 2} {}

void StepValues::start(const Operands& operands, const TileGrid& grid,
                       std::span<const std::uint8_t> before) {
  operands_ = &operands;
  grid_ = &grid;
  next_ = 0;
  image_.assign(before.begin(), before.end());
}

void StepValues::slice_a(std::uint32_t from, std::uint32_t blocks) {
  const std::uint32_t part = std::min(step_bytes_, block);
  const auto& source = operands_->bytes_a();
  if (operands_->plain_row()) {
    a_.assign(up(blocks * block, fractal) * fractal, 0);
    return copy(a_, 0, source, from, step_bytes_);
  }
  const auto k1 = static_cast<std::uint32_t>(operands_->depth_fractals());
  const auto pitch = static_cast<std::uint32_t>(operands_->a_pitch());
  a_.assign(grid_->row_fractals * blocks * fractal, 0);
  for (std::uint32_t i = 0; i < grid_->row_fractals; ++i) {
    for (std::uint32_t at = 0; at < step_bytes_; at += block) {
      const std::uint32_t l = (from + at) / block;
      if (l >= k1) continue;
      for (std::uint32_t r = 0; r < side; ++r) {
        copy(a_, (i * blocks + at / block) * fractal + r * block, source,
             (i * pitch + l) * fractal + r * block + (from + at) % block, part);
      }
    }
  }
}

void StepValues::slice_b(std::uint32_t from, std::uint32_t blocks) {
  const std::uint32_t part = std::min(step_bytes_, block), n1 = up(grid_->n, side);
  b_.assign(blocks * n1 * fractal, 0);
  for (std::uint32_t at = 0; at < step_bytes_; at += block) {
    for (std::uint32_t row = 0; row < n1 * side; ++row) {  // rows of all fractals stand behind each other
      copy(b_, at / block * n1 * fractal + row * block, operands_->bytes_b(),
           (from + at) / block * n1 * fractal + row * block + (from + at) % block, part);
    }
  }
}

void StepValues::step() {
  const models::Mmad& mmad = operands_->mmad();
  const std::uint32_t depth = std::min(grid_->k0, grid_->k - next_ * grid_->k0);
  const std::uint32_t blocks = up(depth, static_cast<std::uint32_t>(elements_per_block(mmad.dtype)));
  slice_a(next_ * step_bytes_, blocks);
  slice_b(next_ * step_bytes_, blocks);
  models::MmadArgs args = models::args_of(mmad);
  args.k = static_cast<int>(depth);
  args.k_align = false;  // the slices are as deep as the step
  if (next_ > 0) args.init = models::Init::accumulate;
  args.a = a_;
  args.b = b_;
  args.bias = operands_->bytes_bias();
  cube_.mmad(args, image_);
  ++next_;
}

}  // namespace vitruvian::tb

// SPDX-License-Identifier: Apache-2.0
//
// How a convolution is cut to fit a chip's buffers: docs/kernels/conv.md, "Tiles".
#include <fmt/format.h>

#include <algorithm>

#include "models/arch/error.h"
#include "models/kernels/conv.h"

namespace vitruvian::models {
namespace {

constexpr std::uint64_t side = 16, row_bytes = 32, fractal = 512, word = 4;
constexpr std::uint64_t most_rows = 128, most_columns = 256;  // of an mmad: A and B of 64 fp16 elements depth fill half of L0
constexpr std::uint64_t most_k = 65535;                       // load3d's k_start and k_extension
constexpr std::uint64_t bt_bytes_a_column = 4;

std::uint64_t down_to(std::uint64_t value, std::uint64_t grain) { return value / grain * grain; }

// Bytes of L1 one channel group takes.
std::uint64_t group_bytes(const ConvProblem& p, const ConvTiles& t) {
  const std::uint64_t input_rows = std::min(p.h, (t.rows - 1) * p.stride + p.dilation * (p.r - 1) + 1);
  return input_rows * p.w * row_bytes + p.r * p.s * t.k / side * fractal;
}

std::uint64_t room(const ConvProblem& p, const ConvTiles& t, const ChipConfig& chip) {
  const std::uint64_t place = down_to(chip.l1.value() / t.l1_slots, fractal);
  const std::uint64_t bias = p.bias ? round_up(t.k * word, fractal) : 0;
  return place > bias ? place - bias : 0;
}

// Pixels of a block: what L0C holds beside its channels, whole rows of Y where more than one fits.
void cut_pixels(const ConvProblem& p, const ChipConfig& chip, ConvTiles& t) {
  const std::uint64_t most = std::max(side, down_to(chip.l0c.value() / (t.k * word), side));
  t.rows = std::clamp<std::uint64_t>(most / p.out_w(), 1, p.out_h());
  t.window = std::min(most, round_up(t.rows * p.out_w(), side));
}

void cut_l0(const ConvProblem& p, const ChipConfig& chip, ConvTiles& t) {
  const std::uint64_t l0a = chip.l0a.value() / t.l0_slots, l0b = chip.l0b.value() / t.l0_slots;
  t.l0.m = std::min({t.window, most_rows, std::max(side, down_to(l0a / row_bytes, side))});
  t.l0.n = t.k;
  const std::uint64_t columns = std::min(l0a / (t.l0.m * row_bytes), l0b / (t.l0.n * row_bytes));
  t.l0.k = std::clamp<std::uint64_t>(columns, 1, t.c1 * p.r * p.s) * p.c0();
}

bool halve(ConvTiles& t, std::uint64_t granule) {
  if (t.rows > 1) {
    t.rows = ceil_div(t.rows, 2);
  } else if (t.k > granule) {
    t.k = round_up(t.k / 2, granule);
  } else if (t.l1_slots > 1) {
    t.l1_slots = 1;
  } else {
    return false;
  }
  return true;
}

[[noreturn]] void refuse(std::string_view key, std::uint64_t value, std::string_view why) {
  throw InputError{fmt::format("conv2d: {}={}: {}", key, value, why)};
}

}  // namespace

void check_conv(const ConvProblem& p) {
  const struct {
    std::string_view key;
    std::uint64_t value, most;
  } limits[] = {{"H", p.h, 32767},       {"W", p.w, 32767},        {"R", p.r, 511},
                {"S", p.s, 511},         {"stride", p.stride, 63}, {"dilation", p.dilation, 255},
                {"pad", p.pad, 255}};
  for (const auto& limit : limits) {
    if (limit.value > limit.most) refuse(limit.key, limit.value, fmt::format("load3d takes at most {}", limit.most));
  }
  const auto reach_of = [&](std::uint64_t taps) { return p.dilation * (taps - 1) + 1; };
  if (reach_of(p.r) > p.h + 2 * p.pad) refuse("R", p.r, fmt::format("the filter reaches over {} rows, the padded map has {}", reach_of(p.r), p.h + 2 * p.pad));
  if (reach_of(p.s) > p.w + 2 * p.pad) refuse("S", p.s, fmt::format("the filter reaches over {} columns, the padded map has {}", reach_of(p.s), p.w + 2 * p.pad));
  const std::uint64_t inside = std::min(reach_of(p.r), reach_of(p.s)) - 1;
  if (p.pad > inside) refuse("pad", p.pad, fmt::format("more than the filter's reach less one, {}: some outputs would see nothing but padding", inside));
  if (p.r * p.s * p.c0() > most_k) refuse("R", p.r, fmt::format("R * S * C0 = {} elements is more than load3d's {}", p.r * p.s * p.c0(), most_k));
}

ConvTiles choose_conv_tiles(const ConvProblem& p, const ChipConfig& chip) {
  check_conv(p);
  const std::uint64_t granule = p.out == DataType::s8 ? 32 : 16;
  ConvTiles t;
  t.k = std::min(p.padded_k(), most_columns);
  if (p.bias) t.k = std::min(t.k, std::max(granule, down_to(chip.bt.value() / bt_bytes_a_column, granule)));
  while (t.k > granule && (t.k * row_bytes > chip.l0b.value() / t.l0_slots || t.k * side * word > chip.l0c.value())) {
    t.k = round_up(t.k / 2, granule);
  }
  cut_pixels(p, chip, t);
  while (group_bytes(p, t) > room(p, t, chip)) {
    if (!halve(t, granule)) {
      throw InputError{fmt::format("conv2d: {} B of L1 for one row of the output and one group of {} channels, more than the {} B of {}",
                                   group_bytes(p, t), p.c0(), room(p, t, chip), chip.name)};
    }
    t.window = std::min(t.window, round_up(t.rows * p.out_w(), side));
  }
  t.c1 = std::clamp<std::uint64_t>(room(p, t, chip) / group_bytes(p, t), 1, p.c1());
  t.c1 = std::min(t.c1, most_k / (p.r * p.s * p.c0()));
  cut_l0(p, chip, t);
  return t;
}

}  // namespace vitruvian::models

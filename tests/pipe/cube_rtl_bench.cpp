// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/cube_rtl_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "models/pipe/cube_dot.h"
#include "models/program/encoding.h"

namespace vitruvian::tests {
namespace {

using models::Init;
using models::Mmad;
using models::Order;
using models::UnitFlag;

constexpr std::uint32_t ceil_div(std::uint32_t x, std::uint32_t y) { return (x + y - 1) / y; }

constexpr int depth = 20;  // stages

std::uint32_t word_at(const std::vector<std::uint8_t>& bytes, std::size_t at, int size) {
  std::uint32_t word = 0;
  std::memcpy(&word, &bytes.at(at), size);
  return word;
}

// Addresses of elements, from the layouts' definitions.
struct Layout {
  explicit Layout(const Mmad& mmad)
      : mmad{mmad}, bits{static_cast<std::uint32_t>(element_bits(mmad.dtype))}, c0{256u / bits}, m1{ceil_div(mmad.m, 16)},
        n1{ceil_div(mmad.n, 16)}, k1{mmad.k_align ? ceil_div(mmad.k, 16) * 2 : ceil_div(mmad.k, c0)} {}
  // In bits.
  std::size_t a(std::uint32_t r, std::uint32_t k) const {
    if (mmad.m == 1 && !mmad.no_gemv) return mmad.a.value() * 8 + k * bits;
    return (mmad.a.value() + (r / 16 * k1 + k / c0) * 512 + r % 16 * 32) * 8 + k % c0 * bits;
  }
  std::size_t b(std::uint32_t k, std::uint32_t n) const {
    return (mmad.b.value() + (k / c0 * n1 + n / 16) * 512 + n % 16 * 32) * 8 + k % c0 * bits;
  }
  std::size_t c(std::uint32_t r, std::uint32_t n) const {
    return mmad.c.value() + (n / 16 * m1 + r / 16) * 1024 + r % 16 * 64 + n % 16 * 4;
  }
  const Mmad& mmad;
  std::uint32_t bits, c0, m1, n1, k1;
};

// One operand as it is multiplied.
std::uint32_t operand_at(const std::vector<std::uint8_t>& bytes, std::size_t bit, const Mmad& mmad) {
  if (mmad.dtype == DataType::s4) return bytes.at(bit / 8) >> bit % 8 & 15u;
  const std::uint32_t word = word_at(bytes, bit / 8, element_size(mmad.dtype));
  if (mmad.hf32 == models::Hf32::off) return word;
  return to_hf32(word, mmad.hf32 == models::Hf32::nearest_even ? Ties::to_even : Ties::to_zero);
}

}  // namespace

SlotPlan::SlotPlan(const Mmad& mmad, const VitCubeParameters& cube)
    : mmad{mmad}, m0{static_cast<std::uint32_t>(cube.m)}, n0{static_cast<std::uint32_t>(cube.n)},
      mt{ceil_div(mmad.m, m0)}, nt{ceil_div(mmad.n, n0)},
      kt{ceil_div(mmad.k, models::tile_depth(mmad.dtype, {cube.m, cube.k, cube.n}))},
      cost{mmad.dtype == DataType::f32 && mmad.hf32 == models::Hf32::off ? 2u : 1u}, revisit{static_cast<std::uint32_t>(cube.revisit)} {}

std::uint64_t SlotPlan::step_length(std::uint64_t step) const {
  const std::uint64_t length = std::max<std::uint64_t>(std::uint64_t{cost} * mt * nt, mt + 1);
  return step + 1 < kt ? std::max<std::uint64_t>(length, revisit) : length;
}

std::uint64_t SlotPlan::occupancy() const { return (kt - 1) * step_length(0) + step_length(kt - 1); }

std::optional<SlotPlan::Tile> SlotPlan::at(std::uint64_t slot) const {
  const std::uint64_t step = std::min<std::uint64_t>(slot / step_length(0), kt - 1);
  const std::uint64_t tile = (slot - step * step_length(0)) / cost;
  if (tile >= std::uint64_t{mt} * nt) return std::nullopt;
  const auto t = static_cast<std::uint32_t>(tile);
  const bool rows_first = mmad.order == Order::m_first;
  return Tile{rows_first ? t % mt : t / nt, rows_first ? t / mt : t % nt, static_cast<std::uint32_t>(step),
              (slot - step * step_length(0)) % cost == 1};
}

void execute(const Mmad& mmad, models::Numerics numerics, const VitCubeParameters& cube, CubeMemories& memories) {
  const Layout at{mmad};
  const std::uint32_t k0 = models::tile_depth(mmad.dtype, {cube.m, cube.k, cube.n});
  if (mmad.k == 0) return;
  std::vector<std::uint32_t> a(k0), b(k0);
  for (std::uint32_t r = 0; r < mmad.m; ++r) {
    for (std::uint32_t n = 0; n < mmad.n; ++n) {
      std::uint32_t sum = mmad.init == Init::zero   ? 0
                          : mmad.init == Init::bias ? word_at(memories.bt, mmad.bias.value() + n * 4, 4)
                                                    : word_at(memories.l0c, at.c(r, n), 4);
      for (std::uint32_t k = 0; k < mmad.k; k += k0) {
        for (std::uint32_t lane = 0; lane < k0; ++lane) {
          const bool live = k + lane < mmad.k;
          a[lane] = live ? operand_at(memories.l0a, at.a(r, k + lane), mmad) : 0;
          b[lane] = live ? operand_at(memories.l0b, at.b(k + lane, n), mmad) : 0;
        }
        sum = models::dot(numerics, mmad.dtype, a, b, sum);
      }
      std::memcpy(&memories.l0c.at(at.c(r, n)), &sum, 4);
    }
  }
}

CubeRtlBench::CubeRtlBench(const tb::CubeLibrary& library, CubeMemories& memories)
    : library_{library}, shape_{library.parameters()}, memories_{memories}, cube_{library.create()},
      l0a_(shape_.m * shape_.k * 2), l0b_(shape_.n * shape_.k * 2), l0c_(shape_.m * shape_.n * 4), bt_(shape_.n * 4) {}

CubeRtlBench::~CubeRtlBench() { library_.destroy(cube_); }

void CubeRtlBench::expect(std::uint64_t expected, std::uint64_t seen, const char* what) const {
  if (expected != seen) {
    throw std::runtime_error{fmt::format("cycle {}: {} is {}, should be {}", now_, what, seen, expected)};
  }
}

bool CubeRtlBench::cycle(const Mmad* mmad, bool flags_down, bool grant) {
  models::InstructionWord word{};
  if (mmad) word = models::encode(models::Instruction{*mmad});
  in_.valid = mmad != nullptr;
  in_.instruction = word.data();
  VitCubeAsk ask;
  library_.ask(cube_, &in_, &ask);
  if (const char* failure = library_.failure(cube_)) throw std::runtime_error{failure};
  VitCubeOut out;
  library_.clock(cube_, flags_down, grant, &out);
  in_ = {};
  expect(!job_, ask.ready, "ready");
  look_at_slot(ask, flags_down, grant, out);
  look_at_end(out);
  serve(out);
  const bool taken = mmad && ask.ready;
  if (taken && mmad->m && mmad->n && mmad->k) job_ = Job{SlotPlan{*mmad, shape_}, 0, now_ + 2};
  ++now_;
  return taken;
}

// The tile of this cycle: does it ask for what it should, and go if it may?
void CubeRtlBench::look_at_slot(const VitCubeAsk& ask, bool flags_down, bool grant, const VitCubeOut& out) {
  std::optional<SlotPlan::Tile> tile;
  const bool in_slots = job_ && now_ >= job_->first_slot;
  if (in_slots) tile = job_->plan.at(job_->slot);
  const bool starts = tile && !tile->second;
  const bool checks = starts && tile->l == 0 && job_->plan.mmad.unit_flag != UnitFlag::off;
  const bool reads = starts && (tile->l > 0 || job_->plan.mmad.init == Init::accumulate);
  expect(checks, ask.flag_check, "unit flag check");
  expect(reads, ask.l0c_request, "L0C request");
  if (checks) {
    const Flags flags = granules(job_->plan, *tile);
    expect(flags.first, ask.flag_first, "first granule checked");
    expect(flags.mask, ask.flag_mask, "granules checked");
  }
  const bool goes = starts && (!checks || flags_down) && (!reads || grant);
  expect(goes, out.fired, "tile issued");
  if (starts && !goes) {
    ++frozen_;
    return;
  }
  if (!in_slots) return;
  const SlotPlan& plan = job_->plan;
  const bool tile_done = tile && (plan.cost == 1 || tile->second);
  if (tile_done && tile->l + 1 == plan.kt && plan.mmad.unit_flag == UnitFlag::toggle) {
    const std::uint32_t end_column = (tile->j + 1) * plan.n0;
    if (end_column % 16 == 0 || end_column >= plan.mmad.n) flags_[now_ + depth] = granules(plan, *tile);
  }
  if (++job_->slot == plan.occupancy()) {
    jobs_.push_back(now_ + depth);
    job_.reset();
  }
}

// Granules are 8 rows of a fractal; those with a row below m count.
CubeRtlBench::Flags CubeRtlBench::granules(const SlotPlan& plan, const SlotPlan::Tile& tile) const {
  const Layout at{plan.mmad};
  Flags flags{0, 0};
  flags.first = static_cast<std::uint32_t>(at.c(tile.i * plan.m0, tile.j * plan.n0) / 512);
  for (std::uint32_t g = 0; g * 8 < plan.m0; ++g) {
    if (tile.i * plan.m0 + g * 8 < plan.mmad.m) flags.mask |= 1u << g;
  }
  return flags;
}

void CubeRtlBench::look_at_end(const VitCubeOut& out) {
  const bool ends = !jobs_.empty() && jobs_.front() == now_;
  expect(ends, out.done, "done");
  if (ends) {
    jobs_.pop_front();
    last_end_ = now_;
  }
  const auto flags = flags_.find(now_);
  expect(flags != flags_.end(), out.flag_set, "unit flags raised");
  if (flags == flags_.end()) return;
  expect(flags->second.first, out.flag_set_first, "first granule raised");
  expect(flags->second.mask, out.flag_set_mask, "granules raised");
  flags_.erase(flags);
}

void CubeRtlBench::serve(const VitCubeOut& out) {
  const auto copy = [](const std::vector<std::uint8_t>& from, std::size_t at, std::size_t size, std::uint8_t* to) {
    for (std::size_t i = 0; i < size; ++i) to[i] = at + i < from.size() ? from[at + i] : 0xff;
  };
  const std::size_t row = shape_.k * 2, words = shape_.n * 4;
  if (out.l0a_read) {
    for (int r = 0; r < shape_.m; ++r) copy(memories_.l0a, out.l0a_address[r / 16] + r % 16 * 32, row, &l0a_[r * row]);
    in_.l0a = l0a_.data();
  }
  if (out.l0b_read) {
    for (int r = 0; r < shape_.n; ++r) copy(memories_.l0b, out.l0b_address + r * 32, row, &l0b_[r * row]);
    in_.l0b = l0b_.data();
  }
  if (out.bt_read) {
    copy(memories_.bt, out.bt_address, bt_.size(), bt_.data());
    in_.bt = bt_.data();
  }
  if (out.l0c_read) {
    for (int r = 0; r < shape_.m; ++r) copy(memories_.l0c, out.l0c_read_address + r * 64, words, &l0c_[r * words]);
    in_.l0c = l0c_.data();
  }
  if (!out.l0c_write) return;
  for (int r = 0; r < shape_.m; ++r) {
    if (!(out.row_mask >> r & 1)) continue;
    for (int c = 0; c < shape_.n; ++c) {
      if (!(out.column_mask >> c & 1)) continue;
      std::memcpy(&memories_.l0c.at(out.l0c_write_address + r * 64 + c * 4), &out.l0c_data[r * shape_.n + c], 4);
    }
  }
}

}  // namespace vitruvian::tests

// SPDX-License-Identifier: Apache-2.0
#include "models/kernels/gemm_tiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "models/arch/error.h"
#include "models/kernels/flag_ring.h"
#include "models/kernels/gemm_operand.h"

namespace vitruvian::models {
namespace {

constexpr std::uint64_t word = 4;               // bytes of an accumulator
constexpr std::uint64_t largest_l0 = 4064;      // m, n and k of an mmad end at 4095
constexpr std::uint64_t largest_panel = 16384;  // rows of a copy to L1
// Among estimates as near as this to the best, the shorter program is taken. A large one costs the
// host time, so there more is given for shortness.
constexpr double near = 1.005, near_for_large = 1.03, large_program = 250'000;

std::string text(const TileShape& t) { return fmt::format("{}x{}x{}", t.m, t.n, t.k); }

// Bytes one slot of each buffer takes.
struct SlotBytes {
  std::uint64_t l1, l0a, l0b, l0c, bt;
};

SlotBytes slot_bytes(const GemmProblem& p, const TileShape& l1, const TileShape& l0) {
  const GemmOperand a{L0Buffer::L0A, p}, b{L0Buffer::L0B, p};
  const std::uint64_t bias = p.bias ? round_up(l1.n * word, 64) : 0;
  return {a.panel_bytes(l1.m, l1.k) + b.panel_bytes(l1.n, l1.k) + round_up(bias, 512),
          a.tile_bytes(l0.m, l0.k), b.tile_bytes(l0.n, l0.k), l1.m * l1.n * word, bias};
}

std::uint32_t slots(Bytes buffer, std::uint64_t one, std::uint32_t most) {
  return one == 0 ? most
                  : static_cast<std::uint32_t>(std::min<std::uint64_t>(buffer.value() / one, most));
}

GemmTiles with_slots(const GemmProblem& p, const ChipConfig& chip, TileShape l1, TileShape l0) {
  const SlotBytes bytes = slot_bytes(p, l1, l0);
  const std::uint32_t most = std::min(2u, chip.event_ids);
  GemmTiles t{l1, l0};
  t.l1_slots = slots(chip.l1, bytes.l1, std::min(most_slots, chip.event_ids));
  t.l0_slots = std::min(slots(chip.l0a, bytes.l0a, most), slots(chip.l0b, bytes.l0b, most));
  t.l0c_slots = slots(chip.l0c, bytes.l0c, 2);
  t.bt_slots = slots(chip.bt, bytes.bt, 2);
  return t;
}

// What does not fit, in words; empty if all does.
std::string misfit(const GemmProblem& p, const ChipConfig& chip, const GemmTiles& t) {
  const SlotBytes bytes = slot_bytes(p, t.l1, t.l0);
  const struct {
    std::string_view buffer, tile;
    std::uint64_t need;
    Bytes have;
  } rows[] = {
      {"L0A", "l0", bytes.l0a, chip.l0a},
      {"L0B", "l0", bytes.l0b, chip.l0b},
      {"L0C", "the m x n of l1", bytes.l0c, chip.l0c},
      {"L1", "l1", bytes.l1, chip.l1},
      {"BT", "the bias of l1's n columns", bytes.bt, chip.bt},
  };
  for (const auto& row : rows) {
    if (row.need > row.have.value()) {
      return fmt::format("l1={}, l0={}: {} takes {} B, {} has {} B", text(t.l1), text(t.l0),
                         row.tile, row.need, row.buffer, row.have.value());
    }
  }
  return "";
}

void check_multiple(std::string_view tile, std::string_view of, const TileShape& t,
                    const TileShape& unit) {
  const struct {
    char name;
    std::uint64_t have, unit;
  } rows[] = {{'m', t.m, unit.m}, {'n', t.n, unit.n}, {'k', t.k, unit.k}};
  for (const auto& row : rows) {
    if (row.have == 0 || row.have % row.unit != 0) {
      throw InputError{fmt::format("{}={}: {} = {} is not a multiple of {} ({})", tile, text(t),
                                   row.name, row.have, row.unit, of)};
    }
  }
}

void check_at_most(std::string_view tile, const TileShape& t, std::uint64_t most) {
  if (std::max({t.m, t.n, t.k}) > most) {
    throw InputError{fmt::format("{}={}: more than {} in one direction", tile, text(t), most)};
  }
}

void check_request(const GemmProblem& p, const GemmTileRequest& request) {
  const TileShape granule = gemm_granule(p);
  const std::string_view type = p.dtype == DataType::s8   ? "int8"
                                : p.dtype == DataType::s4 ? "int4"
                                                          : "this dtype";
  const auto unit = fmt::format("the unit of {} here", type);
  if (request.l0) {
    check_multiple("l0", unit, *request.l0, granule);
    check_at_most("l0", *request.l0, largest_l0);
    if (request.l0->k > gemm_longest_k(p)) {
      throw InputError{fmt::format("l0={}: k is more than {}, which this N of an int4 B needs",
                                   text(*request.l0), gemm_longest_k(p))};
    }
  }
  if (request.l1) {
    check_multiple("l1", request.l0 ? "l0" : unit, *request.l1, request.l0 ? *request.l0 : granule);
    check_at_most("l1", *request.l1, largest_panel);
  }
}

// Sizes worth trying along one direction: powers of two, and even cuts of the whole.
std::vector<std::uint64_t> sizes(std::uint64_t whole, std::uint64_t granule) {
  std::vector<std::uint64_t> found;
  const std::uint64_t most = std::min(round_up(whole, granule), largest_l0 / granule * granule);
  for (std::uint64_t s = granule; s < most && s <= 512; s *= 2) found.push_back(s);
  for (std::uint64_t parts = 1; parts <= 8; ++parts) {
    found.push_back(std::min(most, round_up(ceil_div(whole, parts), granule)));
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

// The deepest l0 that fits twice (else once), in even cuts of `whole`; 0 if none does.
std::uint64_t deepest_l0(const GemmProblem& p, const ChipConfig& chip, std::uint64_t m,
                         std::uint64_t n, std::uint64_t whole) {
  const std::uint64_t granule = gemm_granule(p).k;
  const GemmOperand a{L0Buffer::L0A, p}, b{L0Buffer::L0B, p};
  for (const std::uint64_t times : {2, 1}) {
    const std::uint64_t in_a = chip.l0a.value() / times / a.tile_bytes(m, granule);
    const std::uint64_t in_b = chip.l0b.value() / times / b.tile_bytes(n, granule);
    const std::uint64_t longest = std::min(largest_l0, gemm_longest_k(p));
    const std::uint64_t fit = std::min({in_a, in_b, longest / granule}) * granule;
    if (fit > 0) return std::min(fit, round_up(ceil_div(whole, ceil_div(whole, fit)), granule));
  }
  return 0;
}

// Depths of panels worth trying: l0 doubled as long as two fit L1, or one.
std::vector<std::uint64_t> panel_depths(const GemmProblem& p, const ChipConfig& chip, TileShape l1,
                                        TileShape l0) {
  const std::uint64_t most = std::min(round_up(p.k, l0.k), largest_panel / l0.k * l0.k);
  std::vector<std::uint64_t> found{l0.k};
  for (std::uint64_t k = 2 * l0.k; k <= most; k *= 2) {
    if (2 * slot_bytes(p, {l1.m, l1.n, k}, l0).l1 > chip.l1.value()) break;
    found.push_back(k);
  }
  return found;
}

template <class Visit>
void for_each_candidate(const GemmProblem& p, const ChipConfig& chip,
                        const GemmTileRequest& request, const Visit& visit) {
  const TileShape granule = gemm_granule(p);
  const TileShape whole = request.l1.value_or(TileShape{p.m, p.n, p.k});
  const auto ms = request.l0 ? std::vector{request.l0->m} : sizes(whole.m, granule.m);
  const auto ns = request.l0 ? std::vector{request.l0->n} : sizes(whole.n, granule.n);
  for (const std::uint64_t m : ms) {
    for (const std::uint64_t n : ns) {
      const std::uint64_t k = request.l0 ? request.l0->k : deepest_l0(p, chip, m, n, whole.k);
      if (k == 0) continue;
      if (request.l1) {
        if (whole.m % m == 0 && whole.n % n == 0 && whole.k % k == 0) {
          visit(*request.l1, TileShape{m, n, k});
        }
        continue;
      }
      for (const std::uint64_t i : {1, 2, 4}) {
        for (const std::uint64_t j : {1, 2, 4}) {
          const TileShape l0{m, n, k}, l1{m * i, n * j, k};
          if ((i > 1 && l1.m >= p.m + m) || (j > 1 && l1.n >= p.n + n)) continue;
          for (const std::uint64_t depth : panel_depths(p, chip, l1, l0)) {
            visit(TileShape{l1.m, l1.n, depth}, l0);
          }
        }
      }
    }
  }
}

}  // namespace

bool a_is_turned(const GemmProblem& p) { return p.m != 1 && (p.trans_a || p.k == 1); }
bool b_is_turned(const GemmProblem& p) { return p.n != 1 && (!p.trans_b || p.k == 1); }

TileShape gemm_granule(const GemmProblem& p) {
  // Along k a row of a fractal at least, along turned rows a block.
  const auto integer = static_cast<std::uint64_t>(elements_per_block(p.dtype));
  if (is_floating(p.dtype)) return {16, 16, 16};
  return {a_is_turned(p) ? integer : 16u, b_is_turned(p) ? integer : 16u, integer};
}

std::uint64_t gemm_longest_k(const GemmProblem& p) {
  const std::uint64_t over = ceil_div(p.n % 64, 16);  // fractals of the last block
  const bool narrow = p.dtype == DataType::s4 && b_is_turned(p) && (over == 2 || over == 3);
  return narrow ? 64 : largest_l0;
}

void check_gemm_rows(const GemmProblem& p) {
  if (p.dtype != DataType::s4) return;
  const struct {
    const char* operand;
    std::uint64_t row;
  } rows[] = {{"A", a_is_turned(p) ? p.m : p.k}, {"B", b_is_turned(p) ? p.n : p.k}};
  for (const auto& [operand, row] : rows) {
    if (row % 2 != 0) {
      throw InputError{fmt::format(
          "matmul of int4: a row of {} in memory has {} elements; two fill a byte, so it must be even",
          operand, row)};
    }
  }
}

std::vector<Range> pieces(Range whole, std::uint64_t size) {
  std::vector<Range> found;
  for (std::uint64_t at = 0; at < whole.count; at += size) {
    found.push_back({whole.start + at, std::min(size, whole.count - at)});
  }
  return found;
}

GemmTiles choose_gemm_tiles(const GemmProblem& p, const ChipConfig& chip,
                            const GemmTileRequest& request) {
  check_gemm_rows(p);
  check_request(p, request);
  struct Found {
    GemmTiles tiles;
    GemmEstimate cost;
  };
  std::vector<Found> fitting;
  std::string why = "no cut of l1 into l0 tiles fits L0A and L0B";
  for_each_candidate(p, chip, request, [&](TileShape l1, TileShape l0) {
    const GemmTiles tiles = with_slots(p, chip, l1, l0);
    std::string reason = misfit(p, chip, tiles);
    if (reason.empty()) {
      fitting.push_back({tiles, estimate_gemm(p, tiles, chip)});
    } else {
      why = std::move(reason);
    }
  });
  if (fitting.empty()) {
    throw InputError{fmt::format("matmul does not fit the buffers of {}: {}", chip.name, why)};
  }
  const Found& best =
      *std::ranges::min_element(fitting, {}, [](const Found& f) { return f.cost.cycles; });
  const double margin = best.cost.instructions > large_program ? near_for_large : near;
  const Found* chosen = &best;
  for (const Found& f : fitting) {
    if (f.cost.cycles <= margin * best.cost.cycles &&
        f.cost.instructions < chosen->cost.instructions) {
      chosen = &f;
    }
  }
  return chosen->tiles;
}

}  // namespace vitruvian::models

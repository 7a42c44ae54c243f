// SPDX-License-Identifier: Apache-2.0
//
// What a multiplication costs, from sums over its tiles. Names of rules: docs/timing.md.
#include <algorithm>
#include <cmath>

#include "models/kernels/gemm_operand.h"
#include "models/kernels/gemm_tiles.h"

namespace vitruvian::models {
namespace {

constexpr double fractal_bytes = 512;
constexpr double burst_bytes = 128;
constexpr std::uint64_t longest_pitch = 65535;
constexpr double flags_a_step = 4, flags_a_panel = 4;

double up(double a, double b) { return std::ceil(a / b); }

// How many times each thing happens.
struct Counts {
  double blocks_m, blocks_n, blocks;  // of C
  double i, j;                        // l0 tiles in a block, down and across
  double k_steps, panels;             // of a block
  double steps;                       // mmads in all
};

Counts counts(const GemmProblem& p, const GemmTiles& t) {
  Counts c{};
  c.blocks_m = up(p.m, t.l1.m);
  c.blocks_n = up(p.n, t.l1.n);
  c.blocks = c.blocks_m * c.blocks_n;
  c.i = std::min(up(p.m, t.l0.m), up(t.l1.m, t.l0.m));
  c.j = std::min(up(p.n, t.l0.n), up(t.l1.n, t.l0.n));
  c.k_steps = up(p.k, t.l0.k);
  c.panels = up(p.k, t.l1.k);
  c.steps = up(p.m, t.l0.m) * up(p.n, t.l0.n) * c.k_steps;
  return c;
}

// One load of an operand to L0.
struct Load {
  double bytes, instructions;
};
Load l0_load(L0Buffer to, const GemmProblem& p, std::uint64_t rows, std::uint64_t k) {
  const GemmOperand operand{to, p};
  const double bytes = static_cast<double>(operand.tile_bytes(rows, k));
  const double down = up(rows, 16), along = up(static_cast<double>(k * element_size(p.dtype)), 32);
  return {bytes, rows == 1 ? 1 : std::min(down, along)};
}

// One operand's panel: whole 128 B sectors of each row, or a start a row where rows are too long.
double panel_cycles(const GemmProblem& p, bool turned, double rows, double k, double pitch,
                    const ChipConfig& chip) {
  const double size = element_size(p.dtype);
  const double row = (turned ? rows : k) * size, count = turned ? k : rows;
  const bool aligned = std::fmod(pitch * size, burst_bytes) == 0;
  const double sectors = up(row, burst_bytes) + (aligned ? 0 : 1);
  const double port = count * sectors * burst_bytes / static_cast<double>(chip.gm.read_rate.value);
  const double starts = pitch > longest_pitch ? count : 1;
  return std::max(port, starts * static_cast<double>(chip.mte2.setup.value()));
}

double mmad_cycles(const GemmProblem& p, const GemmTiles& t, const Counts& c, const ChipConfig& chip) {
  const double wide = p.dtype == DataType::f32 ? 2 : 1;
  const double depth = chip.cube.k * 2.0 / element_size(p.dtype);
  const double tiles = wide * up(std::min(p.m, t.l0.m), chip.cube.m) * up(std::min(p.n, t.l0.n), chip.cube.n);
  const double visit = static_cast<double>(chip.cube.revisit.value());
  const double all = wide * up(p.m, chip.cube.m) * up(p.n, chip.cube.n) * up(p.k, depth);
  const double start = static_cast<double>(chip.cube.decode.value()) + 2;
  const double barrier = tiles < visit ? static_cast<double>(chip.cube.depth.value()) : 0;
  return all * std::max(1.0, visit / tiles) + c.steps * (start + barrier);
}

}  // namespace

GemmEstimate estimate_gemm(const GemmProblem& p, const GemmTiles& t, const ChipConfig& chip) {
  const Counts c = counts(p, t);
  const double m0 = std::min<double>(t.l0.m, p.m), n0 = std::min<double>(t.l0.n, p.n);
  const double mb = std::min<double>(t.l1.m, p.m), nb = std::min<double>(t.l1.n, p.n);
  const double k1 = std::min<double>(t.l1.k, p.k), k0 = std::min<double>(t.l0.k, p.k);

  const Load a = l0_load(L0Buffer::L0A, p, std::min(t.l0.m, p.m), std::min(t.l0.k, p.k));
  const Load b = l0_load(L0Buffer::L0B, p, std::min(t.l0.n, p.n), std::min(t.l0.k, p.k));
  const double b_loads = c.blocks * c.j * c.k_steps;
  const double a_loads = c.i == 1 ? c.blocks * c.k_steps : c.steps;
  const double tail = static_cast<double>(chip.mte1.load_tail.value());
  const double load_a = a.bytes / static_cast<double>(chip.mte1.l0a_rate.value) + tail * a.instructions;
  const double load_b = b.bytes / static_cast<double>(chip.mte1.l0b_rate.value) + tail * b.instructions;
  const double mte1 = a_loads * load_a + b_loads * load_b + c.steps * 2;

  const auto panels = [&](double k) {
    return panel_cycles(p, a_is_turned(p), mb, k, static_cast<double>(a_is_turned(p) ? p.m : p.k), chip) +
           panel_cycles(p, b_is_turned(p), nb, k, static_cast<double>(b_is_turned(p) ? p.n : p.k), chip);
  };
  const double mte2 = c.blocks * up(p.k, k1) * panels(k1);

  const double fractals = up(m0, 16) * up(n0, 16);
  const double per_fractal = 1 + 1024.0 / static_cast<double>(chip.fix.rate.value);
  const double fix_tile = std::max<double>(chip.fix.setup.value(), per_fractal * fractals);
  const double fix = c.blocks * c.i * c.j * fix_tile;

  const double mmad = mmad_cycles(p, t, c, chip);
  const double step = mmad / c.steps, tiles = c.i * c.j;
  const double drain = t.l0c_slots > 1 ? 0 : std::max(0.0, tiles * fix_tile - (2 * tiles - 2) * step);
  const double m = mmad + drain * (c.blocks - 1);

  const double serial = static_cast<double>(chip.gm.read_latency.value() + chip.mte1.latency.value()) +
                        panels(k0) + load_a + load_b + fix_tile +
                        static_cast<double>(chip.gm.write_latency.value());
  const double cube = t.l0_slots > 1 ? std::max(m, mte1) : m + mte1;
  const double fed = t.l1_slots > 1 ? std::max(cube, mte2) : cube + mte2;

  GemmEstimate e;
  e.cycles = serial + std::max(fed, fix);
  const double barriers = fractals < 10 ? c.steps : 0;
  const bool row_by_row_a = (a_is_turned(p) ? p.m : p.k) > longest_pitch;
  const bool row_by_row_b = (b_is_turned(p) ? p.n : p.k) > longest_pitch;
  const double copies = (row_by_row_a ? (a_is_turned(p) ? k1 : mb) : 1) +
                        (row_by_row_b ? (b_is_turned(p) ? k1 : nb) : 1) +
                        (p.dtype == DataType::f32 ? 2 * up(k1, 16) : 0);
  e.instructions = c.steps * (flags_a_step + 1) + barriers + a_loads * a.instructions +
                   b_loads * b.instructions + c.blocks * c.panels * (flags_a_panel + copies) +
                   c.blocks * c.i * c.j;
  return e;
}

}  // namespace vitruvian::models

// SPDX-License-Identifier: Apache-2.0
//
// What a multiplication costs, from sums over its tiles. Names of rules: docs/timing.md.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/kernels/gemm_operand.h"
#include "models/kernels/gemm_tiles.h"

namespace vitruvian::models {
namespace {

constexpr double fractal_bytes = 512;
constexpr double line_bytes = 512;
constexpr std::uint64_t longest_pitch = 65535;
constexpr double flags_a_step = 4, flags_a_panel = 4;

double up(double a, double b) { return std::ceil(a / b); }

// How many times each thing happens.
struct Counts {
  double blocks;                                          // of C
  double i, j;                                            // l0 tiles in a block, down and across
  double k_steps, panels;                                 // of a block
  double steps;                                           // mmads in all
  double groups() const { return blocks * j * k_steps; }  // steps that share a tile of B
};

Counts counts(const GemmProblem& p, const GemmTiles& t) {
  Counts c{};
  c.blocks = up(p.m, t.l1.m) * up(p.n, t.l1.n);
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
  const double down = up(rows, 16), along = up(static_cast<double>(p.bytes(k)), 32);
  return {bytes, rows == 1 ? 1 : std::min(down, along)};
}

// One operand's panel: whole grains (G1) of each row, or a start a row where rows are too long.
double panel_cycles(const GemmProblem& p, bool turned, double rows, double k, double pitch,
                    const ChipConfig& chip) {
  const double size = element_bits(p.dtype) / 8.0;
  const double row = (turned ? rows : k) * size, count = turned ? k : rows;
  const double grain = static_cast<double>(chip.gm.read_grain.value());
  const bool aligned = std::fmod(pitch * size, grain) == 0;
  const double grains = aligned ? up(row, grain) : row / grain + 1;
  // A burst a cycle at most: a row of one grain may take longer than its bytes.
  const double of_row = grains * grain / static_cast<double>(chip.gm.read_rate.value);
  const double port = count * std::max(up(row, line_bytes), of_row);
  const double starts = pitch > longest_pitch ? count : 1;
  return std::max(port, starts * static_cast<double>(chip.mte2.setup.value()));
}

double mmad_cycles(const GemmProblem& p, const GemmTiles& t, const Counts& c,
                   const ChipConfig& chip) {
  const double wide = p.dtype == DataType::f32 && p.hf32 == Hf32::off ? 2 : 1;
  const double depth = chip.cube.k * 16.0 / element_bits(p.dtype);
  const double tiles =
      wide * up(std::min(p.m, t.l0.m), chip.cube.m) * up(std::min(p.n, t.l0.n), chip.cube.n);
  const double visit = static_cast<double>(chip.cube.revisit.value());
  const double all = wide * up(p.m, chip.cube.m) * up(p.n, chip.cube.n) * up(p.k, depth);
  const double start = static_cast<double>(chip.cube.decode.value()) + 2;
  const double barrier = tiles < visit ? static_cast<double>(chip.cube.depth.value()) : 0;
  return all * std::max(1.0, visit / tiles) + c.steps * (start + barrier);
}

// A block of one L0C slot: the next one's first mmads wait until fixpipe has read what they
// overwrite. While an mmad adds, it reads L0C in every cycle and fixpipe gets its turn by patience
// only (L2).
double drain_stall(double tiles, double fractals, double step, const ChipConfig& chip) {
  const double alone = 1 + 1024.0 / static_cast<double>(chip.fix.rate.value);
  const double beside = alone + static_cast<double>(chip.fix.patience.value());
  double read = 0, finished = fractals, stall = 0;
  const auto run_step = [&] { read = std::min(finished, read + step / beside); };
  for (double t = 1; t < tiles; ++t, finished += fractals) run_step();
  for (double t = 0; t < tiles; ++t) {
    const double wanted = (t + 1) * fractals;
    if (read < wanted) {
      stall +=
          std::max(0.0, (wanted - read) * alone - fractals);  // the first pass follows close behind
      read = wanted;
    }
    run_step();
  }
  return stall;
}

struct Rates {
  double step, load_a, load_b, panel, fix_tile, fix_tile_beside;
};

// M and MTE1 together: a step lasts as long as the loads of the next, where those take longer. The
// first of a group loads B too, the first of a k step always A.
double cube_cycles(const GemmTiles& t, const Counts& c, const Rates& r, const ChipConfig& chip) {
  const double start = static_cast<double>(chip.mte1.latency.value()) + 8;
  const auto step = [&](double load) {
    return t.l0_slots > 1 ? std::max(r.step, load + start) : r.step + load + start;
  };
  const double both = c.i > 1 ? c.groups() : c.blocks * c.k_steps;
  const double b_only = c.groups() - both;
  const double a_only = std::max(0.0, c.steps - both - b_only);
  return both * step(r.load_a + r.load_b) + b_only * step(r.load_b) + a_only * step(r.load_a);
}

// From the first copy to the last mmad: the panels pass through L1's places, a copy waits for the
// one `l1_slots` before it to be loaded to L0. The beginning is played through, the rest goes on at
// the pace of the slowest.
template <class PanelCycles>
double fed_cycles(const GemmProblem& p, const GemmTiles& t, double all_panels, double cube,
                  const Rates& r, const PanelCycles& panel_cycles, const ChipConfig& chip) {
  constexpr std::uint64_t most_played = 32;
  const double latency = static_cast<double>(chip.gm.read_latency.value());
  const double compute = cube / all_panels, k1 = static_cast<double>(std::min(t.l1.k, p.k)),
               k0 = static_cast<double>(std::min(t.l0.k, p.k));
  std::array<double, most_played> freed{};
  const double grain = static_cast<double>(chip.gm.read_grain.value()) * 8 / element_bits(p.dtype);
  double depth = std::min(k1, grain), port = 0, done = 0, left = all_panels;
  for (std::uint64_t i = 0; i < most_played && left > 0; ++i, depth = std::min(2 * depth, k1)) {
    const double part = std::min(left, std::min(depth, k1) / k1);
    port = std::max(port, i >= t.l1_slots ? freed[i - t.l1_slots] : 0) + panel_cycles(part * k1);
    // Its first tiles must be in L0 before the cube begins.
    const double lead = static_cast<double>(chip.mte1.latency.value()) +
                        (r.load_a + r.load_b) * std::min(1.0, part * k1 / k0);
    done = std::max(port + latency + lead, done) + part * compute;
    freed[i] = t.l1_slots > 1 ? done - r.step : done;
    left -= part;
  }
  const double ring =
      t.l1_slots > 1 ? (r.panel + latency) / (t.l1_slots - 1) : compute + r.panel + latency;
  return done + left * std::max({compute, r.panel, ring});
}

}  // namespace

GemmEstimate estimate_gemm(const GemmProblem& p, const GemmTiles& t, const ChipConfig& chip) {
  const Counts c = counts(p, t);
  const double m0 = std::min<double>(t.l0.m, p.m), n0 = std::min<double>(t.l0.n, p.n);
  const double mb = std::min<double>(t.l1.m, p.m), nb = std::min<double>(t.l1.n, p.n);
  const double k1 = std::min<double>(t.l1.k, p.k);
  const double read_latency = static_cast<double>(chip.gm.read_latency.value());
  const auto panels = [&](double k) {
    return panel_cycles(p, a_is_turned(p), mb, k, static_cast<double>(a_is_turned(p) ? p.m : p.k),
                        chip) +
           panel_cycles(p, b_is_turned(p), nb, k, static_cast<double>(b_is_turned(p) ? p.n : p.k),
                        chip);
  };

  const Load a = l0_load(L0Buffer::L0A, p, std::min(t.l0.m, p.m), std::min(t.l0.k, p.k));
  const Load b = l0_load(L0Buffer::L0B, p, std::min(t.l0.n, p.n), std::min(t.l0.k, p.k));
  const double tail = static_cast<double>(chip.mte1.load_tail.value());
  const double fractals = up(m0, 16) * up(n0, 16);
  const double per_fractal = 1 + 1024.0 / static_cast<double>(chip.fix.rate.value);
  const double setup = static_cast<double>(chip.fix.setup.value());
  Rates r{};
  r.step = mmad_cycles(p, t, c, chip) / c.steps;
  r.load_a = a.bytes / static_cast<double>(chip.mte1.l0a_rate.value) + tail * a.instructions;
  r.load_b = b.bytes / static_cast<double>(chip.mte1.l0b_rate.value) + tail * b.instructions;
  r.panel = panels(k1);
  r.fix_tile = std::max(setup, per_fractal * fractals);
  r.fix_tile_beside =
      std::max(setup, (per_fractal + static_cast<double>(chip.fix.patience.value())) * fractals);

  double cube = cube_cycles(t, c, r, chip);
  if (t.l0c_slots == 1) cube += drain_stall(c.i * c.j, fractals, r.step, chip) * (c.blocks - 1);
  const double all_panels = c.blocks * c.panels;
  const double fed = fed_cycles(
      p, t, all_panels, cube, r, [&](double k) { return panels(std::min(k, k1)); }, chip);
  const double fix = c.blocks * c.i * c.j * (t.l0c_slots > 1 ? r.fix_tile_beside : r.fix_tile);
  const double serial = r.fix_tile + static_cast<double>(chip.gm.write_latency.value());

  GemmEstimate e;
  e.cycles = serial + std::max(fed, fix + read_latency);
  const double a_loads = c.i == 1 ? c.blocks * c.k_steps : c.steps;
  const double barriers = fractals < 10 ? c.steps : 0;
  const bool row_by_row_a = (a_is_turned(p) ? p.m : p.k) > longest_pitch;
  const bool row_by_row_b = (b_is_turned(p) ? p.n : p.k) > longest_pitch;
  const double copies = (row_by_row_a ? (a_is_turned(p) ? k1 : mb) : 1) +
                        (row_by_row_b ? (b_is_turned(p) ? k1 : nb) : 1) +
                        (p.dtype == DataType::f32 ? 2 * up(k1, 16) : 0);
  e.instructions = c.steps * (flags_a_step + 1) + barriers + a_loads * a.instructions +
                   c.groups() * b.instructions + all_panels * (flags_a_panel + copies) +
                   c.blocks * c.i * c.j;
  return e;
}

}  // namespace vitruvian::models

// SPDX-License-Identifier: Apache-2.0
#include "tests/tb/report/synthetic.h"

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <tuple>

#include "models/program/encoding.h"
#include "tb/report/timeline.h"

namespace vitruvian::tb {
namespace {

using models::Instruction;
using models::Pipe;
using systemc::State;

constexpr Pipe pipes[] = {Pipe::S, Pipe::M, Pipe::MTE1, Pipe::MTE2, Pipe::FIX};

models::SetFlag set(Pipe from, Pipe to, unsigned id) {
  return {.from = from, .to = to, .id = static_cast<std::uint8_t>(id)};
}
models::WaitFlag wait(Pipe from, Pipe to, unsigned id) {
  return {.from = from, .to = to, .id = static_cast<std::uint8_t>(id)};
}

// Copies of A and B, then four k steps of loads and mmads, then fixpipe; everything
// double-buffered.
models::Program make_program(std::uint32_t tiles) {
  models::Program program{.name = "synthetic", .instructions = {}};
  const auto add = [&](const Instruction& i) { program.instructions.push_back(i); };
  add(models::Scalar{.cost = 20});
  for (std::uint32_t t = 0; t < tiles; ++t) {
    const unsigned half = t % 2;
    if (t >= 2) add(wait(Pipe::MTE1, Pipe::MTE2, half));
    add(models::CopyGmL1Nd2nz{.dst = L1Address{half * 65536},
                              .src = GmAddress{t * 65536ull},
                              .n_value = 128,
                              .d_value = 256,
                              .src_d_value = 1024,
                              .dst_c0_stride = 128});
    add(models::CopyGmL1{.dst = L1Address{131072 + half * 65536},
                         .src = GmAddress{1ull << 24},
                         .block_count = 16,
                         .block_length = 128});
    add(set(Pipe::MTE2, Pipe::MTE1, half));
    add(wait(Pipe::MTE2, Pipe::MTE1, half));
    for (unsigned k = 0; k < 4; ++k) {
      const unsigned l0 = k % 2;
      if (t != 0 || k >= 2) add(wait(Pipe::M, Pipe::MTE1, l0));
      add(models::Load2d{.to = models::L0Buffer::L0A,
                         .dst = L0Address{l0 * 32768},
                         .src = L1Address{k * 4096},
                         .repeat = 32,
                         .src_stride = 4});
      add(models::Load2d{.to = models::L0Buffer::L0B,
                         .dst = L0Address{l0 * 32768},
                         .src = L1Address{131072},
                         .repeat = 16,
                         .transpose = 1});
      add(set(Pipe::MTE1, Pipe::M, l0));
      if (k == 3) add(set(Pipe::MTE1, Pipe::MTE2, half));
      add(wait(Pipe::MTE1, Pipe::M, l0));
      add(models::Mmad{.c = L0cAddress{half * 65536},
                       .a = L0aAddress{l0 * 32768},
                       .b = L0bAddress{l0 * 32768},
                       .m = 128,
                       .n = 64,
                       .k = 64,
                       .init = k == 0 ? models::Init::zero : models::Init::accumulate,
                       .unit_flag = k == 3 ? models::UnitFlag::toggle : models::UnitFlag::check});
      add(set(Pipe::M, Pipe::MTE1, l0));
    }
    add(models::Fixpipe{.dst = GmAddress{(1ull << 30) + t * 16384},
                        .src = L0cAddress{half * 65536},
                        .m = 128,
                        .n = 64,
                        .src_stride = 128,
                        .dst_stride = 1024,
                        .acc = DataType::f32,
                        .quant = models::Quant::F322F16,
                        .unit_flag = models::UnitFlag::toggle,
                        .nz2nd = 1});
    if (t % 16 == 15) add(models::PipeBarrier{.on = Pipe::FIX});
  }
  return program;
}

// Cycles an instruction takes, and how soon its successor may start.
struct Cost {
  std::uint64_t length, spacing;
};

Cost cost_of(const Instruction& instruction, std::mt19937_64& random) {
  if (std::holds_alternative<models::Scalar>(instruction)) return {20, 20};
  if (std::holds_alternative<models::Mmad>(instruction)) return {150, 130};
  if (std::holds_alternative<models::Load2d>(instruction)) return {100, 65};
  if (std::holds_alternative<models::Fixpipe>(instruction)) return {420, 300};
  if (is_sync(instruction)) return {1, 1};
  return {520 + random() % 160, 190};
}

// In-order queues with flags; program order is also an order in which all of it can be worked out.
class Scheduler {
 public:
  Scheduler(const models::Program& program, std::uint64_t seed)
      : program_{program}, random_{seed} {}

  systemc::CoreResult run(const std::string& name, std::uint64_t trace_limit) {
    for (std::uint32_t n = 0; n < program_.instructions.size(); ++n) place(n);
    std::uint64_t end = 0;
    for (const auto& record : core_.records) end = std::max(end, record.end.value() + 1);
    for (const Pipe pipe : pipes) advance(pipe, end, State::done);
    core_.name = name;
    core_.kind = "AIC";
    core_.cycles = Cycles{end};
    core_.instructions = program_.instructions.size();
    for (const Pipe pipe : pipes) core_.pipes.push_back({pipe, states_[pipe]});
    cut(trace_limit);
    return std::move(core_);
  }

 private:
  void advance(Pipe pipe, std::uint64_t to, State state) {
    std::uint64_t& at = at_[pipe];
    if (to <= at) return;
    if (!core_.segments.empty() && core_.segments.back().pipe == pipe &&
        core_.segments.back().state == state) {
      core_.segments.back().to = Cycle{to};
    } else {
      core_.segments.push_back({pipe, state, Cycle{at}, Cycle{to}});
    }
    states_[pipe][static_cast<int>(state)] += to - at;
    at = to;
  }

  std::uint64_t issue(Pipe pipe) {
    std::uint64_t cycle = next_issue_;
    auto& queue = queued_[pipe];
    if (pipe != Pipe::S && queue.size() == 32) {
      cycle = std::max(cycle, queue.front() + 1);
      queue.pop_front();
    }
    advance(Pipe::S, cycle, State::queue_full);
    advance(Pipe::S, cycle + 1, State::busy);
    next_issue_ = cycle + 1;
    return cycle;
  }

  void place(std::uint32_t number) {
    const Instruction& instruction = program_.instructions[number];
    const Pipe pipe = models::pipe_of(instruction);
    const std::uint64_t issued = issue(pipe);
    std::uint64_t start = std::max(issued + (pipe == Pipe::S ? 0 : 1), free_[pipe]), end = start;
    if (const auto* flag = std::get_if<models::WaitFlag>(&instruction)) {
      const std::uint64_t up = raised_[{flag->from, flag->to, flag->id}];
      advance(pipe, start, State::empty);
      start = end = std::max(start, up);
      advance(pipe, start, State::flag);
    } else if (const auto* flag = std::get_if<models::SetFlag>(&instruction)) {
      end = raised_[{flag->from, flag->to, flag->id}] = std::max(start, last_end_[pipe]) + 1;
    } else if (std::holds_alternative<models::PipeBarrier>(instruction)) {
      advance(pipe, start, State::empty);
      start = end = std::max(start, last_end_[pipe] + 1);
      advance(pipe, start, State::barrier);
    } else {
      const Cost cost = cost_of(instruction, random_);
      advance(pipe, start, State::empty);
      end = start + cost.length - 1;
      work(pipe, instruction, start, end);
      free_[pipe] = start + cost.spacing;
      next_issue_ = pipe == Pipe::S ? end + 1 : next_issue_;
    }
    free_[pipe] = std::max(free_[pipe], start + 1);
    last_end_[pipe] = std::max(last_end_[pipe], end);
    if (pipe != Pipe::S) queued_[pipe].push_back(start);
    core_.records.push_back({number, pipe, Cycle{issued}, Cycle{start}, Cycle{end}});
  }

  void work(Pipe pipe, const Instruction& instruction, std::uint64_t start, std::uint64_t end) {
    const bool mmad = std::holds_alternative<models::Mmad>(instruction);
    core_.mmads += mmad;
    if (mmad && random_() % 6 == 0) {
      const State state = random_() % 2 ? State::unit_flag : State::bank;
      ++(state == State::bank ? core_.mmads_stalled_by_bank : core_.mmads_stalled_by_unit_flag);
      advance(pipe, start + 8, State::busy);
      advance(pipe, start + 10 + random_() % 30, state);
    }
    if (pipe == Pipe::MTE2) advance(pipe, start + 60, State::busy);
    advance(pipe, end + 1, pipe == Pipe::MTE2 ? State::memory : State::busy);
  }

  // Keeps the first `limit` records, and the segments up to the last cycle of those.
  void cut(std::uint64_t limit) {
    if (core_.records.size() <= limit) return;
    core_.records.resize(limit);
    std::uint64_t end = 0;
    for (const auto& record : core_.records) end = std::max(end, record.end.value() + 1);
    std::erase_if(core_.segments, [&](const auto& segment) { return segment.from.value() >= end; });
    for (auto& segment : core_.segments) segment.to = std::min(segment.to, Cycle{end});
  }

  const models::Program& program_;
  std::mt19937_64 random_;
  systemc::CoreResult core_;
  std::map<Pipe, systemc::StateCycles> states_;
  std::map<Pipe, std::uint64_t> at_, free_, last_end_;
  std::map<Pipe, std::deque<std::uint64_t>> queued_;
  std::map<std::tuple<Pipe, Pipe, unsigned>, std::uint64_t> raised_;
  std::uint64_t next_issue_ = 0;
};

}  // namespace

RunResult synthetic_run(const SyntheticOptions& options) {
  RunResult result;
  result.workload = "matmul:M=1024,N=1024,K=256,dtype=fp16";
  result.numerics = "dot24";
  result.dtype = "fp16";
  result.version = "0.1.0";
  result.command =
      "vitruvian run matmul:M=1024,N=1024,K=256,dtype=fp16 --rtl cube --lockstep --seed 1";
  result.chip.name = "ascend910b3";
  result.chip.description = "made up for tests";
  result.seed = options.seed;
  result.program = make_program(options.tiles);
  for (std::uint32_t c = 0; c < options.cores; ++c) {
    // The same seed: cores of one run end together.
    result.cores.push_back(Scheduler{result.program, options.seed}.run("aic" + std::to_string(c),
                                                                       options.trace_limit));
  }
  result.cycles = result.cores.front().cycles;
  result.launch_cycles = Cycles{9250};
  result.macs = result.macs_padded = 128ull * 64 * 256 * options.tiles * options.cores;
  result.utilisation = static_cast<double>(result.macs) /
                       static_cast<double>(result.cycles.value() * 4096 * options.cores);
  result.check = {.bit_exact = true,
                  .max_abs_error = 2.4e-4,
                  .error_over_bound = 0.31,
                  .ops_reference = "full",
                  .expected_output = {}};
  result.rtl.blocks = {"cube"};
  result.rtl.variant = "fast";
  result.rtl.lockstep.emplace().instructions = result.cores.front().mmads;
  result.host = {.wall_s = 1.84,
                 .cpu_s = 1.79,
                 .simulated_cycles_per_s = 8.1e4,
                 .peak_rss_bytes = 212ull << 20};
  return result;
}

}  // namespace vitruvian::tb

// SPDX-License-Identifier: Apache-2.0
#include "tests/core/timed.h"

#include <ostream>

#include "models/arch/error.h"

namespace vitruvian::tests {

Timed::Timed(const ChipConfig& chip, std::vector<Instruction> instructions, std::size_t trace_limit,
             const systemc::GmAnswers* answers) {
  models::ProgramBuilder builder{"timed", chip};
  for (const Instruction& i : instructions) builder.add(i);
  const models::Program program = builder.take();
  models::Memory gm{chip.gm.size};
  systemc::SimulationOptions options;
  options.values = false;
  options.trace_limit = trace_limit;
  options.gm = answers;
  options.observer = &told_;
  result_ = systemc::Simulation{chip, program, gm, options}.run();
}

Times Timed::at(std::size_t i) const {
  const systemc::Record& r = result_.records.at(i);
  return {r.issue.value(), r.start.value(), r.end.value()};
}

systemc::State Timed::state(Pipe pipe, std::uint64_t cycle) const {
  for (const systemc::Segment& s : result_.segments) {
    if (s.pipe == pipe && s.from <= Cycle{cycle} && Cycle{cycle} < s.to) return s.state;
  }
  throw InternalError{"no such cycle"};
}

std::uint64_t Timed::cycles_in(Pipe pipe, systemc::State state) const {
  for (const systemc::PipeResult& p : result_.pipes) {
    if (p.pipe == pipe) return p.cycles[static_cast<int>(state)];
  }
  throw InternalError{"no such pipe"};
}

std::vector<std::uint64_t> Timed::cycles(systemc::Port port) const {
  std::vector<std::uint64_t> cycles;
  for (const RecordedBeat& beat : beats(port)) cycles.push_back(beat.cycle);
  return cycles;
}

std::vector<std::uint64_t> from_to(std::uint64_t n, std::uint64_t last) {
  std::vector<std::uint64_t> all;
  for (; n <= last; ++n) all.push_back(n);
  return all;
}

std::uint64_t start_to_start(const ChipConfig& chip, const Instruction& instruction) {
  const Timed t{chip, {instruction, instruction}};
  return t.start(1) - t.start(0);
}
std::uint64_t start_to_end(const ChipConfig& chip, const Instruction& instruction) {
  const Timed t{chip, {instruction}};
  return t.end(0) - t.start(0);
}

ChipConfig timing_chip() {
  ChipConfig chip = load_chip("ascend910b1");
  chip.mte1 = {.setup = Cycles{3},
               .load_tail = Cycles{1},
               .latency = Cycles{36},
               .l0a_rate = {256},
               .l0b_rate = {128},
               .bt_rate = {32}};
  chip.mte2 = {.setup = Cycles{20}, .request = Cycles{4}, .in_flight = 32, .outstanding = 256};
  chip.mte3 = {.setup = Cycles{20}, .latency = Cycles{8}, .in_flight = 32};
  chip.fix = {.setup = Cycles{86}, .latency = Cycles{24}, .patience = Cycles{8}, .rate = {128},
              .fb_rate = {32}, .fb_tail = Cycles{15}};
  chip.gm = {.size = chip.gm.size,
             .read_rate = {160},
             .write_rate = {128},
             .read_grain = Bytes{128},
             .read_latency = Cycles{160},
             .write_latency = Cycles{60}};
  return chip;
}

ChipConfig chip_with(std::initializer_list<const char*> settings) {
  ChipConfig chip = timing_chip();
  for (const char* setting : settings) set_chip_key(chip, setting);
  check_chip(chip);
  return chip;
}

std::ostream& operator<<(std::ostream& out, const Times& t) {
  return out << "issue " << t.issue << ", start " << t.start << ", end " << t.end;
}

Mmad mmad(int m, int n, int k, Init init) {
  return {.m = static_cast<std::uint16_t>(m), .n = static_cast<std::uint16_t>(n),
          .k = static_cast<std::uint16_t>(k), .dtype = DataType::f16, .init = init};
}

Fixpipe fixpipe(int m, int n) {
  const int rows = (m + 15) / 16 * 16;
  return {.m = static_cast<std::uint16_t>(m),
          .n = static_cast<std::uint16_t>(n),
          .src_stride = static_cast<std::uint16_t>(rows),
          .dst_stride = static_cast<std::uint32_t>(2 * rows),
          .acc = DataType::f32};
}

FixpipeL1 fixpipe_l1(int m, int n) {
  const Fixpipe to_gm = fixpipe(m, n);
  return {.m = to_gm.m, .n = to_gm.n, .src_stride = to_gm.src_stride,
          .dst_stride = to_gm.dst_stride, .acc = to_gm.acc};
}

}  // namespace vitruvian::tests

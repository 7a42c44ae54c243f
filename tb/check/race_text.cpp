// SPDX-License-Identifier: Apache-2.0
#include "tb/check/race_text.h"

#include <fmt/format.h>

#include "models/program/assembler.h"
#include "tb/check/order_machine.h"

namespace vitruvian::tb {

using models::Pipe;
using models::Program;

namespace {

std::string_view does(bool writes) { return writes ? "writes" : "reads"; }

std::string remedy(const Race& race, Pipe first, Pipe second) {
  if (first == second) {
    return fmt::format("a pipe_barrier on={} between them would", name(first));
  }
  const bool unit_flags = race.bytes.space == Space::L0C;
  return fmt::format("a set_flag from={0} to={1} behind {2} and its wait_flag before {3} would{4}",
                     name(first), name(second), race.first, race.second,
                     unit_flags ? ", or unit flags on both" : "");
}

}  // namespace

std::string instruction_text(std::uint64_t number, const Program& program) {
  return fmt::format("instruction {} ({})", number,
                     models::disassemble(program.instructions[number]));
}

std::string range_text(const ByteRange& bytes) {
  const std::string some =
      bytes.count < bytes.to - bytes.from ? fmt::format(" ({} of them)", bytes.count) : "";
  return fmt::format("{} bytes {:#x} to {:#x}{}", name(bytes.space), bytes.from, bytes.to - 1,
                     some);
}

std::string race_text(const Race& race, const Program& program) {
  const Pipe first = queue_of(program.instructions[race.first]);
  const Pipe second = queue_of(program.instructions[race.second]);
  return fmt::format("{}: {} {}, {} {}; no flag, barrier or unit flag orders them ({})",
                     range_text(race.bytes), instruction_text(race.first, program),
                     does(race.first_writes), instruction_text(race.second, program),
                     does(race.second_writes), remedy(race, first, second));
}

std::string raised_twice_text(std::uint64_t set, std::optional<std::uint32_t> wait,
                              const Program& program) {
  if (!wait) {
    return fmt::format("{} may raise an event that is up: no wait_flag has taken it down before",
                       instruction_text(set, program));
  }
  return fmt::format("{} may raise an event that is up: nothing orders it behind {}",
                     instruction_text(set, program), instruction_text(*wait, program));
}

std::string left_up_text(std::uint64_t set, const Program& program) {
  const bool event = std::holds_alternative<models::SetFlag>(program.instructions[set]);
  return fmt::format("{} leaves {} up at the end of the program", instruction_text(set, program),
                     event ? "its event" : "unit flags");
}

}  // namespace vitruvian::tb

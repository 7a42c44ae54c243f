// SPDX-License-Identifier: Apache-2.0
#include "tb/check/deadlock.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tb/check/race_text.h"

namespace vitruvian::tb {

using models::Pipe;

namespace {

struct Waiting {
  std::uint32_t number;
  std::string for_what;
  std::optional<Pipe> on;  // the queue that would have to move
};

// The first set_flag of this event that has not been done. S deals in order, so what a queue has
// not done is from its head on, or not dealt.
std::optional<std::uint32_t> set_to_come(const OrderMachine& machine,
                                         const models::WaitFlag& wait) {
  const auto& instructions = machine.program().instructions;
  const models::SetFlag wanted{wait.from, wait.to, wait.id};
  std::uint32_t at = machine.next();
  if (const auto head = machine.head(wait.from)) at = *head;
  for (; at < instructions.size(); ++at) {
    const auto* set = std::get_if<models::SetFlag>(&instructions[at]);
    if (set && *set == wanted) return at;
  }
  return std::nullopt;
}

Waiting flag_wait(const OrderMachine& machine, std::uint32_t number, const models::WaitFlag& wait) {
  const std::string event =
      fmt::format("event ({}, {}, {})", name(wait.from), name(wait.to), wait.id);
  const auto set = set_to_come(machine, wait);
  if (!set) return {number, event + ", which no set_flag is left to raise", std::nullopt};
  const bool dealt = *set < machine.next();
  return {number,
          fmt::format("{}, which instruction {} would raise; it {}", event, *set,
                      dealt ? "stands in that queue" : "has not been dispatched"),
          dealt ? wait.from : Pipe::S};
}

Waiting unit_flag_wait(std::uint32_t number, const GranuleRun& run, Pipe pipe) {
  const bool mmad = pipe == Pipe::M;
  return {number,
          fmt::format("the unit flags of L0C bytes {:#x} to {:#x} to be {}",
                      run.first * granule_bytes, (run.first + run.count) * granule_bytes - 1,
                      mmad ? "cleared by a fixpipe" : "raised by an mmad"),
          mmad ? Pipe::FIX : Pipe::M};
}

std::optional<Waiting> dispatch_wait(const OrderMachine& machine) {
  const auto& instructions = machine.program().instructions;
  const std::uint32_t at = machine.next();
  if (at == instructions.size()) return std::nullopt;
  const Pipe pipe = queue_of(instructions[at]);
  if (pipe != Pipe::S) {
    return Waiting{at, fmt::format("a place in the queue of {}", name(pipe)), pipe};
  }
  if (const auto* wait = std::get_if<models::WaitFlag>(&instructions[at])) {
    return flag_wait(machine, at, *wait);
  }
  for (const Pipe queue : OrderMachine::queues) {
    if (machine.head(queue)) return Waiting{at, fmt::format("{} to drain", name(queue)), queue};
  }
  return std::nullopt;
}

std::optional<Waiting> wait_of(const OrderMachine& machine, Pipe pipe) {
  if (pipe == Pipe::S) return dispatch_wait(machine);
  const auto head = machine.head(pipe);
  if (!head) return std::nullopt;
  if (const auto run = machine.held_at(pipe)) return unit_flag_wait(*head, *run, pipe);
  return flag_wait(machine, *head,
                   std::get<models::WaitFlag>(machine.program().instructions[*head]));
}

std::string chain_from(const OrderMachine& machine, Pipe first) {
  std::string chain{name(first)};
  std::vector<Pipe> seen{first};
  for (Pipe at = first;;) {
    const auto waiting = wait_of(machine, at);
    if (!waiting) return chain + " (nothing left to do)";
    if (!waiting->on) return chain + " waits for nobody";
    at = *waiting->on;
    chain += fmt::format(" waits for {}", name(at));
    if (std::ranges::find(seen, at) != seen.end()) return chain;
    seen.push_back(at);
    chain += fmt::format(", {}", name(at));
  }
}

}  // namespace

std::string explain_deadlock(const OrderMachine& machine) {
  std::string text = "deadlock: nothing can move any more";
  std::optional<Pipe> first;
  for (const Pipe pipe : {Pipe::S, Pipe::M, Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX}) {
    const auto waiting = wait_of(machine, pipe);
    if (!waiting) continue;
    if (!first) first = pipe;
    text += fmt::format("\n  {}: {} waits for {}", name(pipe),
                        instruction_text(waiting->number, machine.program()), waiting->for_what);
  }
  if (first) text += fmt::format("\n  chain: {}", chain_from(machine, *first));
  return text;
}

}  // namespace vitruvian::tb

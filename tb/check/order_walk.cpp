// SPDX-License-Identifier: Apache-2.0
//
// OrderMachine's mmads and fixpipes with unit flags: granule by granule.
#include "tb/check/order_machine.h"

namespace vitruvian::tb {

using models::Instruction;
using models::UnitFlag;

// An mmad looks at the flags of a tile before its first step and raises them with its last step; a
// fixpipe looks at those of a fractal before it reads it, and clears them with the read. What it
// has passed stays passed while it waits for the next.
bool OrderMachine::go_on(Queue& queue) {
  Walk& walk = *queue.walk;
  const std::size_t from = walk.at;
  while (walk.at < walk.runs.size() && pass(queue, walk.runs[walk.at])) ++walk.at;
  const bool over = walk.at == walk.runs.size();
  if (!over && walk.at == from) return false;
  tell(queue, from);
  if (over) finish_walk(queue);
  return true;
}

bool OrderMachine::pass(Queue& queue, const GranuleRun& run) {
  Walk& walk = *queue.walk;
  const Instruction& instruction = program_.instructions[walk.number];
  const auto* mmad = std::get_if<models::Mmad>(&instruction);
  if (mmad ? unit_flags_.any_up(run) : !unit_flags_.all_up(run)) return false;
  Known& learns = walk.at == 0 ? queue.known : walk.later;
  if (mmad) {
    unit_flags_.mmad_checks(run, learns);
  } else {
    unit_flags_.fixpipe_checks(run, learns);
  }
  if (unit_flag_of(instruction) != UnitFlag::toggle) return true;
  const UnitFlagStates::By by{place_[walk.number], walk.number, queue.known};
  if (!mmad) unit_flags_.clear(run, by);
  if (mmad && run.completes && has_one_step(*mmad, chip_)) unit_flags_.raise(run, by);
  return true;
}

void OrderMachine::finish_walk(Queue& queue) {
  const Walk walk = std::move(*queue.walk);
  queue.walk.reset();
  const Instruction& instruction = program_.instructions[walk.number];
  const auto* mmad = std::get_if<models::Mmad>(&instruction);
  if (mmad && mmad->unit_flag == UnitFlag::toggle && !has_one_step(*mmad, chip_)) {
    const UnitFlagStates::By by{place_[walk.number], walk.number, queue.known};
    for (const GranuleRun& run : walk.runs) unit_flags_.raise(run, by);
  }
  queue.known.learn(walk.later);
  ++done_;
  for (const Entry& entry : walk.ahead) {
    queue.known.learn(s_history_[entry.s_knew]);
    queue.known.learn(entry.taken);
    if (const auto* flag = std::get_if<models::SetFlag>(&program_.instructions[entry.number])) {
      set(queue.known, *flag, entry.number);
    }
    ++done_;
  }
}

// A wait_flag behind it may take its event, a set_flag may start: it raises when the walk is over.
bool OrderMachine::go_ahead(Queue& queue) {
  if (queue.waiting.empty()) return false;
  Walk& walk = *queue.walk;
  Entry entry = queue.waiting.front();
  const Instruction& instruction = program_.instructions[entry.number];
  if (const auto* flag = std::get_if<models::WaitFlag>(&instruction)) {
    const auto taken = take(*flag, entry.number);
    if (!taken) return false;
    entry.taken = *taken;
  } else if (!std::holds_alternative<models::SetFlag>(instruction) ||
             walk.sets++ >= chip_.pending_sets) {
    return false;
  }
  queue.waiting.pop_front();
  walk.ahead.push_back(entry);
  return true;
}

// The granules passed since `from`; all else it touches with the first of them.
void OrderMachine::tell(Queue& queue, std::size_t from) {
  Walk& walk = *queue.walk;
  const bool over = walk.at == walk.runs.size();
  if (from == 0 && over) return touch(walk.number, {});
  std::vector<bool> fresh;
  for (std::size_t at = from; at < walk.at; ++at) {
    const GranuleRun& run = walk.runs[at];
    const std::size_t end = run.first + run.count;
    if (fresh.size() < end) fresh.resize(end);
    if (walk.told.size() < end) walk.told.resize(end);
    for (std::size_t g = run.first; g < end; ++g) {
      fresh[g] = !walk.told[g];
      walk.told[g] = true;
    }
  }
  touch(walk.number, {.elsewhere = from == 0, .granules = &fresh, .last = over});
}

}  // namespace vitruvian::tb

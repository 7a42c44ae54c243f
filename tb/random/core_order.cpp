// SPDX-License-Identifier: Apache-2.0
#include "tb/random/core_order.h"

#include <algorithm>

#include "models/arch/error.h"
#include "models/program/encoding.h"

namespace vitruvian::tb {
namespace {

using models::Pipe;

constexpr int s_queue = static_cast<int>(Pipe::S);
constexpr std::size_t most_live = 512;  // accesses looked through for each instruction

Pipe pipe_of(int queue) { return static_cast<Pipe>(queue); }

// Does a queue run its own instructions one after the other, for every access? The others get a barrier.
bool orders_itself(int queue) { return queue == s_queue || pipe_of(queue) == Pipe::MTE1; }

}  // namespace

CoreOrder::CoreOrder(models::ProgramBuilder& program, const ChipConfig& chip) : program_{program}, event_ids_{chip.event_ids} {
  for (Pair& pair : pairs_) pair.events.resize(event_ids_);
}

bool CoreOrder::ordered(int queue, const Access& earlier) const {
  // What S did is over before anything later is dispatched.
  if (earlier.queue == s_queue || (earlier.queue == queue && orders_itself(queue))) return true;
  return knows_[queue][earlier.queue] > earlier.index;
}

void CoreOrder::add(const models::Instruction& instruction, std::size_t handed_over) {
  const int queue = static_cast<int>(models::pipe_of(instruction));
  std::vector<Access> own;
  for (const models::Extent& extent : models::footprint(instruction)) {
    own.push_back({queue, 0, extent.space, extent.write, extent.start, extent.end()});
  }
  const auto meet = [&](const Access& a, const Access& b) {
    return a.space == b.space && (a.write || b.write) && a.from < b.to && b.from < a.to;
  };
  for (std::size_t i = 0; i < live_.size(); ++i) {
    const Access earlier = live_[i];  // a barrier below may forget it
    if (ordered(queue, earlier) || std::ranges::none_of(own, [&](const Access& a) { return meet(a, earlier); })) continue;
    if (earlier.space == Space::L0C && handed_over != none && earlier.index >= handed_over) continue;
    require(queue, earlier.queue, earlier.index + 1);
  }
  for (Access& access : own) access.index = program_.size();
  program_.add(instruction);
  live_.insert(live_.end(), own.begin(), own.end());
  forget();
  if (live_.size() > most_live) barrier(Pipe::ALL);
}

void CoreOrder::require(int queue, int from, std::size_t bound) {
  if (queue == from) return barrier(pipe_of(queue));
  Pair& way = pair(from, queue);
  const auto enough = std::ranges::find_if(way.waiting, [&](const Announced& a) { return a.knowledge[from] >= bound; });
  if (enough != way.waiting.end()) return wait(from, queue, static_cast<std::size_t>(enough - way.waiting.begin()));
  if (set(from, queue)) return wait(from, queue, way.waiting.size() - 1);
  if (!way.waiting.empty()) {  // all events are up: one is taken down, and set again once that is known, or all pipes drain
    wait(from, queue, 0);
    if (set(from, queue)) return wait(from, queue, way.waiting.size() - 1);
  }
  barrier(Pipe::ALL);
}

// A free event of the pair, raised behind all the queue holds so far. False if there is none.
bool CoreOrder::set(int from, int to) {
  Pair& way = pair(from, to);
  for (std::uint32_t id = 0; id < event_ids_; ++id) {
    Event& event = way.events[id];
    const bool past = event.waited_at == 0 || to == s_queue || knows_[from][to] >= event.waited_at;
    if (event.up || !past) continue;
    Knowledge knowledge = knows_[from];
    knowledge[from] = program_.size();
    program_.add(models::SetFlag{.from = pipe_of(from), .to = pipe_of(to), .id = static_cast<std::uint8_t>(id)});
    event.up = true;
    way.waiting.push_back({static_cast<std::uint8_t>(id), knowledge});
    return true;
  }
  return false;
}

void CoreOrder::wait(int from, int to, std::size_t which) {
  Pair& way = pair(from, to);
  const Announced flag = way.waiting.at(which);
  way.waiting.erase(way.waiting.begin() + static_cast<std::ptrdiff_t>(which));
  program_.add(models::WaitFlag{.from = pipe_of(from), .to = pipe_of(to), .id = flag.id});
  way.events[flag.id].up = false;
  way.events[flag.id].waited_at = program_.size();
  learn(to, flag.knowledge);
}

// What S has waited for, everybody dispatched later has.
void CoreOrder::learn(int queue, const Knowledge& knowledge) {
  for (int q = 0; q < queue_count; ++q) {
    if (q != queue && queue != s_queue) continue;
    for (int other = 0; other < queue_count; ++other) knows_[q][other] = std::max(knows_[q][other], knowledge[other]);
  }
}

void CoreOrder::announce(Pipe from, Pipe to) {
  if (from != to) set(static_cast<int>(from), static_cast<int>(to));
}

void CoreOrder::barrier(Pipe on) {
  program_.add(models::PipeBarrier{.on = on});
  const std::size_t now = program_.size();
  if (on != Pipe::ALL) {
    knows_[static_cast<int>(on)][static_cast<int>(on)] = now;
    return;
  }
  for (Knowledge& knowledge : knows_) knowledge.fill(now);
  live_.clear();
}

void CoreOrder::finish() {
  for (int from = 0; from < queue_count; ++from) {
    for (int to = 0; to < queue_count; ++to) {
      while (!pair(from, to).waiting.empty()) wait(from, to, 0);
    }
  }
}

// Drops accesses everybody knows to have ended.
void CoreOrder::forget() {
  std::erase_if(live_, [&](const Access& access) {
    for (int queue = 0; queue < queue_count; ++queue) {
      if (!ordered(queue, access)) return false;
    }
    return true;
  });
}

}  // namespace vitruvian::tb

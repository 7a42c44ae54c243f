// SPDX-License-Identifier: Apache-2.0
#include "tb/random/order.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace {

constexpr models::Pipe pipes[] = {models::Pipe::M, models::Pipe::FIX};
// Of a direction: two events always stay for going and coming back.
constexpr std::size_t most_announced(std::size_t events) { return std::min<std::size_t>(events - 2, 2); }

constexpr Ordering::Side other(Ordering::Side side) {
  return side == Ordering::m ? Ordering::fix : Ordering::m;
}

}  // namespace

Ordering::Ordering(models::ProgramBuilder& program, std::uint32_t event_ids) : program_{program} {
  if (event_ids < 2) {
    throw InputError{fmt::format("core.event_ids = {}: random programs need 2: one to go, one to come back", event_ids)};
  }
  for (auto& events : events_) events.resize(event_ids);
}

void Ordering::require(Side to, Side from, std::size_t bound) {
  if (known(to, from, bound)) return;
  if (to == from) return barrier(to);
  const auto flag = std::ranges::find_if(
      waiting_[from], [&](const Announced& a) { return a.knowledge[from] >= bound; });
  if (flag == waiting_[from].end()) return synchronise(from, to);
  const Announced taken = *flag;
  waiting_[from].erase(flag);
  wait(from, to, taken);
}

void Ordering::announce(Side from, Side to) {
  if (waiting_[from].size() >= most_announced(events_[from].size()) || free_events(from).size() < 2) return;
  waiting_[from].push_back(set(from, to));
}

void Ordering::barrier(Side on) {
  const std::size_t here = program_.size();
  program_.add(models::PipeBarrier{.on = pipes[on]});
  Knowledge knowledge = knows_[on];
  knowledge[on] = here;
  learn(on, knowledge);
}

void Ordering::barrier_all() {
  const std::size_t here = program_.size();
  program_.add(models::PipeBarrier{.on = models::Pipe::ALL});
  for (Knowledge& knowledge : knows_) knowledge = {here, here};
}

void Ordering::finish() {
  for (const Side from : {m, fix}) {
    for (const Announced& flag : waiting_[from]) wait(from, other(from), flag);
    waiting_[from].clear();
  }
}

// The last free event of a direction is kept for coming back: a round trip through it frees the rest.
void Ordering::synchronise(Side from, Side to, bool may_recurse) {
  if (may_recurse && free_events(from).size() < 2) synchronise(to, from, false);
  wait(from, to, set(from, to));
}

Ordering::Announced Ordering::set(Side from, Side to) {
  const auto ids = free_events(from);
  ensure(!ids.empty(), "an event is always kept free");
  const std::size_t here = program_.size();
  const std::uint8_t id = ids[here % ids.size()];  // not always the first: every event is used
  program_.add(models::SetFlag{.from = pipes[from], .to = pipes[to], .id = id});
  events_[from][id].announced = true;
  Knowledge knowledge = knows_[from];
  knowledge[from] = here;
  return {id, knowledge};
}

void Ordering::wait(Side from, Side to, const Announced& flag) {
  program_.add(models::WaitFlag{.from = pipes[from], .to = pipes[to], .id = flag.id});
  events_[from][flag.id] = {.announced = false, .waited_at = program_.size()};
  learn(to, flag.knowledge);
}

std::vector<std::uint8_t> Ordering::free_events(Side from) const {
  std::vector<std::uint8_t> ids;
  for (std::size_t id = 0; id < events_[from].size(); ++id) {
    const Event& event = events_[from][id];
    if (!event.announced && known(from, other(from), event.waited_at)) {
      ids.push_back(static_cast<std::uint8_t>(id));
    }
  }
  return ids;
}

void Ordering::learn(Side side, const Knowledge& knowledge) {
  for (const Side from : {m, fix}) {
    knows_[side][from] = std::max(knows_[side][from], knowledge[from]);
  }
}

}  // namespace vitruvian::tb

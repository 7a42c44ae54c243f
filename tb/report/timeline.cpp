// SPDX-License-Identifier: Apache-2.0
#include "tb/report/timeline.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <tuple>

#include <fmt/format.h>

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace {

using models::Instruction;
using models::Pipe;
using systemc::CoreResult;
using systemc::Record;
using systemc::Segment;
using systemc::State;
using systemc::StateCycles;

constexpr std::uint64_t windows_wanted = 120;  // points of the charts over time

const Instruction& instruction_of(const RunResult& result, const Record& record) {
  ensure(record.instruction < result.program.instructions.size(), "a record names no instruction");
  return result.program.instructions[record.instruction];
}

// 1, 2 or 5 times a power of ten, no less than `cycles`.
std::uint64_t round_window(std::uint64_t cycles) {
  for (std::uint64_t decade = 1;; decade *= 10) {
    for (const std::uint64_t step : {1, 2, 5}) {
      if (step * decade >= cycles) return step * decade;
    }
  }
}

// Adds `amount(overlap)` to every window that [from, to) overlaps.
template <class Amount, class Value>
void spread(std::uint64_t from, std::uint64_t to, std::uint64_t window, std::vector<Value>& into,
            Amount amount) {
  for (std::uint64_t w = from / window; w < into.size() && w * window < to; ++w) {
    into[w] += amount(std::min(to, (w + 1) * window) - std::max(from, w * window));
  }
}

// Puts each span in the lowest lane that is free when it starts.
class Lanes {
 public:
  std::uint16_t place(std::uint64_t from, std::uint64_t to) {
    std::size_t lane = 0;
    while (lane < free_from_.size() && free_from_[lane] > from) ++lane;
    if (lane == free_from_.size()) free_from_.push_back(0);
    free_from_[lane] = to;
    return static_cast<std::uint16_t>(lane);
  }
  std::uint16_t count() const { return static_cast<std::uint16_t>(free_from_.size()); }

 private:
  std::vector<std::uint64_t> free_from_;
};

// Cycles of each state in ascending, possibly overlapping, intervals of one pipe.
class StateReader {
 public:
  explicit StateReader(const std::vector<Segment>& segments) : segments_{segments} {}

  StateCycles in(std::uint64_t from, std::uint64_t to) const {
    StateCycles cycles{};
    auto at = std::upper_bound(segments_.begin(), segments_.end(), from,
                               [](std::uint64_t c, const Segment& s) { return c < s.to.value(); });
    for (; at != segments_.end() && at->from.value() < to; ++at) {
      cycles[static_cast<int>(at->state)] +=
          std::min(to, at->to.value()) - std::max(from, at->from.value());
    }
    return cycles;
  }

 private:
  const std::vector<Segment>& segments_;
};

// unit_flag and bank hold a tile of an instruction that has started; the others hold the next
// start.
constexpr State waits[] = {State::memory, State::flag, State::barrier, State::queue_full,
                           State::empty};

void note_wait(Span& span, const StateCycles& cycles) {
  for (const State state : waits) {
    const std::uint64_t here = cycles[static_cast<int>(state)];
    if (here > span.wait_cycles) {
      span.wait = state;
      span.wait_cycles = here;
    }
  }
}

std::vector<Span> spans_of(const RunResult& result, const CoreResult& core, Pipe pipe) {
  std::vector<Span> spans;
  for (std::uint32_t r = 0; r < core.records.size(); ++r) {
    const Record& record = core.records[r];
    if (record.pipe != pipe) continue;
    const Instruction& instruction = instruction_of(result, record);
    const bool raises = std::holds_alternative<models::SetFlag>(instruction);
    spans.push_back({.record = r,
                     .lane = 0,
                     .sync = is_sync(instruction),
                     .from = (raises ? record.end : record.start).value(),
                     .to = record.end.value() + 1});
  }
  return spans;
}

void place_in_lanes(PipeTimeline& pipe) {
  Lanes work, sync;
  // A set_flag is drawn at its raise, which may be later than the start of those behind it.
  std::vector<Span*> order;
  for (Span& span : pipe.spans) order.push_back(&span);
  std::stable_sort(order.begin(), order.end(),
                   [](const Span* a, const Span* b) { return a->from < b->from; });
  for (Span* span : order) span->lane = (span->sync ? sync : work).place(span->from, span->to);
  pipe.lanes = std::max<std::uint16_t>(work.count(), 1);
  pipe.sync_lanes = sync.count();
}

// An instruction's wait counts from the start of the one before it that did work, so that an mmad
// behind a wait_flag is charged the cycles the wait_flag waited.
void note_stalls(const CoreResult& core, PipeTimeline& pipe) {
  const StateReader states{pipe.segments};
  std::uint64_t last_start = 0, last_work_start = 0;
  Span* running = nullptr;
  for (Span& span : pipe.spans) {
    const std::uint64_t start = core.records[span.record].start.value();
    note_wait(span, states.in(span.sync ? last_start : last_work_start, start));
    last_start = start;
    if (span.sync) continue;
    if (running != nullptr) {
      const StateCycles held = states.in(last_work_start, start);
      running->unit_flag_cycles = held[static_cast<int>(State::unit_flag)];
      running->bank_cycles = held[static_cast<int>(State::bank)];
    }
    last_work_start = start;
    running = &span;
  }
  if (running != nullptr) {
    const StateCycles held =
        states.in(last_work_start, core.records[running->record].end.value() + 1);
    running->unit_flag_cycles = held[static_cast<int>(State::unit_flag)];
    running->bank_cycles = held[static_cast<int>(State::bank)];
  }
}

// An entry stands in its queue from its issue to the cycle after its start (docs/timing.md, D1).
std::vector<QueueStep> queue_of(const CoreResult& core, const PipeTimeline& pipe) {
  std::vector<std::pair<std::uint64_t, int>> changes;
  for (const Span& span : pipe.spans) {
    const Record& record = core.records[span.record];
    changes.emplace_back(record.issue.value(), +1);
    changes.emplace_back(record.start.value() + 1, -1);
  }
  std::sort(changes.begin(), changes.end());
  std::vector<QueueStep> steps;
  int entries = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    entries += changes[i].second;
    const bool last_of_cycle = i + 1 == changes.size() || changes[i + 1].first != changes[i].first;
    if (last_of_cycle &&
        (steps.empty() || steps.back().entries != static_cast<std::uint32_t>(entries))) {
      steps.push_back({changes[i].first, static_cast<std::uint32_t>(entries)});
    }
  }
  return steps;
}

// The n-th set_flag of an event belongs to its n-th wait_flag: raising a raised event is an error.
std::vector<FlagArrow> arrows_of(const RunResult& result, const CoreResult& core) {
  std::map<std::tuple<Pipe, Pipe, unsigned>, std::deque<std::uint32_t>> raised;
  std::vector<std::pair<std::tuple<Pipe, Pipe, unsigned>, std::uint32_t>> waiting;
  for (std::uint32_t r = 0; r < core.records.size(); ++r) {
    const Instruction& instruction = instruction_of(result, core.records[r]);
    if (const auto* set = std::get_if<models::SetFlag>(&instruction)) {
      raised[{set->from, set->to, set->id}].push_back(r);
    } else if (const auto* wait = std::get_if<models::WaitFlag>(&instruction)) {
      waiting.push_back({{wait->from, wait->to, wait->id}, r});
    }
  }
  std::vector<FlagArrow> arrows;
  for (const auto& [event, wait] : waiting) {
    auto& sets = raised[event];
    if (sets.empty()) continue;
    arrows.push_back({sets.front(), wait});
    sets.pop_front();
  }
  return arrows;
}

// Useful work of an mmad is spread evenly from its start to the next start, or to its end.
std::vector<double> utilisation_of(const RunResult& result, const CoreResult& core,
                                   const PipeTimeline& cube, const Timeline& timeline) {
  std::vector<double> done(ceil_div(timeline.end, timeline.window), 0.0);
  std::uint64_t next_start = timeline.end;
  for (auto span = cube.spans.rbegin(); span != cube.spans.rend(); ++span) {
    const auto* mmad =
        std::get_if<models::Mmad>(&instruction_of(result, core.records[span->record]));
    if (mmad == nullptr) continue;
    const std::uint64_t to = std::max(span->from + 1, std::min(span->to, next_start));
    const double share =
        static_cast<double>(mmad->m) * static_cast<double>(mmad->n) * static_cast<double>(mmad->k) /
        peak_macs_per_cycle(result.chip.cube, mmad->dtype, mmad->hf32 != models::Hf32::off) /
        static_cast<double>(to - span->from);
    spread(span->from, to, timeline.window, done,
           [&](std::uint64_t cycles) { return share * static_cast<double>(cycles); });
    next_start = span->from;
  }
  for (std::size_t w = 0; w < done.size(); ++w) {
    const std::uint64_t length = std::min(timeline.window, timeline.end - w * timeline.window);
    done[w] /= static_cast<double>(length);
  }
  return done;
}

PipeTimeline pipe_timeline(const RunResult& result, const CoreResult& core, Pipe pipe,
                           const Timeline& timeline) {
  PipeTimeline out{
      .pipe = pipe, .spans = spans_of(result, core, pipe), .segments = {}, .queue = {}, .busy = {}};
  for (const Segment& segment : core.segments) {
    if (segment.pipe == pipe && segment.from < segment.to) out.segments.push_back(segment);
  }
  std::sort(out.segments.begin(), out.segments.end(),
            [](const Segment& a, const Segment& b) { return a.from < b.from; });
  place_in_lanes(out);
  note_stalls(core, out);
  if (pipe != Pipe::S) out.queue = queue_of(core, out);
  out.busy.assign(ceil_div(timeline.end, timeline.window), 0);
  for (const Segment& segment : out.segments) {
    if (segment.state != State::busy) continue;
    spread(segment.from.value(), segment.to.value(), timeline.window, out.busy,
           [](std::uint64_t cycles) { return cycles; });
  }
  return out;
}

}  // namespace

bool is_sync(const Instruction& instruction) {
  return std::holds_alternative<models::SetFlag>(instruction) ||
         std::holds_alternative<models::WaitFlag>(instruction) ||
         std::holds_alternative<models::PipeBarrier>(instruction);
}

Timeline make_timeline(const RunResult& result) {
  Timeline timeline;
  for (const CoreResult& core : result.cores) {
    timeline.recorded += core.records.size();
    timeline.instructions += core.instructions;
    for (const Record& record : core.records)
      timeline.end = std::max(timeline.end, record.end.value() + 1);
    for (const Segment& segment : core.segments)
      timeline.end = std::max(timeline.end, segment.to.value());
  }
  timeline.window =
      round_window(std::max<std::uint64_t>(1, ceil_div(timeline.end, windows_wanted)));
  for (const CoreResult& core : result.cores) {
    CoreTimeline out;
    for (const auto& pipe : core.pipes)
      out.pipes.push_back(pipe_timeline(result, core, pipe.pipe, timeline));
    for (const PipeTimeline& pipe : out.pipes) {
      if (pipe.pipe == Pipe::M) out.utilisation = utilisation_of(result, core, pipe, timeline);
    }
    out.arrows = arrows_of(result, core);
    timeline.cores.push_back(std::move(out));
  }
  return timeline;
}

}  // namespace vitruvian::tb

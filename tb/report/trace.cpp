// SPDX-License-Identifier: Apache-2.0
#include "tb/report/trace.h"

#include <algorithm>
#include <iterator>

#include <fmt/compile.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/program/assembler.h"

namespace vitruvian::tb {
namespace {

using models::Instruction;
using systemc::CoreResult;
using systemc::Record;
using systemc::State;

// Track (thread) numbers of a pipe: its states, its instructions, its flags and barriers.
constexpr int tracks_per_pipe = 1000, state_track = 0, lane_track = 1, sync_track = 500;

int track(models::Pipe pipe, int kind, int lane = 0) {
  return (static_cast<int>(pipe) + 1) * tracks_per_pipe + kind + lane;
}

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Writes events one a line. `pid` is the core's number from 1 on.
class Writer {
 public:
  template <class Format, class... Args>
  void event(const Format& format, const Args&... args) {
    if (events_++ != 0) text_ += ",\n";
    fmt::format_to(std::back_inserter(text_), format, args...);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::size_t events_ = 0;
};

void name_process(Writer& out, int pid, const CoreResult& core) {
  out.event(FMT_COMPILE(R"({{"ph":"M","pid":{},"name":"process_name","args":{{"name":{}}}}})"), pid,
            json_text(core.name + " (" + core.kind + ")"));
  out.event(FMT_COMPILE(
                R"({{"ph":"M","pid":{},"name":"process_sort_index","args":{{"sort_index":{}}}}})"),
            pid, pid);
}

void name_track(Writer& out, int pid, int tid, const std::string& name) {
  out.event(
      FMT_COMPILE(R"({{"ph":"M","pid":{},"tid":{},"name":"thread_name","args":{{"name":{}}}}})"),
      pid, tid, json_text(name));
  out.event(
      FMT_COMPILE(
          R"({{"ph":"M","pid":{},"tid":{},"name":"thread_sort_index",)"
          R"("args":{{"sort_index":{}}}}})"),
      pid, tid, tid);
}

void name_tracks(Writer& out, int pid, const PipeTimeline& pipe) {
  const std::string name{models::name(pipe.pipe)};
  name_track(out, pid, track(pipe.pipe, state_track), name + " state");
  for (int lane = 0; lane < pipe.lanes; ++lane) {
    name_track(out, pid, track(pipe.pipe, lane_track, lane),
               lane == 0 ? name : fmt::format("{} overlap {}", name, lane));
  }
  for (int lane = 0; lane < pipe.sync_lanes; ++lane) {
    name_track(out, pid, track(pipe.pipe, sync_track, lane),
               lane == 0 ? name + " flags" : fmt::format("{} flags {}", name, lane));
  }
}

int track_of(const PipeTimeline& pipe, const Span& span) {
  return track(pipe.pipe, span.sync ? sync_track : lane_track, span.lane);
}

void write_span(Writer& out, int pid, const PipeTimeline& pipe, const Span& span,
                const Record& record, const Instruction& instruction) {
  out.event(
      FMT_COMPILE(
          R"({{"ph":"X","pid":{},"tid":{},"ts":{},"dur":{},"name":"{}","cat":"{}",)"
          R"("args":{{"instruction":{},"text":"{}","issue":{},"start":{},"end":{},)"
          R"("wait":"{}","wait_cycles":{},"unit_flag_cycles":{},"bank_cycles":{}}}}})"),
      pid, track_of(pipe, span), span.from, span.to - span.from, models::info(instruction).name,
      span.sync ? "flag" : "instruction", record.instruction, models::disassemble(instruction),
      record.issue.value(), record.start.value(), record.end.value(),
      span.wait_cycles == 0 ? std::string_view{"none"}
                            : systemc::state_names[static_cast<int>(span.wait)],
      span.wait_cycles, span.unit_flag_cycles, span.bank_cycles);
}

void write_spans(Writer& out, int pid, const RunResult& result, const CoreResult& core,
                 const PipeTimeline& pipe) {
  // By lane, so that time never steps back within a track.
  std::vector<std::vector<const Span*>> lanes(pipe.lanes + pipe.sync_lanes);
  for (const Span& span : pipe.spans)
    lanes[span.sync ? pipe.lanes + span.lane : span.lane].push_back(&span);
  for (auto& lane : lanes) {
    std::stable_sort(lane.begin(), lane.end(),
                     [](const Span* a, const Span* b) { return a->from < b->from; });
    for (const Span* span : lane) {
      const Record& record = core.records[span->record];
      write_span(out, pid, pipe, *span, record, result.program.instructions[record.instruction]);
    }
  }
}

void write_states(Writer& out, int pid, const PipeTimeline& pipe) {
  for (const systemc::Segment& segment : pipe.segments) {
    const std::string_view name = systemc::state_names[static_cast<int>(segment.state)];
    out.event(
        FMT_COMPILE(R"({{"ph":"X","pid":{},"tid":{},"ts":{},"dur":{},"name":"{}","cat":"state"}})"),
        pid, track(pipe.pipe, state_track), segment.from.value(),
        (segment.to - segment.from).value(), name);
  }
}

void write_counters(Writer& out, int pid, const PipeTimeline& pipe, const Timeline& timeline) {
  const std::string_view name = models::name(pipe.pipe);
  for (const QueueStep& step : pipe.queue) {
    out.event(
        FMT_COMPILE(R"({{"ph":"C","pid":{},"ts":{},"name":"{} queue","args":{{"entries":{}}}}})"),
        pid, step.cycle, name, step.entries);
  }
  for (std::size_t w = 0; w < pipe.busy.size(); ++w) {
    const std::uint64_t from = w * timeline.window,
                        length = std::min(timeline.window, timeline.end - from);
    out.event(
        FMT_COMPILE(R"({{"ph":"C","pid":{},"ts":{},"name":"{} busy %","args":{{"busy":{:.1f}}}}})"),
        pid, from, name, 100.0 * static_cast<double>(pipe.busy[w]) / static_cast<double>(length));
  }
}

// Both ends lie inside the one-cycle boxes of the set_flag and the wait_flag.
void write_arrows(Writer& out, int pid, const RunResult& result, const CoreResult& core,
                  const CoreTimeline& timeline, std::size_t& id) {
  std::vector<std::pair<const PipeTimeline*, const Span*>> drawn(core.records.size());
  for (const PipeTimeline& pipe : timeline.pipes) {
    for (const Span& span : pipe.spans) drawn[span.record] = {&pipe, &span};
  }
  for (const FlagArrow& arrow : timeline.arrows) {
    const auto [set_pipe, set] = drawn[arrow.set];
    const auto [wait_pipe, wait] = drawn[arrow.wait];
    if (set == nullptr || wait == nullptr) continue;
    const auto& flag =
        std::get<models::SetFlag>(result.program.instructions[core.records[arrow.set].instruction]);
    const std::string name =
        fmt::format("{} to {} #{}", models::name(flag.from), models::name(flag.to), flag.id);
    ++id;
    out.event(
        FMT_COMPILE(R"({{"ph":"s","pid":{},"tid":{},"ts":{},"id":{},"name":"{}","cat":"flag"}})"),
        pid, track_of(*set_pipe, *set), set->from, id, name);
    out.event(
        FMT_COMPILE(
            R"({{"ph":"f","bp":"e","pid":{},"tid":{},"ts":{},"id":{},"name":"{}","cat":"flag"}})"),
        pid, track_of(*wait_pipe, *wait), wait->from, id, name);
  }
}

std::string note(const Timeline& timeline) {
  if (timeline.complete()) return "complete";
  return fmt::format("cut: the first {} of {} instructions (cycles 0 to {})", timeline.recorded,
                     timeline.instructions, timeline.end);
}

std::string head(const RunResult& result, const Timeline& timeline) {
  return fmt::format(
      "{{\"displayTimeUnit\":\"ns\",\n\"otherData\":{{\"workload\":{},\"chip\":{},\"clock_mhz\":{},"
      "\"time_unit\":\"one microsecond shown is one core cycle\",\"cycles\":{},\"extent\":{},"
      "\"recorded_instructions\":{},\"instructions\":{},\"version\":{}}},\n\"traceEvents\":[\n",
      json_text(result.workload), json_text(result.chip.name), result.chip.clock_mhz(),
      result.cycles.value(), json_text(note(timeline)), timeline.recorded, timeline.instructions,
      json_text(result.version));
}

}  // namespace

std::string trace_json(const RunResult& result, const Timeline& timeline) {
  Writer out;
  std::size_t arrow_id = 0;
  for (std::size_t c = 0; c < timeline.cores.size(); ++c) {
    const CoreResult& core = result.cores[c];
    const int pid = static_cast<int>(c) + 1;
    name_process(out, pid, core);
    for (const PipeTimeline& pipe : timeline.cores[c].pipes) {
      name_tracks(out, pid, pipe);
      write_states(out, pid, pipe);
      write_spans(out, pid, result, core, pipe);
      write_counters(out, pid, pipe, timeline);
    }
    write_arrows(out, pid, result, core, timeline.cores[c], arrow_id);
  }
  if (!timeline.complete()) {
    out.event(FMT_COMPILE(R"({{"ph":"i","s":"g","pid":1,"tid":0,"ts":{},"name":{}}})"),
              timeline.end, json_text("trace " + note(timeline)));
  }
  return head(result, timeline) + out.take() + "\n]}\n";
}

}  // namespace vitruvian::tb

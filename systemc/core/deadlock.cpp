// SPDX-License-Identifier: Apache-2.0
#include "systemc/core/deadlock.h"

#include <fmt/format.h>

#include <vector>

namespace vitruvian::systemc {
namespace {

// What one part waits for: in words, and the part that would have to move.
struct Wait {
  std::uint32_t instruction;
  std::string for_what;
  std::optional<Part> on;
};

constexpr std::string_view part_names[] = {"", "S", "M", "FIX", "MTE1", "MTE2", "MTE3"};
std::string_view name_of(Part part) { return part_names[static_cast<int>(part)]; }

class Explanation {
 public:
  Explanation(const PipeContext& context, const Dispatch& dispatch, const Dispatch::Pipes& pipes)
      : context_{context}, dispatch_{dispatch}, pipes_{pipes} {}

  std::optional<Wait> wait_of(Part part) const {
    if (part == Part::S) return dispatch_wait();
    const Pipe* pipe = pipe_of(part);
    if (const auto held = pipe->held()) return Wait{held->instruction, held->by, held->on};
    if (const auto head = pipe->head()) return head_wait(part, *head);
    return std::nullopt;
  }

 private:
  const Pipe* pipe_of(Part part) const { return pipes_[static_cast<int>(part)]; }

  std::optional<Wait> dispatch_wait() const {
    if (dispatch_.done()) return std::nullopt;
    const std::uint32_t at = dispatch_.next();
    if (const auto* flag = std::get_if<models::WaitFlag>(&context_.program[at]);
        flag != nullptr && flag->to == models::Pipe::S) {
      return flag_wait(at, *flag);
    }
    if (const auto part = context_.dispatch_waits_for_place) {
      return Wait{at, fmt::format("a place in the queue of {}", name_of(*part)), part};
    }
    for (const Part part : {Part::M, Part::FIX, Part::MTE1, Part::MTE2, Part::MTE3}) {
      if (pipe_of(part)->drained()) continue;
      return Wait{at, fmt::format("{} to drain", name_of(part)), part};
    }
    return std::nullopt;
  }

  Wait head_wait(Part part, std::uint32_t head) const {
    if (const auto* flag = std::get_if<models::WaitFlag>(&context_.program[head])) {
      return flag_wait(head, *flag);
    }
    if (std::holds_alternative<models::SetFlag>(context_.program[head])) {
      return Wait{head,
                  fmt::format("a place among the {} set_flags that have started and not raised",
                              context_.chip.pending_sets),
                  part};
    }
    return Wait{head, "earlier instructions of its own queue to end", part};
  }

  Wait flag_wait(std::uint32_t at, const models::WaitFlag& wait) const {
    const Part from = part_of(wait.from);
    const std::string event =
        fmt::format("event ({}, {}, {})", name(wait.from), name(wait.to), wait.id);
    const std::uint32_t first_left = first_not_started(from);
    for (std::uint32_t i = first_left; i < context_.program.size(); ++i) {
      const auto* set = std::get_if<models::SetFlag>(&context_.program[i]);
      if (set == nullptr || *set != models::SetFlag{wait.from, wait.to, wait.id}) continue;
      const std::string_view where =
          i < dispatch_.next() ? "stands in that queue" : "has not been dispatched";
      return {at, fmt::format("{}, which instruction {} would raise; it {}", event, i, where),
              i < dispatch_.next() ? from : Part::S};
    }
    if (from != Part::S && pipe_of(from)->open() > 0) {
      return {at, fmt::format("{}, raised once {} has ended what it is at", event, name_of(from)),
              from};
    }
    return {at, fmt::format("{}, which no set_flag is left to raise", event), std::nullopt};
  }

  std::uint32_t first_not_started(Part part) const {
    if (part == Part::S) return dispatch_.next();
    return pipe_of(part)->head().value_or(dispatch_.next());
  }

  const PipeContext& context_;
  const Dispatch& dispatch_;
  const Dispatch::Pipes& pipes_;
};

// The parts reached from `first` by asking who waits for whom, up to the first that comes again.
std::string chain_from(Part first, const Explanation& explanation) {
  std::string chain{name_of(first)};
  std::vector<Part> seen{first};
  for (Part at = first;;) {
    const auto wait = explanation.wait_of(at);
    if (!wait) return chain + " (nothing left to do)";
    if (!wait->on) return chain + " waits for nobody";
    at = *wait->on;
    chain += fmt::format(" waits for {}", name_of(at));
    if (std::ranges::find(seen, at) != seen.end()) return chain;
    seen.push_back(at);
    chain += fmt::format(", {}", name_of(at));
  }
}

}  // namespace

std::string text_of(const models::Instruction& instruction) {
  const models::InstructionInfo& row = models::info(instruction);
  std::string text{row.name};
  for (const models::FieldInfo& field : row.fields) {
    const std::uint64_t value = field.get(instruction);
    if (field.kind == models::FieldKind::enumeration) {
      text += fmt::format(" {}={}", field.name,
                          models::enum_name(field.values, static_cast<std::uint8_t>(value)));
    } else {
      text += fmt::format(" {}={}", field.name, value);
    }
  }
  return text;
}

std::string explain_deadlock(const PipeContext& context, const Dispatch& dispatch,
                             const Dispatch::Pipes& pipes, Cycle now) {
  const Explanation explanation{context, dispatch, pipes};
  std::string text = fmt::format("deadlock: nothing can move after cycle {}", now.value());
  std::optional<Part> first;
  for (const Part part : {Part::S, Part::M, Part::MTE1, Part::MTE2, Part::MTE3, Part::FIX}) {
    const auto wait = explanation.wait_of(part);
    if (!wait) continue;
    if (!first) first = part;
    const std::string at = text_of(context.program[wait->instruction]);
    text += fmt::format("\n  {}: instruction {} ({}) waits for {}", name_of(part),
                        wait->instruction, at, wait->for_what);
  }
  if (first) text += fmt::format("\n  chain: {}", chain_from(*first, explanation));
  return text;
}

}  // namespace vitruvian::systemc

// SPDX-License-Identifier: Apache-2.0
#include "tb/validate/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace {

using models::Pipe;
using systemc::State;

struct Rule {
  std::string_view name;
  Column column;
  Pipe pipe;
  std::vector<State> states;
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> table = {
      {"task", Column::task, Pipe::ALL, {}},
      {"mac", Column::mac, Pipe::M, {State::busy, State::unit_flag, State::bank}},
      {"mte1", Column::mte1, Pipe::MTE1, {State::busy, State::memory}},
      {"mte2", Column::mte2, Pipe::MTE2, {State::busy, State::memory}},
      {"scalar", Column::scalar, Pipe::S, {State::busy}},
      {"fixpipe", Column::fixpipe, Pipe::FIX, {State::busy, State::memory, State::bank, State::unit_flag}},
  };
  return table;
}

// Stretches of cycles in one of the rule's states, nothing in between.
struct Counted {
  std::uint64_t cycles = 0, stretches = 0;
};
Counted count(const systemc::CoreResult& run, const Rule& rule) {
  Counted counted;
  Cycle last{0};
  for (const systemc::Segment& segment : run.segments) {
    if (segment.pipe != rule.pipe || std::ranges::find(rule.states, segment.state) == rule.states.end()) continue;
    counted.cycles += (segment.to - segment.from).value();
    counted.stretches += counted.stretches == 0 || segment.from > last;
    last = segment.to;
  }
  return counted;
}

}  // namespace

Column column_of(const std::string& name) {
  std::string known;
  for (const Rule& rule : rules()) {
    if (rule.name == name) return rule.column;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", rule.name);
  }
  throw InputError{fmt::format("column '{}' is none of {}", name, known)};
}

std::uint64_t cycles_of(const systemc::CoreResult& run, Column column, const Profile& profile) {
  if (column == Column::task) return run.cycles.value();
  const Counted counted = count(run, *std::ranges::find(rules(), column, &Rule::column));
  return counted.cycles + (column == Column::mac ? counted.stretches * profile.mac_wake : 0);
}

}  // namespace vitruvian::tb

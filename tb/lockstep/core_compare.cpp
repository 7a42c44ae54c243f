// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/core_compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/program/encoding.h"
#include "systemc/core/deadlock.h"

namespace vitruvian::tb {
namespace {

using systemc::Port;

constexpr std::string_view times[] = {"issue", "start", "end"};
constexpr std::string_view sides[] = {"RTL", "SystemC"};

// Whose beats a port carries, to name an instruction.
models::Pipe pipe_of(Port port) {
  using models::Pipe;
  constexpr Pipe pipes[systemc::port_count] = {Pipe::MTE1, Pipe::MTE3, Pipe::FIX,  Pipe::MTE2, Pipe::FIX,  Pipe::MTE1, Pipe::MTE2, Pipe::MTE1,
                                               Pipe::MTE2, Pipe::M,    Pipe::M,    Pipe::M,    Pipe::M,    Pipe::FIX,  Pipe::MTE1, Pipe::M,
                                               Pipe::FIX,  Pipe::FIX,  Pipe::MTE2, Pipe::S,    Pipe::FIX,  Pipe::MTE3};
  return pipes[static_cast<int>(port)];
}

std::string_view port_name(Port port) { return systemc::port_names[static_cast<int>(port)]; }
std::string_view state_name(systemc::State state) { return systemc::state_names[static_cast<int>(state)]; }

}  // namespace

CoreCompare::CoreCompare(const models::Program& program)
    : program_{program}, faces_{Face{*this, rtl_side}, Face{*this, twin_side}},
      times_{std::vector<Times>(program.instructions.size()), std::vector<Times>(program.instructions.size())} {}

void CoreCompare::note(Side side, std::uint32_t instruction, int which, Cycle at) {
  Times& own = times_[side].at(instruction);
  own.cycle[which] = at;
  own.known[which] = true;
  const Times& other = times_[1 - side][instruction];
  if (!other.known[which]) return;
  if (which == 2) ++found_.instructions;
  if (other.cycle[which] == at) return;
  const Cycle rtl = times_[rtl_side][instruction].cycle[which], twin = times_[twin_side][instruction].cycle[which];
  report(std::min(rtl, twin), found_.cycle_mismatches,
         fmt::format("instruction {} ({}): {} in cycle {} in the RTL, in cycle {} in SystemC", instruction,
                     systemc::text_of(program_.instructions[instruction]), times[which], rtl.value(), twin.value()));
}

// The two sides cut their runs differently: what both have told is compared, and the rest waits.
void CoreCompare::take_state(Side side, models::Pipe pipe, const Run& run) {
  if (run.from == run.to) return;
  std::deque<Run>& own = states_[side][static_cast<int>(pipe)].runs;
  std::deque<Run>& other = states_[1 - side][static_cast<int>(pipe)].runs;
  own.push_back(run);
  while (!own.empty() && !other.empty()) {
    Run &a = own.front(), &b = other.front();
    const Cycle to = std::min(a.to, b.to);
    ++found_.state_runs;
    if (a.state != b.state) {
      const systemc::State rtl = side == rtl_side ? a.state : b.state, twin = side == rtl_side ? b.state : a.state;
      report(a.from, found_.cycle_mismatches,
             fmt::format("pipe {} from cycle {} to {}: {} in the RTL, {} in SystemC{}", name(pipe), a.from.value(),
                         (to - Cycles{1}).value(), state_name(rtl), state_name(twin), at_work(pipe, a.from)));
    }
    a.from = b.from = to;
    if (a.from == a.to) own.pop_front();
    if (b.from == b.to) other.pop_front();
  }
}

CoreCompare::Beat CoreCompare::take_spare() {
  if (spare_.empty()) return {};
  Beat beat = std::move(spare_.back());
  spare_.pop_back();
  beat.rows.clear();
  beat.bytes.clear();
  return beat;
}

void CoreCompare::take_beat(Side side, Port port, Cycle at, std::span<const systemc::BeatRow> rows) {
  Beat beat = take_spare();
  beat.at = at;
  for (const systemc::BeatRow& row : rows) {
    beat.rows.push_back({row.address, row.size, static_cast<std::uint32_t>(beat.bytes.size()), !row.bytes.empty()});
    beat.bytes.insert(beat.bytes.end(), row.bytes.begin(), row.bytes.end());
  }
  std::deque<Beat>& own = beats_[side][static_cast<int>(port)];
  std::deque<Beat>& other = beats_[1 - side][static_cast<int>(port)];
  if (other.empty()) {
    own.push_back(std::move(beat));
    return;
  }
  side == rtl_side ? compare(port, beat, other.front()) : compare(port, other.front(), beat);
  spare_.push_back(std::move(beat));
  spare_.push_back(std::move(other.front()));
  other.pop_front();
}

void CoreCompare::compare(Port port, const Beat& rtl, const Beat& twin) {
  ++found_.beats;
  const auto same_place = [](const Row& a, const Row& b) { return a.address == b.address && a.size == b.size; };
  if (rtl.at == twin.at && std::ranges::equal(rtl.rows, twin.rows, same_place)) return compare_bytes(port, rtl, twin);
  const auto text = [](const Beat& beat) {
    std::vector<std::string> rows;
    for (const Row& row : beat.rows) rows.push_back(fmt::format("{:#x}+{}", row.address, row.size));
    return fmt::format("cycle {}, bytes {}", beat.at.value(), fmt::join(rows, " "));
  };
  const Cycle at = std::min(rtl.at, twin.at);
  report(at, found_.cycle_mismatches,
         fmt::format("{}: RTL in {}; SystemC in {}{}", port_name(port), text(rtl), text(twin), at_work(pipe_of(port), at)));
}

void CoreCompare::compare_bytes(Port port, const Beat& rtl, const Beat& twin) {
  for (std::size_t i = 0; i < rtl.rows.size(); ++i) {
    const Row &a = rtl.rows[i], &b = twin.rows[i];
    if (!a.has_bytes || !b.has_bytes) continue;
    found_.bytes += a.size;
    const auto *got = rtl.bytes.data() + a.first_byte, *want = twin.bytes.data() + b.first_byte;
    const auto differs = std::mismatch(got, got + a.size, want);
    if (differs.first == got + a.size) continue;
    const auto offset = static_cast<std::uint32_t>(differs.first - got), word = offset / 4 * 4;
    const auto hex = [&](const std::uint8_t* bytes) {
      return fmt::format("{:02x}", fmt::join(bytes + word, bytes + std::min(word + 4, a.size), " "));
    };
    return report(rtl.at, found_.value_mismatches,
                  fmt::format("{} in cycle {}, byte {:#x}: {} in the RTL, {} in SystemC (from byte {:#x} on){}", port_name(port),
                              rtl.at.value(), a.address + offset, hex(got), hex(want), a.address + word, at_work(pipe_of(port), rtl.at)));
  }
}

// The instruction of the pipe that was under way in SystemC; the last one to start, if there are several.
std::string CoreCompare::at_work(models::Pipe pipe, Cycle at) const {
  const auto& twin = times_[twin_side];
  for (std::size_t i = twin.size(); i-- > 0;) {
    const Times& t = twin[i];
    if (!t.known[1] || t.cycle[1] > at || (t.known[2] && t.cycle[2] < at)) continue;
    if (models::pipe_of(program_.instructions[i]) != pipe) continue;
    return fmt::format("\n  at work: instruction {} ({})", i, systemc::text_of(program_.instructions[i]));
  }
  return "";
}

void CoreCompare::report(Cycle at, std::uint64_t& count, const std::string& text) {
  ++count;
  if (!found_.first.empty() && at >= first_at_) return;
  first_at_ = at;
  found_.first = fmt::format("cycle {}: {}", at.value(), text);
}

const CoreComparison& CoreCompare::finish() {
  for (std::size_t i = 0; i < program_.instructions.size(); ++i) {
    for (int which = 0; which < 3; ++which) {
      const bool rtl = times_[rtl_side][i].known[which], twin = times_[twin_side][i].known[which];
      if (rtl == twin) continue;
      report(times_[rtl ? rtl_side : twin_side][i].cycle[which], found_.cycle_mismatches,
             fmt::format("instruction {} ({}): {} only in {}", i, systemc::text_of(program_.instructions[i]), times[which], sides[rtl ? 0 : 1]));
    }
  }
  for (const int side : {rtl_side, twin_side}) {
    for (int port = 0; port < systemc::port_count; ++port) {
      for (const Beat& beat : beats_[side][port]) {
        report(beat.at, found_.cycle_mismatches, fmt::format("{}: a beat in cycle {} only in {}", systemc::port_names[port], beat.at.value(), sides[side]));
      }
    }
    for (int pipe = 0; pipe < 8; ++pipe) {
      for (const Run& run : states_[side][pipe].runs) {
        report(run.from, found_.cycle_mismatches,
               fmt::format("pipe {} is {} in cycles {} to {} only in {}", name(static_cast<models::Pipe>(pipe)), state_name(run.state),
                           run.from.value(), (run.to - Cycles{1}).value(), sides[side]));
      }
    }
  }
  return found_;
}

}  // namespace vitruvian::tb

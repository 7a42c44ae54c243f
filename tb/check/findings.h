// SPDX-License-Identifier: Apache-2.0
//
// What the checks of a program's order find (docs/check.md). A struct of its own, so that results
// can hold it without the checks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/arch/address.h"

namespace vitruvian::tb {

enum class RaceKind : std::uint8_t {
  bytes,         // two instructions touch the same bytes, one writes, nothing orders them
  raised_twice,  // a set_flag may find its event still up
  left_up,       // an event or a unit flag is up at the end of the program
};
inline constexpr std::string_view race_kind_names[] = {"bytes", "raised_twice", "left_up"};

// Bytes `from` to `to` - 1 of a memory, of which `count` are meant.
struct ByteRange {
  Space space = Space::GM;
  std::uint64_t from = 0, to = 0, count = 0;
};

struct Race {
  RaceKind kind = RaceKind::bytes;
  std::uint64_t first = 0, second = 0;  // numbers in the program; the same where one is to blame
  bool first_writes = false, second_writes = false;  // kind bytes
  ByteRange bytes;                                   // kind bytes
  std::string text;                                  // for people, one line
};

struct Uninitialised {
  std::uint64_t instruction = 0;
  ByteRange bytes;
  std::string text;
};

// All are counted, the first few kept.
template <class Finding>
struct Findings {
  static constexpr std::size_t most_kept = 10;
  std::uint64_t count = 0;
  std::vector<Finding> kept;
};

struct OrderFindings {
  std::optional<Findings<Race>> races;  // absent: not looked for
  std::optional<Findings<Uninitialised>> uninitialised;
  std::optional<std::string> deadlock;  // who waits for what; absent: none
  bool clean() const {
    return (!races || races->count == 0) && (!uninitialised || uninitialised->count == 0) &&
           !deadlock;
  }
};

}  // namespace vitruvian::tb

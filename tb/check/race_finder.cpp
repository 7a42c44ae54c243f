// SPDX-License-Identifier: Apache-2.0
#include "tb/check/race_finder.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/arch/error.h"
#include "tb/check/race_text.h"
#include "tb/check/self_order.h"

namespace vitruvian::tb {

using models::Mmad;
using models::Pipe;

RaceFinder::Users& RaceFinder::Users::operator+=(const Users& later) {
  if (later.writer != nobody) return *this = later;
  for (std::size_t r = 0; r < readers.size(); ++r) {
    if (later.readers[r] != nobody) readers[r] = later.readers[r];
  }
  return *this;
}

std::size_t RaceFinder::reader_place(Space space, std::uint32_t number) const {
  const models::Instruction& instruction = machine_.program().instructions[number];
  switch (queue_of(instruction)) {
    case Pipe::S:
    case Pipe::MTE3:
      return 1;
    case Pipe::FIX:
      if (space == Space::L0C) return unit_flag_of(instruction) == models::UnitFlag::off ? 1 : 2;
      return space == Space::L1 ? 2 : 0;
    default:
      return 0;
  }
}

void RaceFinder::access(std::uint32_t number, const Block& block) {
  UsersMap& map = users_[static_cast<std::size_t>(block.space)];
  const Interval whole{block.from, block.to};
  const auto [first, end] = map.equal_range(whole);
  for (auto at = first; at != end; ++at) {
    check(number, at->second,
          {block.space, block.write, std::max(block.from, at->first.lower()),
           std::min(block.to, at->first.upper())});
  }
  Users now;
  if (block.write) {
    now.writer = number;
  } else {
    now.readers[reader_place(block.space, number)] = number;
  }
  map.add({whole, now});
}

// A reader in between that is ordered stands for the writer before it, which was looked at then.
void RaceFinder::check(std::uint32_t number, const Users& users, const Block& bytes) {
  bool writer_is_past = users.writer == nobody || users.writer == number;
  for (const std::uint32_t reader : users.readers) {
    if (reader == nobody || reader == number) continue;
    if (machine_.ended(reader)) writer_is_past = true;
    if (!bytes.write || ordered(reader, false, number, true, bytes.space)) continue;
    conflict(number, reader, false, bytes);
  }
  if (!writer_is_past && !ordered(users.writer, true, number, bytes.write, bytes.space)) {
    conflict(number, users.writer, true, bytes);
  }
}

bool RaceFinder::ordered(std::uint32_t earlier, bool earlier_writes, std::uint32_t number,
                         bool writes, Space space) const {
  if (machine_.ended(earlier)) return true;
  const auto& instructions = machine_.program().instructions;
  const Pipe pipe = queue_of(instructions[number]);
  if (queue_of(instructions[earlier]) != pipe) return false;
  const auto* before = std::get_if<Mmad>(&instructions[earlier]);
  const auto* after = std::get_if<Mmad>(&instructions[number]);
  if (before && after) return is_chain(*before, *after, cube_);
  return orders_itself(pipe, space, earlier_writes, writes);
}

// Granules of L0C a unit flag hands over are left out.
void RaceFinder::conflict(std::uint32_t number, std::uint32_t earlier, bool earlier_writes,
                          const Block& bytes) {
  if (bytes.space != Space::L0C) return add(number, earlier, earlier_writes, bytes);
  for (std::uint64_t g = bytes.from / granule_bytes; g * granule_bytes < bytes.to; ++g) {
    if (machine_.handed_over(earlier, g)) continue;
    add(number, earlier, earlier_writes,
        {bytes.space, bytes.write, std::max(bytes.from, g * granule_bytes),
         std::min(bytes.to, (g + 1) * granule_bytes)});
  }
}

void RaceFinder::add(std::uint32_t number, std::uint32_t earlier, bool earlier_writes,
                     const Block& bytes) {
  for (Conflict& known : conflicts_) {
    if (known.number != number || known.earlier != earlier ||
        known.earlier_writes != earlier_writes || known.now_writes != bytes.write ||
        known.bytes.space != bytes.space) {
      continue;
    }
    known.bytes.from = std::min(known.bytes.from, bytes.from);
    known.bytes.to = std::max(known.bytes.to, bytes.to);
    known.bytes.count += bytes.to - bytes.from;
    return;
  }
  conflicts_.push_back({number,
                        earlier,
                        earlier_writes,
                        bytes.write,
                        {bytes.space, bytes.from, bytes.to, bytes.to - bytes.from}});
}

// ---------------------------------------------------------------- findings

template <class Describe>
void RaceFinder::report(Describe&& describe) {
  if (findings_.count++ >= Findings<Race>::most_kept) return;
  findings_.kept.push_back(describe());
}

void RaceFinder::close(std::uint32_t number) {
  for (const Conflict& c : conflicts_) {
    if (c.number != number) continue;
    report([&] {
      Race race{.kind = RaceKind::bytes,
                .first = c.earlier,
                .second = number,
                .first_writes = c.earlier_writes,
                .second_writes = c.now_writes,
                .bytes = c.bytes,
                .text = {}};
      if (race.first > race.second) {  // not as they stand in the program
        std::swap(race.first, race.second);
        std::swap(race.first_writes, race.second_writes);
      }
      race.text = race_text(race, machine_.program());
      return race;
    });
  }
  std::erase_if(conflicts_, [&](const Conflict& c) { return c.number == number; });
}

void RaceFinder::raised_twice(std::uint32_t set, std::optional<std::uint32_t> wait) {
  report([&] {
    return Race{.kind = RaceKind::raised_twice,
                .first = wait.value_or(set),
                .second = set,
                .bytes = {},
                .text = raised_twice_text(set, wait, machine_.program())};
  });
}

void RaceFinder::left_up(std::uint32_t set) {
  report([&] {
    return Race{.kind = RaceKind::left_up,
                .first = set,
                .second = set,
                .bytes = {},
                .text = left_up_text(set, machine_.program())};
  });
}

}  // namespace vitruvian::tb

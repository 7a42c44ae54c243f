// SPDX-License-Identifier: Apache-2.0
//
// L0C between its two users: who reads in a cycle, M or FIX, and the unit flags they hand results
// over with (docs/timing.md, "L0C sharing"). The bytes stand in models::CoreState.
#pragma once

#include <cstdint>
#include <vector>

#include "models/arch/count.h"
#include "systemc/observe/trace.h"

namespace vitruvian::systemc {

// One bit per granule.
class Granules {
 public:
  explicit Granules(std::uint32_t count) : words_(ceil_div(count, 64)) {}
  bool any(std::uint32_t first, std::uint32_t count) const;
  bool all(std::uint32_t first, std::uint32_t count) const;
  void set(std::uint32_t first, std::uint32_t count);
  void clear(std::uint32_t first, std::uint32_t count);
  // Clears those that are not set in `others`.
  void clear_unless(const Granules& others, std::uint32_t first, std::uint32_t count);
  // Takes over all of `others`, which is left empty.
  void absorb(Granules& others);

 private:
  std::vector<std::uint64_t> words_;
};

// The port FIX reads through. M goes first; FIX refused `patience` times in a row takes the next
// cycle it asks in (GM may hold it, M3: then it does not ask).
class L0cPort {
 public:
  explicit L0cPort(Cycles patience) : patience_{patience.value()} {}

  // Does FIX take the port in this cycle whatever M wants? Known before the cycle.
  bool fix_takes(Cycle now) const { return taken_ == now; }
  // FIX asks, at most once a cycle and until it is granted; if it is not, it asks again in cycle
  // `again`. Is it?
  bool fix_asks(bool m_reads, Cycle now, Cycle again);
  // For a FIX that does not know `again` when it asks: has it been refused so often that it goes first,
  // and when will it ask?
  bool fix_is_next() const { return refused_ >= patience_; }
  void fix_asks_next(Cycle again) { taken_ = again; }

 private:
  std::uint64_t patience_;
  std::uint64_t refused_ = 0;  // in a row
  Cycle taken_ = never;
};

// A flag per 512 B of L0C, in two views: M's, for which a flag is up as soon as the tile that will
// raise it is on its way, and FIX's, for which it is up when the result is there.
class UnitFlags {
 public:
  static constexpr std::uint32_t granule = 512;
  explicit UnitFlags(Bytes l0c)
      : ahead_{granules(l0c)}, claimed_{granules(l0c)}, up_{granules(l0c)} {}

  // M's view. An mmad starts: all tiles of the one before are on their way. Then it claims what it
  // will raise; its own checks do not see that.
  void mmad_starts();
  void claim(std::uint32_t first, std::uint32_t count);
  bool ahead(std::uint32_t first, std::uint32_t count) const { return ahead_.any(first, count); }

  // FIX's view: raised in a cycle before `now`.
  bool all_up(std::uint32_t first, std::uint32_t count, Cycle now);
  void raise(std::uint32_t first, std::uint32_t count, Cycle now);
  bool rising(Cycle now) const { return !rises_.empty() && risen_ == now; }
  // Called after M's turn: M sees it in the next cycle.
  void clear(std::uint32_t first, std::uint32_t count);

 private:
  static std::uint32_t granules(Bytes l0c) {
    return static_cast<std::uint32_t>(l0c.value() / granule);
  }
  struct Rise {
    std::uint32_t first, count;
  };
  void settle(Cycle now);

  Granules ahead_;    // raised, or to be raised by an earlier mmad than the latest
  Granules claimed_;  // to be raised, or raised, by the latest
  bool claims_ = false;
  Granules up_;
  std::vector<Rise> rises_;  // of cycle risen_, seen from the next on
  Cycle risen_;
};

}  // namespace vitruvian::systemc

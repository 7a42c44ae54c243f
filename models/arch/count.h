// SPDX-License-Identifier: Apache-2.0
//
// Whole numbers that know what they count. Bytes add to bytes, never to cycles.
#pragma once

#include <compare>
#include <cstdint>

namespace vitruvian {

// A whole number of one thing. There is no silent way back to an integer: only value() leaves.
template <class Unit>
class Count {
 public:
  constexpr Count() = default;
  constexpr explicit Count(std::uint64_t n) : n_{n} {}
  constexpr std::uint64_t value() const { return n_; }

  constexpr Count& operator+=(Count other) { n_ += other.n_; return *this; }
  constexpr Count& operator++() { ++n_; return *this; }
  friend constexpr Count operator+(Count a, Count b) { return Count{a.n_ + b.n_}; }
  friend constexpr Count operator-(Count a, Count b) { return Count{a.n_ - b.n_}; }
  friend constexpr Count operator*(std::uint64_t factor, Count a) { return Count{factor * a.n_}; }
  friend constexpr auto operator<=>(Count, Count) = default;

 private:
  std::uint64_t n_ = 0;
};

using Cycles = Count<struct CycleUnit>;  // a span of core clock cycles
using Bytes = Count<struct ByteUnit>;

// A point in time: the number of the core clock cycle, from 0 at the start of the run.
class Cycle {
 public:
  constexpr Cycle() = default;
  constexpr explicit Cycle(std::uint64_t n) : n_{n} {}
  constexpr std::uint64_t value() const { return n_; }

  friend constexpr Cycle operator+(Cycle a, Cycles d) { return Cycle{a.n_ + d.value()}; }
  friend constexpr Cycle operator-(Cycle a, Cycles d) { return Cycle{a.n_ - d.value()}; }
  friend constexpr Cycles operator-(Cycle a, Cycle b) { return Cycles{a.n_ - b.n_}; }
  friend constexpr auto operator<=>(Cycle, Cycle) = default;

 private:
  std::uint64_t n_ = 0;
};

// A rate of a port. Rounds up: a partly filled beat still takes its cycle.
struct BytesPerCycle {
  std::uint64_t value;
  friend constexpr auto operator<=>(BytesPerCycle, BytesPerCycle) = default;
};

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }
constexpr std::uint64_t round_up(std::uint64_t a, std::uint64_t b) { return ceil_div(a, b) * b; }

constexpr Cycles cycles_to_move(Bytes size, BytesPerCycle rate) {
  return Cycles{ceil_div(size.value(), rate.value)};
}

}  // namespace vitruvian

// SPDX-License-Identifier: Apache-2.0
//
// Remembers for every byte who wrote it last and who has read it since, and says which accesses
// nothing orders.
#pragma once

#include <boost/icl/interval_map.hpp>
#include <cstdint>
#include <vector>

#include "tb/check/block.h"
#include "tb/check/findings.h"

namespace vitruvian::tb {

class RaceFinder {
 public:
  RaceFinder(const OrderMachine& machine, const CubeConfig& cube)
      : machine_{machine}, cube_{cube} {}

  // The instruction at hand touches these bytes.
  void access(std::uint32_t number, const Block& block);
  // It is through: its conflicts are findings.
  void close(std::uint32_t number);
  void raised_twice(std::uint32_t set, std::optional<std::uint32_t> wait);
  void left_up(std::uint32_t set);

  const Findings<Race>& findings() const { return findings_; }

 private:
  static constexpr std::uint32_t nobody = ~0u;
  // The last reader of each pipe since the last write: it is over after those before it. (FIX has
  // two: one with and one without unit flags.) No memory has more than three.
  struct Users {
    std::uint32_t writer = nobody;
    std::array<std::uint32_t, 3> readers{nobody, nobody, nobody};
    bool operator==(const Users&) const = default;
    Users& operator+=(const Users& later);  // how the map joins what comes to what is there
  };
  using Interval = boost::icl::right_open_interval<std::uint64_t>;
  using UsersMap =
      boost::icl::interval_map<std::uint64_t, Users, boost::icl::partial_absorber, std::less,
                               boost::icl::inplace_plus, boost::icl::inter_section, Interval>;
  struct Conflict {
    std::uint32_t number, earlier;
    bool earlier_writes, now_writes;
    ByteRange bytes;
  };

  std::size_t reader_place(Space space, std::uint32_t number) const;
  void check(std::uint32_t number, const Users& users, const Block& bytes);
  bool ordered(std::uint32_t earlier, bool earlier_writes, std::uint32_t number, bool writes,
               Space space) const;
  void conflict(std::uint32_t number, std::uint32_t earlier, bool earlier_writes,
                const Block& bytes);
  void add(std::uint32_t number, std::uint32_t earlier, bool earlier_writes, const Block& bytes);
  template <class Describe>
  void report(Describe&& describe);

  const OrderMachine& machine_;
  const CubeConfig& cube_;
  std::array<UsersMap, space_count> users_;
  std::vector<Conflict> conflicts_;  // of instructions that are not through
  Findings<Race> findings_;
};

}  // namespace vitruvian::tb

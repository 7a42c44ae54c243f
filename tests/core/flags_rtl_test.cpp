// SPDX-License-Identifier: Apache-2.0
//
// vit_fifo, vit_flags, vit_l0c_arbiter and vit_unit_flags against sets and queues of the standard library.
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <random>
#include <set>
#include <tuple>

#include "tb/common/pins.h"
#include "tb/pipe/block_build.h"

namespace vitruvian::tests {
namespace {

using u64 = std::uint64_t;

tb::BlockBuild checked(const char* block) { return {.block = block, .parameters = {}, .variant = "check", .rtl = {}}; }

TEST(FifoRtl, WordsLeaveInTheOrderTheyCame) {
  tb::Pins fifo{tb::build_block(checked("fifo"))};
  std::mt19937_64 random{std::random_device{}()};
  std::deque<u64> golden;
  for (int cycle = 0; cycle < 5000; ++cycle) {
    const u64 word = random() >> 7;
    const bool push = random() % 8 < (cycle / 100 % 2 ? 6u : 2u), pop = random() % 2;
    fifo.set("in_valid_i", push);
    fifo.set("in_data_i", word);
    fifo.set("in_data_i", word % 4096, 58);
    fifo.set("out_ready_i", pop);
    fifo.settle();
    ASSERT_EQ(fifo.get("count_o"), golden.size());
    ASSERT_EQ(fifo.get("in_ready_o"), golden.size() < 8);
    ASSERT_EQ(fifo.get("out_valid_o"), !golden.empty());
    if (!golden.empty()) {
      ASSERT_EQ(fifo.get("out_data_o"), golden.front());
      ASSERT_EQ(fifo.get("out_data_o", 58), golden.front() % 4096);
    }
    const bool pushed = push && golden.size() < 8;
    if (pop && !golden.empty()) golden.pop_front();
    if (pushed) golden.push_back(word);
    fifo.clock();
  }
}

constexpr std::array<u64, 6> pipes{0, 1, 3, 4, 5, 6};  // S, M, MTE1, MTE2, MTE3, FIX

TEST(FlagsRtl, AnEventIsUpFromItsRaiseUntilItIsTaken) {
  tb::Pins flags{tb::build_block(checked("flags"))};
  std::mt19937_64 random{std::random_device{}()};
  std::set<std::tuple<u64, u64, u64>> up;  // from, to, id
  int taken = 0;
  for (int cycle = 0; cycle < 20'000; ++cycle) {
    // What is waited for with many a queue is hardly ever up: few ids, and waits that stay for a while.
    std::set<std::tuple<u64, u64, u64>> raised;
    u64 raise = 0, wait = 0;
    std::array<std::tuple<u64, u64, u64>, 6> waits;
    for (std::size_t p = 0; p < 6; ++p) {
      const u64 to = pipes[(p + 1 + random() % 5) % 6], id = random() % 2 + 6 * (random() % 2);
      if (random() % 2 && !up.contains({pipes[p], to, id})) {
        raise |= 1 << p;
        raised.insert({pipes[p], to, id});
      }
      flags.set("raise_to_i", to, 3 * p, 3);
      flags.set("raise_id_i", id, 3 * p, 3);
      const u64 from = pipes[(p + 1 + random() % 5) % 6], awaited = random() % 8;
      waits[p] = {from, pipes[p], awaited};
      if (random() % 2) wait |= 1 << p;
      flags.set("wait_from_i", from, 3 * p, 3);
      flags.set("wait_id_i", awaited, 3 * p, 3);
    }
    flags.set("raise_i", raise);
    flags.set("wait_i", wait);
    flags.settle();
    ASSERT_EQ(flags.get("error_o"), 0u);
    up.insert(raised.begin(), raised.end());
    for (std::size_t p = 0; p < 6; ++p) {
      if (!(wait >> p & 1)) continue;
      ASSERT_EQ(flags.get("up_o") >> p & 1, up.contains(waits[p])) << "queue " << p << ", cycle " << cycle;
      taken += static_cast<int>(up.erase(waits[p]));
    }
    flags.clock();
  }
  EXPECT_GT(taken, 1000);
}

TEST(FlagsRtl, RaisingAnEventThatIsUpIsAnErrorEvenIfItIsTakenInThatCycle) {
  tb::Pins flags{tb::build_block(checked("flags"))};
  flags.set("raise_i", 0b000010);  // M raises (M, FIX, 3)
  flags.set("raise_to_i", 6, 3, 3);
  flags.set("raise_id_i", 3, 3, 3);
  flags.settle();
  EXPECT_EQ(flags.get("error_o"), 0u);
  flags.clock();
  flags.set("wait_i", 0b100000);
  flags.set("wait_from_i", 1, 15, 3);
  flags.set("wait_id_i", 3, 15, 3);
  flags.settle();
  EXPECT_EQ(flags.get("error_o"), 0b000010u);
  EXPECT_EQ(flags.get("up_o"), 0b100000u);
  EXPECT_THROW(flags.clock(), std::runtime_error);  // NoEventIsRaisedTwice_A
}

TEST(L0cArbiterRtl, MGoesFirstAndFixWaitsItsPatienceAtMost) {
  tb::Pins arbiter{tb::build_block(checked("l0c_arbiter"))};
  std::mt19937_64 random{std::random_device{}()};
  const u64 patience = 1 + random() % 5;
  arbiter.set("cfg_patience_i", patience);
  u64 refused = 0;
  for (int cycle = 0; cycle < 5000; ++cycle) {
    const bool m = random() % 8 != 0, fix = random() % 4 != 0;
    arbiter.set("m_req_i", m);
    arbiter.set("fix_req_i", fix);
    arbiter.settle();
    const bool first = refused == patience;
    ASSERT_EQ(arbiter.get("fix_gnt_o"), fix && (first || !m));
    ASSERT_EQ(arbiter.get("m_gnt_o"), !(fix && first));
    if (fix) refused = first || !m ? 0 : refused + 1;
    arbiter.clock();
  }
}

TEST(UnitFlagsRtl, MSeesAFlagFromItsTileOnAndFixFromItsResultOn) {
  tb::Pins flags{tb::build_block(checked("unit_flags"))};
  std::mt19937_64 random{std::random_device{}()};
  std::set<u64> ahead, up;
  std::deque<u64> in_flight;  // pairs of granules, claimed and not set
  for (int cycle = 0; cycle < 20'000; ++cycle) {
    const u64 asked = random() % 16 * 2, fixed = random() % 16 * 2, mask = 1 + random() % 3;
    const bool claim = !ahead.contains(asked) && !ahead.contains(asked + 1) && random() % 4 == 0;
    const bool set = !in_flight.empty() && random() % 4 == 0;
    flags.set("m_addr_i", asked);
    flags.set("m_mask_i", claim ? 3 : mask);
    flags.set("m_claim_i", claim);
    flags.set("m_set_i", set);
    flags.set("m_set_addr_i", set ? in_flight.front() : random() % 32);
    flags.set("m_set_mask_i", 3);
    flags.set("fix_addr_i", fixed);
    flags.set("fix_mask_i", mask);
    const bool all = (!(mask & 1) || up.contains(fixed)) && (!(mask & 2) || up.contains(fixed + 1));
    const bool clear = all && random() % 4 == 0;
    flags.set("fix_clear_i", clear);
    flags.settle();
    const bool any = ((claim || mask & 1) && ahead.contains(asked)) || ((claim || mask & 2) && ahead.contains(asked + 1));
    ASSERT_EQ(flags.get("m_down_o"), !any);
    ASSERT_EQ(flags.get("fix_up_o"), all);
    for (u64 g = 0; g < 2; ++g) {
      if (clear && mask >> g & 1) ahead.erase(fixed + g), up.erase(fixed + g);
      if (claim) ahead.insert(asked + g);
      if (set) up.insert(in_flight.front() + g);
    }
    if (claim) in_flight.push_back(asked);
    if (set) in_flight.pop_front();
    flags.clock();
  }
}

}  // namespace
}  // namespace vitruvian::tests

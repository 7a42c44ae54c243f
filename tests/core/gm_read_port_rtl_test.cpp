// SPDX-License-Identifier: Apache-2.0
//
// vit_gm_read_port against docs/timing.md, G1 and G2, in whole numbers: times are counted in 1 / rate of a cycle.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>
#include <vector>

#include "tb/common/pins.h"
#include "tb/pipe/block_build.h"

namespace vitruvian::tests {
namespace {

using u64 = std::uint64_t;

struct Burst {
  bool first;          // of its instruction
  u64 from;            // of an instruction's first
  u64 address, size, tag;
  u64 wait, latency;   // what memory decides
  u64 offered, taken, done, beats;
};

u64 up(u64 a, u64 b) { return (a + b - 1) / b; }

// Fills in offered, taken and done.
class Expected {
 public:
  Expected(u64 rate, u64 grain, u64 outstanding)
      : rate_{rate}, grain_{grain}, outstanding_{outstanding} {}
  void add(Burst burst) {
    const u64 grains = (burst.address + burst.size - 1) / grain_ - burst.address / grain_ + 1;
    const u64 begin = burst.first ? std::max(free_, burst.from * rate_) : free_;
    const u64 over = begin + grains * grain_;
    const u64 own = up(over, rate_);
    burst.offered = own;
    if (!bursts.empty()) burst.offered = std::max(own, bursts.back().taken + 1);
    if (bursts.size() >= outstanding_) {
      burst.offered = std::max(burst.offered, bursts[bursts.size() - outstanding_].done + 1);
    }
    burst.taken = burst.offered + burst.wait;
    free_ = burst.taken == own ? over : burst.taken * rate_;
    burst.beats = (burst.address + burst.size - 1) / 256 - burst.address / 256 + 1;
    burst.done = burst.taken + burst.latency;
    if (!bursts.empty()) burst.done = std::max(burst.done, bursts.back().done + burst.beats);
    bursts.push_back(burst);
  }
  std::vector<Burst> bursts;

 private:
  u64 rate_, grain_, outstanding_, free_ = 0;
};

class GmReadPortRtl : public testing::Test {
 protected:
  static std::vector<Burst> draw(std::mt19937_64& random, u64 rate, u64 grain, u64 outstanding, bool lines) {
    Expected expected{rate, grain, outstanding};
    const auto pick = [&](u64 low, u64 high) { return low + random() % (high - low + 1); };
    const bool slow = random() % 2 != 0;
    for (int i = 0; i < 60; ++i) {
      const u64 count = pick(1, 12);
      for (u64 b = 0; b < count; ++b) {
        Burst burst{};
        burst.first = b == 0;
        burst.from = (expected.bursts.empty() ? 0 : expected.bursts.back().taken) + pick(0, 9);
        const u64 start = lines ? 0 : pick(0, 511);
        burst.size = lines ? 512 : pick(1, random() % 2 ? 512 - start : std::min<u64>(512 - start, 40));
        burst.address = pick(0, 1 << 20) * 512 + start;
        burst.tag = random() % 32;
        burst.wait = slow && random() % 3 == 0 ? pick(1, 20) : 0;
        burst.latency = random() % 4 ? 30 : pick(2, 90);
        expected.add(burst);
      }
    }
    return expected.bursts;
  }

  static void run(u64 rate, u64 grain, u64 outstanding, const std::vector<Burst>& bursts) {
    tb::Pins port{tb::build_block({.block = "gm_read_port", .parameters = {}, .variant = "check", .rtl = {}})};
    port.set("cfg_rate_i", rate);
    port.set("cfg_grain_log2_i", static_cast<u64>(std::countr_zero(grain)));
    port.set("cfg_outstanding_i", outstanding);
    std::mt19937_64 random{rate};
    std::size_t in = 0, out = 0, data = 0;
    while (data < bursts.size()) {
      const u64 now = port.cycle();
      const bool shown = in < bursts.size() && (!bursts[in].first || now >= bursts[in].from);
      port.set("in_valid_i", shown);
      if (shown) {
        port.set("in_first_i", bursts[in].first);
        port.set("in_addr_i", bursts[in].address);
        port.set("in_size_i", bursts[in].size);
        port.set("in_tag_i", bursts[in].tag);
      }
      const bool offered = out < in && now >= bursts[out].offered;
      port.set("gm_ready_i", offered ? now == bursts[out].taken : random() % 2);
      const bool beat = now + bursts[data].beats > bursts[data].done && now <= bursts[data].done;
      port.set("resp_valid_i", beat);
      port.settle();
      ASSERT_EQ(port.get("gm_valid_o"), offered) << "burst " << out << ", cycle " << now;
      if (offered) {
        ASSERT_EQ(port.get("gm_addr_o"), bursts[out].address);
        ASSERT_EQ(port.get("gm_size_o"), bursts[out].size);
        ASSERT_EQ(port.get("gm_tag_o"), bursts[out].tag);
      }
      if (beat) check_beat(port, bursts[data], now);
      if (shown && port.get("in_ready_o")) {
        if (bursts[in].first) {
          ASSERT_EQ(now, bursts[in].from) << "an instruction's first burst is taken at once";
        }
        ++in;
      }
      out += offered && now == bursts[out].taken;
      data += beat && now == bursts[data].done;
      port.clock();
    }
  }

  static void check_beat(const tb::Pins& port, const Burst& burst, u64 now) {
    const u64 beat = burst.address / 256 + burst.beats - 1 - (burst.done - now);
    const u64 begin = std::max(burst.address, beat * 256), end = std::min(burst.address + burst.size, beat * 256 + 256);
    ASSERT_EQ(port.get("beat_offset_o"), begin - beat * 256);
    ASSERT_EQ(port.get("beat_size_o"), end - begin);
    ASSERT_EQ(port.get("beat_skip_o"), begin - burst.address);
    ASSERT_EQ(port.get("beat_last_o"), now == burst.done);
    ASSERT_EQ(port.get("beat_tag_o"), burst.tag);
  }
};

TEST_F(GmReadPortRtl, LinesLeaveAtTheRateInExactFractions) {
  std::mt19937_64 random{1};
  for (const u64 rate : {168, 160, 256, 128, 100, 1}) run(rate, 128, 8, draw(random, rate, 128, 8, true));
}

TEST_F(GmReadPortRtl, EveryBurstAndBeatComesInItsCycle) {
  const u64 seed = std::random_device{}();
  std::mt19937_64 random{seed};
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  for (int i = 0; i < 30 && !HasFatalFailure(); ++i) {
    const u64 rate = random() % 2 ? 1 + random() % 256 : 150 + random() % 40, outstanding = 2 + random() % 7;
    const u64 grain = u64{32} << i % 5;
    run(rate, grain, outstanding, draw(random, rate, grain, outstanding, false));
  }
}

}  // namespace
}  // namespace vitruvian::tests

// SPDX-License-Identifier: Apache-2.0
//
// Global memory behind its socket: docs/timing.md G1, G2, G4, G5, and what a payload may be.
// Expected cycles are counted out by hand or by a port stepped cycle by cycle.
#include "systemc/memory/memory.h"

#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstring>
#include <optional>
#include <random>

#include "systemc/chip/kernel.h"
#include "tests/core/timed.h"

namespace vitruvian::tests {
namespace {

using systemc::Burst;
using systemc::BurstList;
using systemc::GmPort;

// Two initiators on one memory, as it is before the first cycle has passed.
struct Modules : sc_core::sc_module {
  Modules(const sc_core::sc_module_name& name, const ChipConfig& chip, models::Memory& contents,
          const systemc::GmAnswers* answers)
      : sc_module{name}, memory{"memory", chip, contents, answers} {
    first.bind(memory.socket);
    second.bind(memory.socket);
  }
  systemc::Memory memory;
  tlm_utils::simple_initiator_socket<Modules> first{"first"}, second{"second"};
};
using Socket = tlm_utils::simple_initiator_socket<Modules>;

struct Bench {
  explicit Bench(const ChipConfig& chip, const systemc::GmAnswers* answers = nullptr)
      : clock{chip.clock_khz}, contents{Bytes{1 << 20}},
        modules{"modules", chip, contents, answers} {
    // "no activity": there is none to be.
    sc_core::sc_report_handler::set_actions(
        "no activity or clock movement for sc_start() invocation", sc_core::SC_DO_NOTHING);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  tlm::tlm_response_status send(Socket& socket, BurstList& list) {
    tlm::tlm_generic_payload payload;
    payload.set_command(list.writes() ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload.set_extension(&list);
    sc_core::sc_time delay = clock.at(list.from);
    socket->b_transport(payload, delay);
    payload.clear_extension(&list);
    if (payload.is_response_ok()) {
      EXPECT_EQ(delay, clock.at(list.done));
    }
    return payload.get_response_status();
  }
  systemc::Clock clock;
  models::Memory contents;
  Modules modules;
  Socket& first = modules.first;
  Socket& second = modules.second;
};

class MemoryTiming : public testing::Test {
 protected:
  std::optional<systemc::Kernel> kernel_{std::in_place};
  ChipConfig chip_ = timing_chip();
};

BurstList list_of(GmPort port, std::uint64_t from,
                  std::vector<std::pair<std::uint64_t, std::uint64_t>> pieces) {
  BurstList list;
  list.port = port;
  list.from = Cycle{from};
  for (const auto& [start, size] : pieces) {
    list.add(GmAddress{start}, Bytes{size}, list.writes() ? Bytes{128} : BurstList::line);
  }
  return list;
}
BurstList reads(std::uint64_t from, std::vector<std::pair<std::uint64_t, std::uint64_t>> pieces) {
  return list_of(GmPort::mte2_read, from, std::move(pieces));
}
BurstList writes(std::uint64_t from, std::vector<std::pair<std::uint64_t, std::uint64_t>> pieces) {
  return list_of(GmPort::mte3_write, from, std::move(pieces));
}

// The same answers at every port.
struct Written final : systemc::GmAnswers {
  std::vector<std::uint64_t> waits{0}, latencies{100};
  Cycles wait(GmPort, std::uint64_t n) const override { return Answers::pick(waits, n); }
  Cycles latency(GmPort, std::uint64_t n) const override { return Answers::pick(latencies, n); }
};

std::vector<std::uint64_t> taken(const BurstList& list) {
  std::vector<std::uint64_t> cycles;
  for (const Burst& b : list.bursts) cycles.push_back(b.taken.value());
  return cycles;
}
std::vector<std::uint64_t> done(const BurstList& list) {
  std::vector<std::uint64_t> cycles;
  for (const Burst& b : list.bursts) cycles.push_back(b.done.value());
  return cycles;
}
using CyclesOf = std::vector<std::uint64_t>;

TEST_F(MemoryTiming, PiecesAreCutAt512ByteLines) {
  const BurstList list = reads(0, {{500, 12}, {500, 1100}});
  ASSERT_EQ(list.bursts.size(), 5u);
  const std::uint64_t want[5][2] = {{500, 12}, {500, 12}, {512, 512}, {1024, 512}, {1536, 64}};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(list.bursts[i].address.value(), want[i][0]);
    EXPECT_EQ(list.bursts[i].size.value(), want[i][1]);
  }
}

// Random lists of one port, sent whole and burst by burst.
void compare_whole_and_single(ChipConfig chip, std::mt19937_64& random, GmPort port,
                              std::optional<systemc::Kernel>& kernel) {
  Written answers;
  for (int i = 0; i < 200; ++i) {
    answers.waits.push_back(random() % 2 ? random() % 20 : 0);
    answers.latencies.push_back(2 + random() % 300);
  }
  chip.gm.read_rate = {1 + random() % 256};
  chip.gm.read_grain = Bytes{std::uint64_t{32} << random() % 5};
  chip.mte2.outstanding = static_cast<std::uint32_t>(2 + random() % 20);
  std::vector<BurstList> lists;
  std::uint64_t from = 1;
  for (int i = 0; i < 8; ++i) {
    from += random() % 200;
    lists.push_back(list_of(port, from, {{random() % 9000, 1 + random() % 3000},
                                         {random() % 9000, 1 + random() % 90}}));
  }
  CyclesOf whole, single;
  {
    Bench bench{chip, &answers};
    for (BurstList list : lists) {
      bench.send(bench.first, list);
      for (const Burst& b : list.bursts) whole.push_back(b.taken.value());
      whole.push_back(list.done.value());
    }
  }
  kernel.reset(), kernel.emplace();
  {
    Bench bench{chip, &answers};
    for (const BurstList& list : lists) {
      for (std::size_t i = 0; i < list.bursts.size(); ++i) {
        BurstList one = list_of(port, list.from.value() + (list.writes() ? i : 0), {});
        one.bursts = {list.bursts[i]};
        one.bursts[0].beat = 0;
        one.acknowledged = i + 1 == list.bursts.size();
        bench.send(bench.first, one);
        single.push_back(one.bursts[0].taken.value());
        if (one.acknowledged) single.push_back(one.done.value());
      }
    }
  }
  kernel.reset(), kernel.emplace();
  EXPECT_EQ(whole, single);
}

TEST_F(MemoryTiming, BurstsInAListGetTheCyclesTheyGetOneByOne) {
  for (std::uint64_t seed = 1; seed <= 150 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random{seed};
    const GmPort ports[] = {GmPort::mte2_read, GmPort::s_read, GmPort::mte3_write};
    compare_whole_and_single(chip_, random, ports[seed % 3], kernel_);
  }
}

TEST_F(MemoryTiming, G1ABurstIsTakenAfterItsGrainsTime) {
  Bench bench{chip_};  // 160 B a cycle
  BurstList list = reads(10, {{96, 64}, {512, 512}});
  bench.send(bench.first, list);
  EXPECT_EQ(taken(list), (CyclesOf{10 + 2, 10 + 5}));  // two grains of 128 B: 1.6 cycles; 4.8
  EXPECT_EQ(done(list), (CyclesOf{12 + 160, 15 + 160}));
  EXPECT_EQ(list.taken.value(), 15u);
  EXPECT_EQ(list.done.value(), 175u);
}

TEST_F(MemoryTiming, G1AGrainOfALineMakesEveryBurstCostTheSame) {
  chip_.gm.read_grain = Bytes{512};
  Bench bench{chip_};
  BurstList list = reads(10, {{96, 64}, {512, 512}, {1000, 48}});
  bench.send(bench.first, list);
  EXPECT_EQ(taken(list), (CyclesOf{10 + 4, 10 + 7, 10 + 10, 10 + 13}));  // 3.2 cycles each
}

TEST_F(MemoryTiming, G1AGrainOf32BytesIsPaidWholeToo) {
  chip_.gm.read_grain = Bytes{32};
  Bench bench{chip_};
  BurstList list = reads(10, {{31, 2}, {64, 448}});  // 64 B: 0.4; 448 B: 2.8
  bench.send(bench.first, list);
  EXPECT_EQ(taken(list), (CyclesOf{11, 14}));
}

TEST_F(MemoryTiming, G1TimeIsCountedInExactFractionsAcrossLists) {
  Bench bench{chip_};
  BurstList first = reads(10, {{0, 128}}), second = reads(10, {{0, 128}, {0, 384}, {0, 128}});
  bench.send(bench.first, first);   // 10.8
  bench.send(bench.first, second);  // 11.6, 14.0, 14.8
  EXPECT_EQ(taken(first), CyclesOf{11});
  EXPECT_EQ(taken(second), (CyclesOf{12, 14, 15}));
}

TEST_F(MemoryTiming, G1OneBurstACycleAtMost) {
  chip_.gm.read_rate = {256};  // half a cycle a grain
  Bench bench{chip_};
  BurstList list = reads(10, {{0, 32}, {0, 32}, {0, 32}, {0, 32}});
  bench.send(bench.first, list);
  EXPECT_EQ(taken(list), (CyclesOf{11, 12, 13, 14}));  // due in 10.5, 11.0; then a burst is late
}

TEST_F(MemoryTiming, G1ABurstTakenLateGivesTheNextItsTimeFromThere) {
  Written answers;
  answers.waits = {0, 3, 0};
  Bench bench{chip_, &answers};
  BurstList list = reads(10, {{0, 128}, {0, 128}, {0, 128}});
  bench.send(bench.first, list);
  // Due in 10.8 and 11.6; offered in 12, taken in 15; due in 15.8.
  EXPECT_EQ(taken(list), (CyclesOf{11, 15, 16}));
}

TEST_F(MemoryTiming, G1NoMoreThanSoManyAreOutstanding) {
  chip_.mte2.outstanding = 2;
  Written answers;
  answers.latencies = {50, 30, 40};
  Bench bench{chip_, &answers};
  BurstList list = reads(10, {{0, 128}, {0, 128}, {0, 128}, {0, 128}});
  bench.send(bench.first, list);
  // The third is offered in the cycle after the data of the first (61), the fourth after the
  // second.
  EXPECT_EQ(taken(list), (CyclesOf{11, 12, 62, 63}));
  EXPECT_EQ(done(list), (CyclesOf{61, 62, 102, 103}));
}

TEST_F(MemoryTiming, G2DataComeInBeatsOf256AlignedBytesInOrder) {
  Written answers;
  answers.latencies = {50, 10, 10, 10};
  Bench bench{chip_, &answers};
  BurstList list = reads(10, {{0, 128}, {192, 128}, {0, 512}, {512, 64}});
  bench.send(bench.first, list);
  ASSERT_EQ(taken(list), (CyclesOf{11, 13, 16, 17}));
  EXPECT_EQ(done(list), (CyclesOf{61, 63, 65, 66}));  // one beat, two, two, one
}

TEST_F(MemoryTiming, G5ABeatIsTakenACycle) {
  Bench bench{chip_};
  BurstList list = writes(10, {{96, 64}, {512, 512}});
  bench.send(bench.first, list);
  EXPECT_EQ(taken(list), (CyclesOf{10, 11, 12, 13, 14, 15}));  // 32 + 32 B, then 4 * 128 B
  EXPECT_EQ(list.taken.value(), 15u);
  EXPECT_EQ(list.done.value(), 15u + 60);
}

TEST_F(MemoryTiming, G4AWaitPutsOffWhatFollowsInTheList) {
  Written answers;
  answers.waits = {0, 5, 0, 2};
  Bench bench{chip_, &answers};
  BurstList list = writes(10, {{0, 512}});
  bench.send(bench.first, list);
  EXPECT_EQ(taken(list), (CyclesOf{10, 16, 17, 20}));
}

TEST_F(MemoryTiming, G4BurstsOfOneCycleAreOneBeatAndTheLastNeedsNoBytes) {
  Written answers;
  answers.waits = {1, 0, 4};
  Bench bench{chip_, &answers};
  BurstList list = list_of(GmPort::fix_write, 10, {});
  list.bursts = {{GmAddress{0}, Bytes{32}, 0}, {GmAddress{64}, Bytes{32}, 0},
                 {GmAddress{128}, Bytes{32}, 3}};
  list.last_beat = 7;
  bench.send(bench.first, list);
  EXPECT_EQ(taken(list), (CyclesOf{11, 11, 14}));
  EXPECT_EQ(list.taken.value(), 10u + 7 + 1 + 4);
  EXPECT_EQ(list.done.value(), 22u + 100);
}

TEST_F(MemoryTiming, G4AcknowledgementsComeInOrderOneACycleAndCountForThemselves) {
  Written answers;
  answers.latencies = {50, 10, 20};
  Bench bench{chip_, &answers};
  CyclesOf acknowledged;
  for (const std::uint64_t from : {10, 20, 30}) {
    BurstList list = writes(from, {{0, 256}});
    bench.send(bench.first, list);
    acknowledged.push_back(list.done.value());
  }
  EXPECT_EQ(acknowledged, (CyclesOf{61, 62, 63}));
}

TEST_F(MemoryTiming, PortsAndCoresHaveTheirOwnTimeAndCounts) {
  Written answers;
  answers.waits = {7, 0};
  Bench bench{chip_, &answers};
  for (auto* socket : {&bench.first, &bench.second}) {
    for (const GmPort port :
         {GmPort::mte2_read, GmPort::s_read, GmPort::fix_write, GmPort::mte3_write}) {
      BurstList list = list_of(port, 10, {{0, 32}});
      bench.send(*socket, list);
      EXPECT_EQ(list.taken.value(), list.writes() ? 17u : 18u);  // both waited for 7 cycles
    }
  }
}

TEST_F(MemoryTiming, APlainPayloadMovesItsBytesAndTakesItsTime) {
  Bench bench{chip_};
  std::uint8_t out[600], back[600] = {};
  for (int i = 0; i < 600; ++i) out[i] = static_cast<std::uint8_t>(i * 7);
  tlm::tlm_generic_payload payload;
  payload.set_address(500);
  payload.set_data_length(600);
  payload.set_data_ptr(out);
  payload.set_command(tlm::TLM_WRITE_COMMAND);
  sc_core::sc_time delay = bench.clock.at(Cycle{3});
  bench.first->b_transport(payload, delay);
  EXPECT_TRUE(payload.is_response_ok());
  EXPECT_EQ(delay, bench.clock.at(Cycle{3 + 5 + 60}));  // 12, 4 * 128, 76 B
  payload.set_data_ptr(back);
  payload.set_command(tlm::TLM_READ_COMMAND);
  delay = sc_core::SC_ZERO_TIME;
  bench.first->b_transport(payload, delay);
  EXPECT_EQ(std::memcmp(out, back, 600), 0);
}

TEST_F(MemoryTiming, RefusesWhatLiesOutsideAndWhatIsNoAccess) {
  Bench bench{chip_};
  BurstList outside = reads(1, {{(1 << 20) - 16, 32}});
  EXPECT_EQ(bench.send(bench.first, outside), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  BurstList wraps = reads(1, {});
  wraps.bursts.push_back({GmAddress{~std::uint64_t{0} - 8}, Bytes{16}});
  EXPECT_EQ(bench.send(bench.first, wraps), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  BurstList fine = reads(1, {{0, 32}});
  EXPECT_EQ(bench.send(bench.first, fine), tlm::TLM_OK_RESPONSE);
  BurstList nothing = reads(1, {});
  EXPECT_EQ(bench.send(bench.first, nothing), tlm::TLM_ADDRESS_ERROR_RESPONSE);

  tlm::tlm_generic_payload payload;
  payload.set_extension(&fine);
  for (const auto command : {tlm::TLM_IGNORE_COMMAND, tlm::TLM_WRITE_COMMAND}) {
    payload.set_command(command);  // a list of reads is no write
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    bench.first->b_transport(payload, delay);
    EXPECT_EQ(payload.get_response_status(), tlm::TLM_COMMAND_ERROR_RESPONSE);
  }
  payload.clear_extension(&fine);
}

TEST_F(MemoryTiming, TimeIsRoundedOnceAtEachCycle) {
  const systemc::Clock clock{1'850'000};  // 540.54054... ps
  EXPECT_EQ(clock.at(Cycle{1}).value(), 540'541u);
  EXPECT_EQ(clock.at(Cycle{2}).value(), 1'081'081u);
  EXPECT_EQ(clock.at(Cycle{37}).value(), 20'000'000u);                // exactly 20 ns
  EXPECT_EQ(clock.at(Cycle{1'850'000'000}).value(), 1'000'000'000'000'000u);  // exactly 1 s
  for (std::uint64_t c : {0u, 1u, 2u, 36u, 37u, 1'000'003u, 1'849'999'999u}) {
    EXPECT_EQ(clock.cycle_of(clock.at(Cycle{c})), Cycle{c});
    if (c == 0) continue;
    EXPECT_EQ(clock.cycle_of(clock.at(Cycle{c}) - sc_core::sc_time::from_value(1)), Cycle{c - 1});
  }
}

}  // namespace
}  // namespace vitruvian::tests

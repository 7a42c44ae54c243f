// SPDX-License-Identifier: Apache-2.0
//
// Global memory behind its socket: docs/timing.md G1, G2, G4, and what a payload may be.
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

// Two initiators on one memory, as it is before the first cycle has passed.
struct Modules : sc_core::sc_module {
  Modules(const sc_core::sc_module_name& name, const ChipConfig& chip, models::Memory& contents)
      : sc_module{name}, memory{"memory", chip, contents} {
    first.bind(memory.socket);
    second.bind(memory.socket);
  }
  systemc::Memory memory;
  tlm_utils::simple_initiator_socket<Modules> first{"first"}, second{"second"};
};
using Socket = tlm_utils::simple_initiator_socket<Modules>;

struct Bench {
  explicit Bench(const ChipConfig& chip)
      : clock{chip.clock_khz}, contents{Bytes{1 << 20}}, modules{"modules", chip, contents} {
    // "no activity": there is none to be.
    sc_core::sc_report_handler::set_actions(
        "no activity or clock movement for sc_start() invocation", sc_core::SC_DO_NOTHING);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  tlm::tlm_response_status send(Socket& socket, tlm::tlm_command command, BurstList& list) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_extension(&list);
    sc_core::sc_time delay = clock.at(list.from);
    socket->b_transport(payload, delay);
    payload.clear_extension(&list);
    if (payload.is_response_ok()) {
      EXPECT_EQ(delay, clock.at(list.bursts.back().done));
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

  void renew_kernel() {
    kernel_.reset();
    kernel_.emplace();
  }
};

BurstList list_of(std::uint64_t from, std::vector<std::pair<std::uint64_t, std::uint64_t>> pieces) {
  BurstList list;
  list.from = Cycle{from};
  for (const auto& [start, size] : pieces) list.add(GmAddress{start}, Bytes{size});
  return list;
}

TEST_F(MemoryTiming, PiecesAreCutAt512ByteLines) {
  const BurstList list = list_of(0, {{500, 12}, {500, 1100}});
  ASSERT_EQ(list.bursts.size(), 5u);
  const std::uint64_t want[5][2] = {{500, 12}, {500, 12}, {512, 512}, {1024, 512}, {1536, 64}};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(list.bursts[i].address.value(), want[i][0]);
    EXPECT_EQ(list.bursts[i].size.value(), want[i][1]);
  }
}

TEST_F(MemoryTiming, BurstsInAListGetTheCyclesTheyGetOneByOne) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random{seed};
    chip_.gm.read_rate = {1 + random() % 300};
    chip_.gm.write_rate = {1 + random() % 300};
    const auto command = random() % 2 ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND;
    std::vector<BurstList> lists;
    std::uint64_t from = 0;
    for (int i = 0; i < 8; ++i) {
      from += random() % 60;
      lists.push_back(list_of(
          from, {{random() % 9000, 1 + random() % 3000}, {random() % 9000, 1 + random() % 90}}));
    }
    std::vector<std::uint64_t> whole, single;
    {
      Bench bench{chip_};
      for (BurstList& list : lists) {
        bench.send(bench.first, command, list);
        for (const Burst& b : list.bursts) whole.push_back(b.done.value());
      }
    }
    renew_kernel();
    {
      Bench bench{chip_};
      for (const BurstList& list : lists) {
        for (const Burst& b : list.bursts) {
          BurstList one = list_of(list.from.value(), {{b.address.value(), b.size.value()}});
          bench.send(bench.first, command, one);
          single.push_back(one.bursts.front().done.value());
        }
      }
    }
    renew_kernel();
    ASSERT_EQ(whole, single) << "seed " << seed;
  }
}

TEST_F(MemoryTiming, AReadBurstIsDoneALatencyAfterItsSectorsPassed) {
  Bench bench{chip_};
  BurstList list = list_of(10, {{96, 64}, {512, 512}});
  bench.send(bench.first, tlm::TLM_READ_COMMAND, list);
  EXPECT_EQ(list.bursts[0].done.value(), 10u + 2 + 160);  // two sectors: 1.6 cycles
  EXPECT_EQ(list.bursts[1].done.value(), 10u + 5 + 160);  // 4.8
  EXPECT_EQ(list.left.value(), 15u);
}

TEST_F(MemoryTiming, AWrittenBurstIsDoneALatencyAfterItsBytesPassed) {
  Bench bench{chip_};
  BurstList list = list_of(10, {{96, 64}, {512, 512}});
  bench.send(bench.first, tlm::TLM_WRITE_COMMAND, list);
  EXPECT_EQ(list.bursts[0].done.value(), 10u + 1 + 60);  // half a cycle
  EXPECT_EQ(list.bursts[1].done.value(), 10u + 5 + 60);  // 4.5
}

TEST_F(MemoryTiming, ReadsWritesAndCoresDoNotShareAPort) {
  Bench bench{chip_};
  for (auto* socket : {&bench.first, &bench.second}) {
    for (const auto command : {tlm::TLM_READ_COMMAND, tlm::TLM_WRITE_COMMAND}) {
      BurstList list = list_of(0, {{0, 512}});
      bench.send(*socket, command, list);
      EXPECT_EQ(list.left.value(), 4u);  // 3.2 and 4.0
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
  EXPECT_EQ(delay, bench.clock.at(Cycle{3 + 5 + 60}));  // 600 B: 4.69 cycles
  payload.set_data_ptr(back);
  payload.set_command(tlm::TLM_READ_COMMAND);
  delay = sc_core::SC_ZERO_TIME;
  bench.first->b_transport(payload, delay);
  EXPECT_EQ(std::memcmp(out, back, 600), 0);
}

TEST_F(MemoryTiming, RefusesWhatLiesOutsideAndWhatIsNoAccess) {
  Bench bench{chip_};
  BurstList outside = list_of(0, {{(1 << 20) - 16, 32}});
  EXPECT_EQ(bench.send(bench.first, tlm::TLM_READ_COMMAND, outside),
            tlm::TLM_ADDRESS_ERROR_RESPONSE);
  BurstList wraps = list_of(0, {});
  wraps.bursts.push_back({GmAddress{~std::uint64_t{0} - 8}, Bytes{16}, Cycle{}});
  EXPECT_EQ(bench.send(bench.first, tlm::TLM_READ_COMMAND, wraps), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  BurstList fine = list_of(0, {{0, 32}});
  EXPECT_EQ(bench.send(bench.first, tlm::TLM_IGNORE_COMMAND, fine),
            tlm::TLM_COMMAND_ERROR_RESPONSE);
  EXPECT_EQ(bench.send(bench.first, tlm::TLM_READ_COMMAND, fine), tlm::TLM_OK_RESPONSE);
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

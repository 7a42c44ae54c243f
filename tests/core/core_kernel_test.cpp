// SPDX-License-Identifier: Apache-2.0
//
// The core among other modules of a SystemC simulation: it may run ahead of the kernel's time, but
// never past what anybody else does.
#include <gtest/gtest.h>

#include <functional>
#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include "systemc/chip/chip.h"
#include "systemc/chip/kernel.h"
#include "tests/core/timed.h"

namespace vitruvian::tests {
namespace {

// Copies in and out, far apart.
models::Program copies(const ChipConfig& chip, int times) {
  models::ProgramBuilder builder{"copies", chip};
  for (int i = 0; i < times; ++i) {
    builder.add(copy(0, 64)).add(set(Pipe::MTE2, Pipe::MTE3)).add(wait(Pipe::MTE2, Pipe::MTE3));
    builder.add(store(1 << 16, 64)).add(PipeBarrier{Pipe::ALL});
  }
  return builder.take();
}

// Passes on what the core asks and tells somebody first.
struct Bus : sc_core::sc_module {
  tlm_utils::simple_target_socket<Bus> in{"in"};
  tlm_utils::simple_initiator_socket<Bus> out{"out"};
  std::function<void(sc_core::sc_time asked)> tell;
  explicit Bus(const sc_core::sc_module_name& name) : sc_module{name} {
    in.register_b_transport(this, &Bus::transport);
  }
  void transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay) {
    if (tell) tell(sc_core::sc_time_stamp() + delay);
    out->b_transport(access, delay);
  }
};

// Does something at times of its own, and at once when it is told to.
struct Neighbour : sc_core::sc_module {
  SC_HAS_PROCESS(Neighbour);
  sc_core::sc_event called;
  std::vector<sc_core::sc_time> times;
  std::vector<sc_core::sc_time> acted;
  Neighbour(const sc_core::sc_module_name& name, std::vector<sc_core::sc_time> at)
      : sc_module{name}, times{std::move(at)} {
    SC_THREAD(work);
    SC_METHOD(answer);
    sensitive << called;
    dont_initialize();
  }
  void work() {
    for (const sc_core::sc_time& time : times) {
      wait(time - sc_core::sc_time_stamp());
      acted.push_back(sc_core::sc_time_stamp());
    }
  }
  void answer() { acted.push_back(sc_core::sc_time_stamp()); }
};

struct Platform {
  Platform(const ChipConfig& chip, const models::Program& program,
           std::vector<sc_core::sc_time> neighbour_acts)
      : contents{chip.gm.size}, memory{"memory", chip, contents}, bus{"bus"},
        neighbour{"neighbour", std::move(neighbour_acts)},
        core{"core", chip, program, nullptr, {}} {
    core.gm.bind(bus.in);
    bus.out.bind(memory.socket);
  }
  models::Memory contents;
  systemc::Memory memory;
  Bus bus;
  Neighbour neighbour;
  systemc::Core core;
};

TEST(CoreInAKernel, TimeReachesTheEndOfTheProgramAlsoWhereTheCoreIsAlone) {
  const ChipConfig chip = timing_chip();
  const models::Program program = copies(chip, 100);
  const systemc::Kernel kernel;
  Platform platform{chip, program, {}};
  sc_core::sc_start();
  const auto result = platform.core.result();
  EXPECT_EQ(sc_core::sc_time_stamp(),
            systemc::Clock{chip.clock_khz}.at(Cycle{result.cycles.value() - 1}));
}

TEST(CoreInAKernel, NobodyIsOvertaken) {
  const ChipConfig chip = timing_chip();
  const models::Program program = copies(chip, 60);
  const systemc::Kernel kernel;
  std::vector<sc_core::sc_time> acts;
  for (int i = 1; i < 200; ++i) acts.push_back(sc_core::sc_time(37 * i, sc_core::SC_NS));
  Platform platform{chip, program, acts};
  std::size_t asked = 0;
  const sc_core::sc_time slack(20, sc_core::SC_NS);  // a copy asks some cycles before its bursts
  platform.bus.tell = [&](sc_core::sc_time when) {
    // Everything the neighbour does before the core asks has been done.
    const auto before = std::ranges::count_if(
        acts, [&](const sc_core::sc_time& act) { return act + slack < when; });
    EXPECT_GE(std::ssize(platform.neighbour.acted), before) << when;
    ++asked;
  };
  sc_core::sc_start();
  EXPECT_EQ(asked, 120u);
  EXPECT_EQ(platform.core.result().cycles, Timed(chip, program.instructions).result().cycles);
}

// What the core asks of GM may call somebody: he acts in his time, before the core goes on.
TEST(CoreInAKernel, WhoIsCalledActsBeforeTheCoreGoesOn) {
  const ChipConfig chip = timing_chip();
  const models::Program program = copies(chip, 20);
  const systemc::Kernel kernel;
  Platform platform{chip, program, {}};
  std::size_t asked = 0;
  platform.bus.tell = [&](sc_core::sc_time when) {
    EXPECT_EQ(platform.neighbour.acted.size(), asked);
    ++asked;
    platform.neighbour.called.notify(when - sc_core::sc_time_stamp());
  };
  sc_core::sc_start();
  EXPECT_EQ(platform.neighbour.acted.size(), 40u);
}

TEST(CoreInAKernel, CoresOnOneMemoryTakeTheCyclesTheyTakeAlone) {
  const ChipConfig chip = timing_chip();
  const models::Program first = copies(chip, 30), second = copies(chip, 50);
  const auto alone = [&](const models::Program& program) {
    return Timed(chip, program.instructions).result().cycles;
  };
  const Cycles first_alone = alone(first), second_alone = alone(second);
  const systemc::Kernel kernel;
  models::Memory contents{chip.gm.size};
  systemc::Chip both{"chip", chip, contents, {{first, nullptr}, {second, nullptr}}, {}};
  sc_core::sc_start();
  EXPECT_EQ(both.cores()[0]->result().cycles, first_alone);
  EXPECT_EQ(both.cores()[1]->result().cycles, second_alone);
}

}  // namespace
}  // namespace vitruvian::tests

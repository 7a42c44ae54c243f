// SPDX-License-Identifier: Apache-2.0
//
// A platform of one's own around the cube core: sc_module Core, its TLM-2.0 socket, a bus that counts, global memory.
#include <cstdio>
#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include "models/program/program.h"
#include "systemc/core/core.h"
#include "systemc/memory/memory.h"

using namespace vitruvian;

struct Bus : sc_core::sc_module {
  tlm_utils::simple_target_socket<Bus> from_core{"from_core"};
  tlm_utils::simple_initiator_socket<Bus> to_memory{"to_memory"};
  unsigned accesses = 0;
  explicit Bus(const sc_core::sc_module_name& name) : sc_module{name} { from_core.register_b_transport(this, &Bus::transport); }
  void transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay) {
    ++accesses;
    to_memory->b_transport(access, delay);
  }
};

int sc_main(int, char**) {
  sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
  const ChipConfig chip = load_chip("ascend910b1");
  models::ProgramBuilder builder{"copy", chip};
  builder.add(models::CopyGmL1{.dst = L1Address{0}, .src = GmAddress{0}, .block_length = 64});
  builder.add(models::SetFlag{models::Pipe::MTE2, models::Pipe::MTE3, 0});
  builder.add(models::WaitFlag{models::Pipe::MTE2, models::Pipe::MTE3, 0});
  builder.add(models::CopyL1Gm{.dst = GmAddress{4096}, .src = L1Address{0}, .block_length = 64});
  const models::Program program = builder.take();

  models::Memory contents{chip.gm.size};
  for (std::uint8_t& byte : contents.at(GmAddress{0}, Bytes{2048})) byte = 7;
  models::CoreState state{chip, contents};
  systemc::Memory memory{"memory", chip, contents};
  Bus bus{"bus"};
  systemc::Core core{"core", chip, program, &state, {}};
  core.gm.bind(bus.from_core);
  bus.to_memory.bind(memory.socket);
  sc_core::sc_start();
  if (core.failure()) std::rethrow_exception(core.failure());
  std::printf("%llu cycles, %u accesses, byte 4096 is %d\n", static_cast<unsigned long long>(core.result().cycles.value()), bus.accesses,
              contents.at(GmAddress{4096}, Bytes{1})[0]);
  return contents.at(GmAddress{6143}, Bytes{1})[0] == 7 ? 0 : 1;
}

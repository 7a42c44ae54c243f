// SPDX-License-Identifier: Apache-2.0
//
// What a mover's own file (tb/pipe/mte1_ports.cpp and so on) gives to tb/pipe/mover_shim.cpp: its Verilated model
// behind the calls of the C interface. Compiled by scripts/build_block together with what Verilator wrote.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

#include "tb/pipe/mover_block.h"
#include "verilated.h"
#if VM_TRACE
#include "verilated_fst_c.h"
#else
class VerilatedFstC;
#endif

class MoverPorts {
 public:
  virtual ~MoverPorts() = default;
  // Of the model, whatever it is: MoverModel, below.
  virtual void eval() = 0;
  virtual void clock(bool high) = 0;
  virtual void reset(bool low) = 0;
  virtual void final() = 0;
  virtual void trace(VerilatedFstC& waves) = 0;
  // Of the mover.
  virtual bool set(const char* name, std::uint32_t value) = 0;
  virtual void drive(const VitMoverIn& in) = 0;             // and every answer low
  virtual void answer(const VitMoverAnswers& answers) = 0;
  virtual void ask(VitMoverAsks& asks) const = 0;           // `asks` is zero before
  virtual void report(VitMoverOut& out) const = 0;          // `out` is zero before
};

// The mover's own: makes its model; says what it was built for (abi, asserts, traced are filled in).
std::unique_ptr<MoverPorts> make_mover(VerilatedContext& context);
VitMoverParameters mover_parameters();

template <class Top>
class MoverModel : public MoverPorts {
 public:
  explicit MoverModel(VerilatedContext& context, const char* name) : top{std::make_unique<Top>(&context, name)} {}
  void eval() final { top->eval(); }
  void clock(bool high) final { top->clk_i = high; }
  void reset(bool low) final { top->rst_ni = !low; }
  void final() override { top->final(); }
  void trace([[maybe_unused]] VerilatedFstC& waves) final {
#if VM_TRACE
    top->trace(&waves, 99);
#endif
  }

 protected:
  // in_* and the states every unit has.
  void drive_instruction(const VitMoverIn& in) {
    top->in_valid_i = in.valid;
    put(top->in_instr_i, in.instruction);
  }
  void report_states(VitMoverOut& out) const {
    out.ready = top->in_ready_o, out.noop = top->noop_o, out.done = top->done_o, out.busy = top->busy_o;
    out.memory = top->memory_o, out.stall = top->stall_o, out.held = top->held_o;
  }

  // Ports are CData to VlWide by width; all of them are little-endian bytes.
  template <class Port>
  static void put(Port& port, const void* data) {
    if (data != nullptr) std::memcpy(static_cast<void*>(&port), data, sizeof port);
  }
  template <class Port>
  static const std::uint8_t* bytes_of(const Port& port, std::size_t at = 0) {
    return reinterpret_cast<const std::uint8_t*>(&port) + at;
  }
  // Up to 57 bits of a port.
  template <class Port>
  static std::uint64_t bits_of(const Port& port, unsigned lsb, unsigned width) {
    std::uint64_t word = 0;
    const std::size_t first = lsb / 8;
    std::memcpy(&word, bytes_of(port, first), std::min(sizeof word, sizeof port - first));
    return word >> lsb % 8 & ((std::uint64_t{1} << width) - 1);
  }

  std::unique_ptr<Top> top;
};

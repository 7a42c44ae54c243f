// SPDX-License-Identifier: Apache-2.0
//
// A Verilated module behind the C interface of pins_block.h. Compiled by scripts/build_block together with what
// Verilator wrote; pins.inc and pins_top.h are made from its header.
#pragma GCC visibility push(default)  // only the C interface is seen from outside
#include "tb/common/pins_block.h"
#pragma GCC visibility pop

#include <cstring>
#include <memory>
#include <string>

#include "pins_top.h"
#include "tb/common/verilated_failure.h"
#include "verilated.h"

namespace {

struct PortOf {
  VitPin pin;
  void* (*at)(Top&);
};
constexpr PortOf ports[] = {
#define PIN(name, bits, input) {{#name, bits, input}, [](Top& top) -> void* { return &top.name; }},
#include "pins.inc"
#undef PIN
};

}  // namespace

struct VitPins {
  VerilatedContext context;
  std::unique_ptr<Top> top;
  std::string failure;
};

extern "C" {

VitPins* vit_pins_create(void) {
  auto module = std::make_unique<VitPins>();
  Verilated::threadContextp(&module->context);
  module->context.fatalOnError(false);
  module->context.randReset(2);
  module->top = std::make_unique<Top>(&module->context, "module");
  for (const PortOf& port : ports) {
    if (port.pin.input) std::memset(port.at(*module->top), 0, static_cast<std::size_t>(port.pin.bits + 7) / 8);
  }
  module->top->rst_ni = 1;
  vit_pins_eval(module.get(), 0);
  module->top->rst_ni = 0;  // a falling edge, and clocks while it is low
  for (const std::uint8_t clock : {0, 1, 0, 1, 0}) vit_pins_eval(module.get(), clock);
  module->top->rst_ni = 1;
  vit_pins_eval(module.get(), 0);
  module->failure.clear();
  return module.release();
}

void vit_pins_destroy(VitPins* module) {
  Verilated::threadContextp(&module->context);  // a model must die under its own context
  module->top->final();
  delete module;
}

int32_t vit_pins_count(void) { return sizeof ports / sizeof ports[0]; }
VitPin vit_pins_pin(int32_t i) { return ports[i].pin; }
uint8_t* vit_pins_bytes(VitPins* module, int32_t i) { return static_cast<uint8_t*>(ports[i].at(*module->top)); }

void vit_pins_eval(VitPins* module, uint8_t clock) {
  const VerilatedFailure noted{module->failure};
  module->top->clk_i = clock;
  module->top->eval();
}

const char* vit_pins_failure(const VitPins* module) {
  return module->failure.empty() ? nullptr : module->failure.c_str();
}

}  // extern "C"

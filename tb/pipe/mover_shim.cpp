// SPDX-License-Identifier: Apache-2.0
//
// A Verilated mover behind the C interface: everything that does not depend on which mover it is. Compiled by
// scripts/build_block together with what Verilator wrote and the mover's own ports.
#pragma GCC visibility push(default)  // only the C interface is seen from outside
#include "tb/pipe/mover_block.h"
#pragma GCC visibility pop

#include <cstdarg>
#include <cstdio>
#include <string>
#include <string_view>

#include "tb/pipe/mover_ports.h"

namespace {

// Where a failure of the running model goes. Verilator prints the name of a failed assertion, then
// calls vl_stop().
thread_local std::string* failing = nullptr;
thread_local std::string printed;

// "mte1.vit_mte1.Name_A" out of what was printed.
std::string failed_assertion() {
  constexpr std::string_view mark = "Assertion failed in ";
  const std::size_t at = printed.rfind(mark);
  if (at == std::string::npos) return "something";
  const std::size_t begin = at + mark.size();
  return printed.substr(begin, printed.find_first_of(": \n", begin) - begin);
}

}  // namespace

int vit_print(const char* format, ...) {
  char text[1024];
  std::va_list arguments;
  va_start(arguments, format);
  const int size = std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (failing != nullptr) {
    printed += text;
  } else {
    std::fputs(text, stderr);
  }
  return size;
}

void vl_stop(const char* file, int line, const char*) {
  if (failing != nullptr && failing->empty()) {
    *failing = failed_assertion() + " does not hold (" + file + ":" + std::to_string(line) + ")";
  }
  printed.clear();
}
void vl_finish(const char*, int, const char*) {}
void vl_fatal(const char* file, int line, const char* scope, const char* message) {
  if (failing != nullptr) *failing = std::string{message} + " in " + scope + " (" + file + ":" + std::to_string(line) + ")";
}

struct VitMover {
  VerilatedContext context;
  std::unique_ptr<MoverPorts> ports;
  std::string failure;
  std::uint64_t cycle = 0, period = 1;
  bool edge_due = false;  // the rising edge of the cycle before: outputs stay readable until the next call
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> waves;
#endif

  void eval() {
    failing = &failure;
    ports->eval();
    failing = nullptr;
  }
  void finish_cycle() {
    if (!edge_due) return;
    edge_due = false;
    ports->clock(true);
    eval();
    dump(1);
  }
  void dump([[maybe_unused]] std::uint64_t halves) {
#if VM_TRACE
    if (waves) waves->dump(static_cast<std::uint64_t>(cycle * period + halves * period / 2));
#endif
  }
};

extern "C" {

VitMover* vit_mover_create(void) {
  auto mover = std::make_unique<VitMover>();
  Verilated::threadContextp(&mover->context);
  mover->context.traceEverOn(VM_TRACE != 0);
  mover->context.fatalOnError(false);
  mover->context.randReset(2);
  mover->ports = make_mover(mover->context);
  MoverPorts& ports = *mover->ports;
  ports.drive({});
  for (const bool low : {false, true, true, false}) {  // a falling edge, and clocks while it is low
    ports.reset(low);
    ports.clock(false);
    ports.eval();
    if (!low) continue;
    ports.clock(true);
    ports.eval();
    ports.clock(false);
    ports.eval();
  }
  return mover.release();
}

void vit_mover_destroy(VitMover* mover) {
  Verilated::threadContextp(&mover->context);  // a model must die under its own context
  vit_mover_trace_close(mover);
  mover->ports->final();
  delete mover;
}

void vit_mover_parameters(VitMoverParameters* parameters) {
  *parameters = mover_parameters();
  parameters->abi = VIT_MOVER_ABI;
  parameters->asserts = VIT_ASSERTS;
  parameters->traced = VM_TRACE;
}

uint8_t vit_mover_set(VitMover* mover, const char* name, uint32_t value) { return mover->ports->set(name, value); }

void vit_mover_begin(VitMover* mover, const VitMoverIn* in) {
  mover->finish_cycle();
  mover->ports->drive(*in);
  mover->ports->clock(false);
  mover->eval();
}

void vit_mover_settle(VitMover* mover, const VitMoverAnswers* answers, VitMoverAsks* asks) {
  mover->ports->answer(*answers);
  mover->eval();
  *asks = {};
  mover->ports->ask(*asks);
}

void vit_mover_report(const VitMover* mover, VitMoverOut* out) {
  *out = {};
  mover->ports->report(*out);
}

void vit_mover_end(VitMover* mover, VitMoverOut* out) {
  mover->dump(0);
  vit_mover_report(mover, out);
  mover->edge_due = true;
}

const char* vit_mover_failure(const VitMover* mover) {
  return mover->failure.empty() ? nullptr : mover->failure.c_str();
}

uint8_t vit_mover_trace_open(VitMover* mover, const char* path, uint64_t picoseconds_per_cycle) {
#if VM_TRACE
  Verilated::threadContextp(&mover->context);
  mover->period = picoseconds_per_cycle;
  mover->waves = std::make_unique<VerilatedFstC>();
  mover->ports->trace(*mover->waves);
  mover->waves->open(path);
  return mover->waves->isOpen();
#else
  (void)mover, (void)path, (void)picoseconds_per_cycle;
  return 0;
#endif
}

void vit_mover_trace_cycle(VitMover* mover, uint64_t cycle) {
  mover->finish_cycle();
  mover->cycle = cycle;
}

void vit_mover_trace_close(VitMover* mover) {
#if VM_TRACE
  mover->finish_cycle();
  if (mover->waves) mover->waves->close();
  mover->waves.reset();
#else
  (void)mover;
#endif
}

}  // extern "C"

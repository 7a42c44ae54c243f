// SPDX-License-Identifier: Apache-2.0
//
// The Verilated vit_cube behind the C interface. Compiled by scripts/build_block together with what
// Verilator wrote; VIT_* macros are the parameters it was Verilated with.
#pragma GCC visibility push(default)  // only the C interface is seen from outside
#include "tb/pipe/cube_block.h"
#pragma GCC visibility pop

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "Vvit_cube.h"
#include "verilated.h"
#if VM_TRACE
#include "verilated_fst_c.h"
#endif

namespace {

// Where a failure of the running model goes. Verilator prints the name of a failed assertion, then
// calls vl_stop().
thread_local std::string* failing = nullptr;
thread_local std::string printed;

// "cube.vit_cube.i_seq.Name_A" out of what was printed.
std::string failed_assertion() {
  constexpr std::string_view mark = "Assertion failed in ";
  const std::size_t at = printed.rfind(mark);
  if (at == std::string::npos) return "something";
  const std::size_t begin = at + mark.size();
  return printed.substr(begin, printed.find_first_of(": \n", begin) - begin);
}

// Ports are CData to VlWide by width; all of them are little-endian bytes.
template <class Port>
void put(Port& port, const void* data) {
  if (data != nullptr) std::memcpy(static_cast<void*>(&port), data, sizeof port);
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

struct VitCube {
  VerilatedContext context;
  std::unique_ptr<Vvit_cube> top;
  std::string failure;
  std::uint64_t cycle = 0, period = 1;
  bool edge_due = false;  // the rising edge of the cycle before: outputs stay readable until the next call
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> waves;
#endif

  void eval() {
    failing = &failure;
    top->eval();
    failing = nullptr;
  }
  void finish_cycle() {
    if (!edge_due) return;
    edge_due = false;
    top->clk_i = 1;
    eval();
    dump(1);
  }
  void dump(std::uint64_t halves) {
#if VM_TRACE
    if (waves) waves->dump(static_cast<std::uint64_t>(cycle * period + halves * period / 2));
#else
    (void)halves;
#endif
  }
};

extern "C" {

VitCube* vit_cube_create(void) {
  auto cube = std::make_unique<VitCube>();
  Verilated::threadContextp(&cube->context);
  cube->context.traceEverOn(VM_TRACE != 0);
  cube->context.fatalOnError(false);
  cube->context.randReset(2);
  cube->top = std::make_unique<Vvit_cube>(&cube->context, "cube");
  Vvit_cube& top = *cube->top;
  top.in_valid_i = 0;
  top.l0c_gnt_i = 0;
  top.uf_ok_i = 0;
  for (const int reset : {1, 0, 0, 1}) {  // a falling edge, and clocks while it is low
    top.rst_ni = static_cast<unsigned char>(reset);
    top.clk_i = 0;
    top.eval();
    if (reset == 0) {
      top.clk_i = 1;
      top.eval();
      top.clk_i = 0;
      top.eval();
    }
  }
  return cube.release();
}

void vit_cube_destroy(VitCube* cube) {
  Verilated::threadContextp(&cube->context);  // a model must die under its own context
  vit_cube_trace_close(cube);
  cube->top->final();
  delete cube;
}

void vit_cube_parameters(VitCubeParameters* parameters) {
  *parameters = {VIT_CUBE_ABI, VIT_M0, VIT_K0, VIT_N0, VIT_NUMERICS, VIT_REVISIT, VIT_ASSERTS, VM_TRACE,
                 static_cast<int32_t>(sizeof(Vvit_cube::in_instr_i) / 8)};
}

void vit_cube_ask(VitCube* cube, const VitCubeIn* in, VitCubeAsk* ask) {
  cube->finish_cycle();
  Vvit_cube& top = *cube->top;
  top.in_valid_i = in->valid;
  put(top.in_instr_i, in->instruction);
  put(top.l0a_data_i, in->l0a);
  put(top.l0b_data_i, in->l0b);
  put(top.bt_data_i, in->bt);
  put(top.l0c_rdata_i, in->l0c);
  top.uf_ok_i = 0;
  top.l0c_gnt_i = 0;
  top.clk_i = 0;
  cube->eval();
  *ask = {top.in_ready_o, top.uf_check_o, top.l0c_req_o, top.uf_addr_o, top.uf_mask_o};
}

void vit_cube_clock(VitCube* cube, uint8_t flags_down, uint8_t l0c_grant, VitCubeOut* out) {
  Vvit_cube& top = *cube->top;
  top.uf_ok_i = flags_down;
  top.l0c_gnt_i = l0c_grant;
  cube->eval();
  cube->dump(0);
  *out = {};
  out->fired = top.dbg_fire_o;
  out->busy = top.dbg_busy_o;
  out->l0a_read = top.l0a_ren_o;
  out->l0b_read = top.l0b_ren_o;
  out->bt_read = top.bt_ren_o;
  out->l0c_read = top.l0c_ren_o;
  out->l0c_write = top.l0c_we_o;
  out->flag_set = top.uf_set_o;
  out->done = top.done_o;
  constexpr int address_bits = 20;  // of one fractal row's address: vit_cube's AW
  for (int r = 0; r < (VIT_M0 > 16 ? VIT_M0 / 16 : 1); ++r) {
    out->l0a_address[r] = static_cast<std::uint32_t>(top.l0a_addr_o >> (r * address_bits)) & ((1u << address_bits) - 1);
  }
  out->l0b_address = top.l0b_addr_o;
  out->bt_address = top.bt_addr_o;
  out->l0c_read_address = top.l0c_raddr_o;
  out->l0c_write_address = top.l0c_waddr_o;
  out->row_mask = top.l0c_row_mask_o;
  out->column_mask = top.l0c_column_mask_o;
  out->flag_set_first = top.uf_set_addr_o;
  out->flag_set_mask = top.uf_set_mask_o;
  out->l0c_data = reinterpret_cast<const uint32_t*>(&top.l0c_wdata_o);
  cube->edge_due = true;
}

const char* vit_cube_failure(const VitCube* cube) {
  return cube->failure.empty() ? nullptr : cube->failure.c_str();
}

uint8_t vit_cube_trace_open(VitCube* cube, const char* path, uint64_t picoseconds_per_cycle) {
#if VM_TRACE
  Verilated::threadContextp(&cube->context);
  cube->period = picoseconds_per_cycle;
  cube->waves = std::make_unique<VerilatedFstC>();
  cube->top->trace(cube->waves.get(), 99);
  cube->waves->open(path);
  return cube->waves->isOpen();
#else
  (void)cube, (void)path, (void)picoseconds_per_cycle;
  return 0;
#endif
}

void vit_cube_trace_cycle(VitCube* cube, uint64_t cycle) {
  cube->finish_cycle();
  cube->cycle = cycle;
}

void vit_cube_trace_close(VitCube* cube) {
#if VM_TRACE
  cube->finish_cycle();
  if (cube->waves) cube->waves->close();
  cube->waves.reset();
#else
  (void)cube;
#endif
}

}  // extern "C"

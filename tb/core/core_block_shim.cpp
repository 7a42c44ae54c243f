// SPDX-License-Identifier: Apache-2.0
//
// The Verilated vit_aic behind the C interface. Compiled by scripts/build_block together with what Verilator
// wrote; VIT_* macros are the parameters it was Verilated with.
#pragma GCC visibility push(default)  // only the C interface is seen from outside
#include "tb/core/core_block.h"
#pragma GCC visibility pop

#include <cstring>
#include <memory>
#include <string>

#include "Vvit_aic.h"
#include "tb/core/core_block_beats.h"
#include "tb/common/verilated_failure.h"
#include "verilated.h"
#if VM_TRACE
#include "verilated_fst_c.h"
#endif

namespace {

using Top = Vvit_aic;

constexpr int depth_bits = log2_of(VIT_QUEUE) + 1;
void set_depth(Top& top, int queue, std::uint64_t value) {
  const std::uint64_t mask = ((std::uint64_t{1} << depth_bits) - 1) << queue * depth_bits;
  top.cfg_depth_i = (top.cfg_depth_i & ~mask) | value << queue * depth_bits;
}

// Of a power of two.
unsigned log2_of(std::uint64_t value) {
  unsigned bits = 0;
  while (value > 1) value /= 2, ++bits;
  return bits;
}

struct Setting {
  const char* key;
  void (*set)(Top& top, std::uint64_t value);
};
constexpr Setting settings[] = {
    {"core.queue_depth.m", [](Top& top, std::uint64_t value) { set_depth(top, 0, value); }},
    {"core.queue_depth.mte1", [](Top& top, std::uint64_t value) { set_depth(top, 1, value); }},
    {"core.queue_depth.mte2", [](Top& top, std::uint64_t value) { set_depth(top, 2, value); }},
    {"core.queue_depth.mte3", [](Top& top, std::uint64_t value) { set_depth(top, 3, value); }},
    {"core.queue_depth.fix", [](Top& top, std::uint64_t value) { set_depth(top, 4, value); }},
    {"core.pending_sets", [](Top& top, std::uint64_t value) { top.cfg_pending_sets_i = value; }},
    {"mte1.setup", [](Top& top, std::uint64_t value) { top.cfg_mte1_setup_i = value; }},
    {"mte1.load_tail", [](Top& top, std::uint64_t value) { top.cfg_mte1_load_tail_i = value; }},
    {"mte1.latency", [](Top& top, std::uint64_t value) { top.cfg_mte1_latency_i = value; }},
    {"mte2.setup", [](Top& top, std::uint64_t value) { top.cfg_mte2_setup_i = value; }},
    {"mte2.request", [](Top& top, std::uint64_t value) { top.cfg_mte2_request_i = value; }},
    {"mte2.in_flight", [](Top& top, std::uint64_t value) { top.cfg_mte2_in_flight_i = value; }},
    {"mte2.outstanding", [](Top& top, std::uint64_t value) { top.cfg_mte2_outstanding_i = value; }},
    {"mte3.setup", [](Top& top, std::uint64_t value) { top.cfg_mte3_setup_i = value; }},
    {"mte3.latency", [](Top& top, std::uint64_t value) { top.cfg_mte3_latency_i = value; }},
    {"mte3.in_flight", [](Top& top, std::uint64_t value) { top.cfg_mte3_in_flight_i = value; }},
    {"fix.setup", [](Top& top, std::uint64_t value) { top.cfg_fix_setup_i = value; }},
    {"fix.latency", [](Top& top, std::uint64_t value) { top.cfg_fix_latency_i = value; }},
    {"fix.fb_tail", [](Top& top, std::uint64_t value) { top.cfg_fix_fb_tail_i = value; }},
    {"fix.patience", [](Top& top, std::uint64_t value) { top.cfg_fix_patience_i = value; }},
    {"gm.read_rate", [](Top& top, std::uint64_t value) { top.cfg_gm_read_rate_i = value; }},
    {"gm.read_grain", [](Top& top, std::uint64_t value) { top.cfg_gm_read_grain_log2_i = log2_of(value); }},
};

template <class Port>
void put(Port& port, const void* data) {
  if (data != nullptr) std::memcpy(static_cast<void*>(&port), data, sizeof port);
}

void drive(Top& top, const VitCoreIn& in) {
  top.in_valid_i = in.instruction != nullptr;
  put(top.in_instr_i, in.instruction);
  top.gm_rd_resp_valid_i = in.read_data[VIT_GM_MTE2] != nullptr;
  put(top.gm_rd_resp_data_i, in.read_data[VIT_GM_MTE2]);
  top.gm_rs_resp_valid_i = in.read_data[VIT_GM_S] != nullptr;
  put(top.gm_rs_resp_data_i, in.read_data[VIT_GM_S]);
  top.gm_rd_ready_i = in.read_ready[VIT_GM_MTE2];
  top.gm_rs_ready_i = in.read_ready[VIT_GM_S];
  top.gm_wf_ready_i = in.write_ready[VIT_GM_FIX];
  top.gm_w3_ready_i = in.write_ready[VIT_GM_MTE3];
  top.gm_wf_ack_i = in.acknowledge[VIT_GM_FIX];
  top.gm_w3_ack_i = in.acknowledge[VIT_GM_MTE3];
}

void report_fix_write(const Top& top, VitCoreWrite& write) {
  write.valid = 1;
  write.last = top.gm_wf_last_o;
  for (int piece = 0; piece < 2; ++piece) {
    write.size[piece] = static_cast<std::uint16_t>(bits_of(top.gm_wf_size_o, piece * 7, 7));
    write.address[piece] = bits_of(top.gm_wf_addr_o, piece * 48, 48);
    write.data[piece] = bytes_of(top.gm_wf_data_o) + piece * 64;
  }
}

void report_requests(const Top& top, VitCoreOut& out) {
  out.read[VIT_GM_MTE2] = {top.gm_rd_valid_o, top.gm_rd_size_o, top.gm_rd_addr_o};
  out.read[VIT_GM_S] = {top.gm_rs_valid_o, top.gm_rs_size_o, top.gm_rs_addr_o};
  out.write[VIT_GM_FIX].valid = 0;
  if (top.gm_wf_valid_o) report_fix_write(top, out.write[VIT_GM_FIX]);
  VitCoreWrite& three = out.write[VIT_GM_MTE3];
  three.valid = top.gm_w3_valid_o;
  three.last = top.gm_w3_last_o;
  three.size[0] = top.gm_w3_size_o;
  three.size[1] = 0;
  three.address[0] = top.gm_w3_addr_o;
  three.data[0] = bytes_of(top.gm_w3_data_o);
}

void report(const Top& top, VitCoreOut& out) {
  out.taken = top.obs_noop_o & 1;
  out.started = top.obs_start_o;
  out.noop = top.obs_noop_o & ~1u;
  out.ended = top.obs_end_o;
  out.raised = top.obs_raise_o;
  out.error = top.obs_error_o;
  out.response = top.resp_valid_o;
  out.states = top.obs_state_o;
  out.value = top.resp_data_o;
  report_requests(top, out);
}

}  // namespace

struct VitCore {
  VerilatedContext context;
  std::unique_ptr<Top> top;
  std::string failure;
  std::uint64_t cycle = 0, period = 1;
  bool edge_due = false;  // the rising edge of the cycle before: outputs stay readable until the next call
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> waves;
#endif

  void eval() {
    const VerilatedFailure noted{failure};
    top->eval();
  }
  void finish_cycle() {
    if (!edge_due) return;
    edge_due = false;
    top->clk_i = 1;
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

VitCore* vit_core_create(void) {
  auto core = std::make_unique<VitCore>();
  Verilated::threadContextp(&core->context);
  core->context.traceEverOn(VM_TRACE != 0);
  core->context.fatalOnError(false);
  core->context.randReset(2);
  core->top = std::make_unique<Top>(&core->context, "aic");
  Top& top = *core->top;
  for (const Setting& setting : settings) setting.set(top, 0);
  drive(top, {});
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
  return core.release();
}

void vit_core_destroy(VitCore* core) {
  Verilated::threadContextp(&core->context);  // a model must die under its own context
  vit_core_trace_close(core);
  core->top->final();
  delete core;
}

void vit_core_parameters(VitCoreParameters* parameters) {
  *parameters = {.abi = VIT_CORE_ABI, .m = VIT_M0, .k = VIT_K0, .n = VIT_N0, .numerics = VIT_NUMERICS, .revisit = VIT_D,
                 .l1 = VIT_L1_BYTES, .l0a = VIT_L0A_BYTES, .l0b = VIT_L0B_BYTES, .l0c = VIT_L0C_BYTES, .bt = VIT_BT_BYTES, .fb = VIT_FB_BYTES,
                 .l0a_rate = VIT_L0A_RATE, .l0b_rate = VIT_L0B_RATE, .fix_rate = 128, .write_rate = VIT_W_RATE,
                 .queue = VIT_QUEUE, .sets = VIT_SETS, .asserts = VIT_ASSERTS, .traced = VM_TRACE,
                 .instruction_words = static_cast<std::int32_t>(sizeof(Top::in_instr_i) / 8)};
}

uint8_t vit_core_set(VitCore* core, const char* key, uint64_t value) {
  for (const Setting& setting : settings) {
    if (std::strcmp(setting.key, key) == 0) return setting.set(*core->top, value), 1;
  }
  return 0;
}

void vit_core_ask(VitCore* core, VitCoreOut* out) {
  core->finish_cycle();
  report_requests(*core->top, *out);
}

void vit_core_clock(VitCore* core, const VitCoreIn* in, VitCoreOut* out) {
  core->finish_cycle();
  drive(*core->top, *in);
  core->top->clk_i = 0;
  core->eval();
  core->dump(0);
  report(*core->top, *out);
  core->edge_due = true;
}

void vit_core_beats(VitCore* core, VitCoreBeat beat, void* context) { report_beats(*core->top->rootp, {beat, context}); }

uint8_t* vit_core_buffer(VitCore* core, const char* name, uint64_t* size) {
  core->finish_cycle();
  return buffer_of(*core->top->rootp, name, *size);
}

const char* vit_core_failure(const VitCore* core) {
  return core->failure.empty() ? nullptr : core->failure.c_str();
}

uint8_t vit_core_trace_open([[maybe_unused]] VitCore* core, [[maybe_unused]] const char* path,
                            [[maybe_unused]] uint64_t picoseconds_per_cycle) {
#if VM_TRACE
  Verilated::threadContextp(&core->context);
  core->period = picoseconds_per_cycle;
  core->waves = std::make_unique<VerilatedFstC>();
  core->top->trace(core->waves.get(), 99);
  core->waves->open(path);
  return core->waves->isOpen();
#else
  return 0;
#endif
}

void vit_core_trace_cycle(VitCore* core, uint64_t cycle) {
  core->finish_cycle();
  core->cycle = cycle;
}

void vit_core_trace_close([[maybe_unused]] VitCore* core) {
#if VM_TRACE
  core->finish_cycle();
  if (core->waves) core->waves->close();
  core->waves.reset();
#endif
}

}  // extern "C"

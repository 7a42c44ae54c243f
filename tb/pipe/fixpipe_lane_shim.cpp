// SPDX-License-Identifier: Apache-2.0
//
// The Verilated vit_fixpipe_lane behind its C interface; compiled by scripts/build_block.
#include <cstring>
#include <memory>

#include "Vvit_fixpipe_lane.h"
#include "tb/pipe/fixpipe_lane.h"
#include "verilated.h"

int vit_print(const char*, ...) { return 0; }
void vl_stop(const char*, int, const char*) {}
void vl_finish(const char*, int, const char*) {}
void vl_fatal(const char*, int, const char*, const char*) {}

namespace {

constexpr int columns = 16, scale_bits = 47;

// Quantisation words stand side by side at the port, 47 bits each.
template <class Port>
void put_scales(Port& port, const std::uint64_t* scales) {
  std::uint32_t packed[(columns * scale_bits + 31) / 32 + 2] = {};
  for (int c = 0; c < columns; ++c) {
    const int at = c * scale_bits;
    const auto bits = static_cast<unsigned __int128>(scales[c] & ((1ull << scale_bits) - 1)) << at % 32;
    for (int i = 0; i < 3; ++i) packed[at / 32 + i] |= static_cast<std::uint32_t>(bits >> 32 * i);
  }
  std::memcpy(static_cast<void*>(&port), packed, sizeof port);
}

}  // namespace

struct VitFixpipeLane {
  VerilatedContext context;
  std::unique_ptr<Vvit_fixpipe_lane> top;

  void clock() {
    top->clk_i = 0;
    top->eval();
    top->clk_i = 1;
    top->eval();
  }
};

extern "C" {

VitFixpipeLane* vit_fixpipe_lane_create(void) {
  auto lane = std::make_unique<VitFixpipeLane>();
  Verilated::threadContextp(&lane->context);
  lane->context.randReset(2);
  lane->top = std::make_unique<Vvit_fixpipe_lane>(&lane->context, "lane");
  for (const unsigned char reset : {1, 0, 1}) {
    lane->top->rst_ni = reset;
    lane->clock();
  }
  return lane.release();
}

void vit_fixpipe_lane_destroy(VitFixpipeLane* lane) {
  Verilated::threadContextp(&lane->context);  // a model must die under its own context
  delete lane;
}

const uint32_t* vit_fixpipe_lane_cycle(VitFixpipeLane* lane, uint8_t go, const VitFixpipeLaneIn* in) {
  Vvit_fixpipe_lane& top = *lane->top;
  top.go_i = go;
  top.in_valid_i = in != nullptr;
  if (in != nullptr) {
    std::memcpy(static_cast<void*>(&top.in_word_i), in->words, sizeof top.in_word_i);
    put_scales(top.in_scale_i, in->scales);
    top.in_float_i = in->is_float;
    top.in_quant_i = in->quant;
    top.in_relu_i = in->relu;
  }
  lane->clock();
  return top.out_valid_o ? reinterpret_cast<const uint32_t*>(&top.out_word_o) : nullptr;
}

}  // extern "C"

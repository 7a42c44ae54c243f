// SPDX-License-Identifier: Apache-2.0
//
// The Verilated vit_cube_array behind its C interface; compiled by scripts/build_block.
#include "tb/bench/cube_array.h"

#include <cstring>
#include <memory>

#include "Vvit_cube_array.h"
#include "verilated.h"

int vit_print(const char*, ...) { return 0; }
void vl_stop(const char*, int, const char*) {}
void vl_finish(const char*, int, const char*) {}
void vl_fatal(const char*, int, const char*, const char*) {}

struct VitCubeArray {
  VerilatedContext context;
  std::unique_ptr<Vvit_cube_array> top;

  void clock() {
    top->clk_i = 0;
    top->eval();
    top->clk_i = 1;
    top->eval();
  }
};

extern "C" {

VitCubeArray* vit_cube_array_create(void) {
  auto array = std::make_unique<VitCubeArray>();
  Verilated::threadContextp(&array->context);
  array->top = std::make_unique<Vvit_cube_array>(&array->context, "array");
  for (const unsigned char reset : {1, 0, 1}) {
    array->top->rst_ni = reset;
    array->clock();
  }
  return array.release();
}

void vit_cube_array_destroy(VitCubeArray* array) {
  Verilated::threadContextp(&array->context);
  delete array;
}

const uint32_t* vit_cube_array_cycle(VitCubeArray* array, uint8_t dtype, uint8_t hf32, uint8_t depth, uint8_t first, uint8_t last,
                                     const uint8_t* a, const uint8_t* b, const uint8_t* c) {
  Vvit_cube_array& top = *array->top;
  top.in_first_i = first;
  top.in_last_i = last;
  top.in_dtype_i = dtype;
  top.in_hf32_i = hf32;
  top.in_depth_i = depth;
  top.acc_valid_i = first;
  top.acc_from_l0c_i = 1;
  if (first) {
    std::memcpy(static_cast<void*>(&top.in_a_i), a, sizeof top.in_a_i);
    std::memcpy(static_cast<void*>(&top.in_b_i), b, sizeof top.in_b_i);
    std::memcpy(static_cast<void*>(&top.acc_l0c_i), c, sizeof top.acc_l0c_i);
  }
  array->clock();
  return top.out_valid_o ? reinterpret_cast<const uint32_t*>(&top.out_word_o) : nullptr;
}

}  // extern "C"

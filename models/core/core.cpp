// SPDX-License-Identifier: Apache-2.0
#include "models/core/core.h"

#include <cstring>

#include "models/pipe/fixpipe.h"
#include "models/pipe/load3d.h"
#include "models/pipe/mte1.h"
#include "models/pipe/mte2.h"
#include "models/pipe/mte3.h"

namespace vitruvian::models {
namespace {

CubeShape shape_of(const ChipConfig& chip) {
  return {static_cast<int>(chip.cube.m), static_cast<int>(chip.cube.k),
          static_cast<int>(chip.cube.n)};
}

// The cube takes what it needs from the front of each span; how much that is it says itself.
void multiply(const Mmad& i, CoreState& state, Cube& cube) {
  if (i.m == 0 || i.n == 0 || i.k == 0) return;
  MmadArgs args = args_of(i);
  args.a = state.l0a.at(i.a.value(), mmad_a_bytes(args));
  args.b = state.l0b.at(i.b.value(), mmad_b_bytes(args));
  args.bias = state.bt.at(i.bias.value(), i.init == Init::bias ? 4u * i.n : 0u);
  cube.mmad(args, state.l0c.at(i.c.value(), mmad_c_bytes(i.m, i.n)));
}

// The value goes to whoever reads the response port.
void load_scalar(const LoadScalar& i, CoreState& state) {
  std::uint64_t value;
  std::memcpy(&value, state.gm.at(i.src, Bytes{sizeof value}).data(), sizeof value);
  state.responses.push_back(value);
}

// One overload a class of instruction: this is the whole of the core's decoder.
struct Executor {
  CoreState& state;
  Cube& cube;
  void operator()(const Scalar&) const {}
  void operator()(const LoadScalar& i) const { load_scalar(i, state); }
  void operator()(const SetFlag&) const {}
  void operator()(const WaitFlag&) const {}
  void operator()(const PipeBarrier&) const {}
  void operator()(const Mmad& i) const { multiply(i, state, cube); }
  void operator()(const Load2d& i) const { load2d(i, state); }
  void operator()(const Load2dTranspose& i) const { load2d_transpose(i, state); }
  void operator()(const Load3d& i) const { load3d(i, state); }
  void operator()(const FillL0& i) const { fill_l0(i, state); }
  void operator()(const CopyL1Bt& i) const { copy_l1_bt(i, state); }
  void operator()(const CopyGmL1& i) const { copy_gm_l1(i, state); }
  void operator()(const CopyGmL1Nd2nz& i) const { copy_gm_l1_nd2nz(i, state); }
  void operator()(const Load2dGm& i) const { load2d_gm(i, state); }
  void operator()(const FillL1& i) const { fill_l1(i, state); }
  void operator()(const CopyL1Gm& i) const { copy_l1_gm(i, state); }
  void operator()(const Fixpipe& i) const { fixpipe(i, state); }
  void operator()(const FixpipeL1& i) const { fixpipe(i, state); }
  void operator()(const CopyL1Fb& i) const { copy_l1_fb(i, state); }
};

}  // namespace

void execute(const Instruction& instruction, CoreState& state, Cube& cube) {
  std::visit(Executor{state, cube}, instruction);
}

void execute(const Instruction& instruction, CoreState& state, const ChipConfig& chip,
             Numerics numerics) {
  Cube cube{numerics, shape_of(chip)};
  execute(instruction, state, cube);
}

void run(const Program& program, CoreState& state, const ChipConfig& chip, Numerics numerics) {
  Cube cube{numerics, shape_of(chip)};
  for (const Instruction& instruction : program.instructions) execute(instruction, state, cube);
}

}  // namespace vitruvian::models

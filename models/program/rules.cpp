// SPDX-License-Identifier: Apache-2.0
//
// What must hold between the fields of an instruction: the `rules` of instructions.toml, in its
// order.
#include <fmt/format.h>

#include <utility>

#include "models/arch/error.h"
#include "models/program/footprint.h"

namespace vitruvian::models {
namespace {

template <class... Args>
void require(bool holds, fmt::format_string<Args...> text, Args&&... args) {
  if (!holds) throw InputError{fmt::format(text, std::forward<Args>(args)...)};
}

// Queues of a cube core, which has neither a vector unit nor MTE3 work in this vocabulary.
bool is_queue(Pipe pipe) {
  return pipe == Pipe::S || pipe == Pipe::M || pipe == Pipe::MTE1 || pipe == Pipe::MTE2 ||
         pipe == Pipe::FIX;
}

void check_flag(std::string_view what, Pipe from, Pipe to, int id, const ChipConfig& chip) {
  require(is_queue(from), "{}: from = {} is not a pipe of a cube core: S, M, MTE1, MTE2, FIX", what,
          name(from));
  require(is_queue(to), "{}: to = {} is not a pipe of a cube core: S, M, MTE1, MTE2, FIX", what,
          name(to));
  require(from != to, "{}: from and to are both {}; a queue orders itself", what, name(from));
  require(id < static_cast<int>(chip.event_ids), "{}: id = {} is outside 0..{} of this chip", what,
          id, chip.event_ids - 1);
}

void check(const SetFlag& i, const ChipConfig& chip) {
  check_flag("set_flag", i.from, i.to, i.id, chip);
}

void check(const WaitFlag& i, const ChipConfig& chip) {
  check_flag("wait_flag", i.from, i.to, i.id, chip);
}

void check(const PipeBarrier& i, const ChipConfig&) {
  require(i.on == Pipe::ALL || (is_queue(i.on) && i.on != Pipe::S),
          "pipe_barrier: on = {} is not one of M, MTE1, MTE2, FIX, ALL", name(i.on));
}

void require_operand(std::string_view what, DataType dtype) {
  require(dtype != DataType::s32, "{}: dtype = s32 is not one of f16, bf16, f32, s8", what);
}

void check(const Mmad& i, const ChipConfig&) { require_operand("mmad", i.dtype); }

void check(const Load2d& i, const ChipConfig&) {
  require_operand("load2d", i.dtype);
  require(!i.transpose || element_size(i.dtype) == 2,
          "load2d: transpose = 1 needs dtype f16 or bf16, not {}; see load2d_transpose",
          name(i.dtype));
}

void check(const Load2dTranspose& i, const ChipConfig&) {
  require_operand("load2d_transpose", i.dtype);
}

void check(const CopyGmL1Nd2nz& i, const ChipConfig&) {
  const int size = element_size(i.dtype);
  require(i.src.value() % size == 0,
          "copy_gm_l1_nd2nz: src = {:#x} is not a multiple of the {} B of {}", i.src.value(), size,
          name(i.dtype));
  require(i.nd_num <= 1 || i.dst_nd_stride * size % 32 == 0,
          "copy_gm_l1_nd2nz: dst_nd_stride = {} elements of {} is not a multiple of 32 B",
          i.dst_nd_stride, name(i.dtype));
}

void check_nz(const Fixpipe& i) {
  require(i.n % 16 == 0, "fixpipe: n = {} is not a multiple of 16 columns, as NZ output needs",
          i.n);
  require(i.dst.value() % 32 == 0,
          "fixpipe: dst = {:#x} is not a multiple of 32 B, as NZ output needs", i.dst.value());
  require(i.nd_num == 1, "fixpipe: nd_num = {} needs nz2nd = 1", i.nd_num);
}

void check_nd(const Fixpipe& i) {
  const int size = i.quant == Quant::none ? 4 : i.quant == Quant::REQ8 ? 1 : 2;
  require(i.m <= 8192, "fixpipe: m = {} is outside 1..8192 rows with nz2nd = 1", i.m);
  require(i.dst.value() % size == 0,
          "fixpipe: dst = {:#x} is not a multiple of the {} B of an output element", i.dst.value(),
          size);
}

void check(const Fixpipe& i, const ChipConfig&) {
  require(i.acc == DataType::f32 || i.acc == DataType::s32,
          "fixpipe: acc = {} is not one of f32, s32", name(i.acc));
  const bool floating = i.quant == Quant::F322F16 || i.quant == Quant::F322BF16;
  const bool integer = i.quant == Quant::DEQF16 || i.quant == Quant::REQ8;
  require(i.acc != DataType::f32 || !integer,
          "fixpipe: quant = {} does not take acc = f32; none, F322F16, F322BF16 do", name(i.quant));
  require(i.acc != DataType::s32 || !floating,
          "fixpipe: quant = {} does not take acc = s32; none, DEQF16, REQ8 do", name(i.quant));
  require(i.src_stride % 16 == 0, "fixpipe: src_stride = {} is not a multiple of 16 rows",
          i.src_stride);
  require(i.unit_flag == UnitFlag::off || i.src.value() % 1024 == 0,
          "fixpipe: src = {:#x} is not a multiple of 1024 B, as unit_flag = {} needs",
          i.src.value(), name(i.unit_flag));
  i.nz2nd ? check_nd(i) : check_nz(i);
}

template <class Other>
void check(const Other&, const ChipConfig&) {}

}  // namespace

void check_rules(const Instruction& instruction, const ChipConfig& chip) {
  const InstructionInfo& row = info(instruction);
  require((row.generations >> static_cast<int>(chip.generation)) & 1,
          "{}: the generation of {} does not have this instruction", row.name, chip.name);
  std::visit([&](const auto& i) { check(i, chip); }, instruction);
}

}  // namespace vitruvian::models

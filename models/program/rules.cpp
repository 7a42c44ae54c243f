// SPDX-License-Identifier: Apache-2.0
//
// What must hold between the fields of an instruction: the `rules` of instructions.toml, in its
// order.
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "models/arch/error.h"
#include "models/program/fixpipe_view.h"
#include "models/program/footprint.h"
#include "models/program/img2col.h"

namespace vitruvian::models {
namespace {

template <class... Args>
void require(bool holds, fmt::format_string<Args...> text, Args&&... args) {
  if (!holds) throw InputError{fmt::format(text, std::forward<Args>(args)...)};
}

// Queues of a cube core, which has no vector unit.
bool is_queue(Pipe pipe) { return pipe != Pipe::V && pipe != Pipe::ALL; }

void check_flag(std::string_view what, Pipe from, Pipe to, int id, const ChipConfig& chip) {
  require(is_queue(from), "{}: from = {} is not a pipe of a cube core: S, M, MTE1, MTE2, MTE3, FIX",
          what, name(from));
  require(is_queue(to), "{}: to = {} is not a pipe of a cube core: S, M, MTE1, MTE2, MTE3, FIX",
          what, name(to));
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
          "pipe_barrier: on = {} is not one of M, MTE1, MTE2, MTE3, FIX, ALL", name(i.on));
}

void require_operand(std::string_view what, DataType dtype) {
  require(dtype != DataType::s32, "{}: dtype = s32 is not one of f16, bf16, f32, s8, s4", what);
}

void check(const Mmad& i, const ChipConfig&) {
  require_operand("mmad", i.dtype);
  require(i.hf32 == Hf32::off || i.dtype == DataType::f32,
          "mmad: hf32 = {} needs dtype f32, not {}", name(i.hf32), name(i.dtype));
  require(!i.k_align || i.dtype == DataType::f32, "mmad: k_align = 1 needs dtype f32, not {}",
          name(i.dtype));
}

void check(const Load2d& i, const ChipConfig&) {
  require_operand("load2d", i.dtype);
  require(!i.transpose || element_size(i.dtype) == 2,
          "load2d: transpose = 1 needs dtype f16 or bf16, not {}; see load2d_transpose",
          name(i.dtype));
}

void check(const Load2dTranspose& i, const ChipConfig&) {
  require_operand("load2d_transpose", i.dtype);
}

void check_multiple(std::string_view field, int value, int of, std::string_view unit) {
  require(value % of == 0, "load3d: {} = {} is not a multiple of {} {}", field, value, of, unit);
}

void check_window(const Load3d& i, const Img2col& x) {
  const auto c0 = static_cast<int>(x.c0());
  check_multiple("m_start", i.m_start, 16, "rows");
  check_multiple("m_extension", i.m_extension, 16, "rows");
  check_multiple("k_start", i.k_start, c0, "elements (C0)");
  check_multiple("k_extension", i.k_extension, c0, "elements (C0)");
  require(
      i.k_start + i.k_extension <= x.column_blocks() * c0,
      "load3d: k_start + k_extension = {} is beyond K = channel_size * filter_h * filter_w = {}",
      i.k_start + i.k_extension, x.column_blocks() * c0);
}

void check(const Load3d& i, const ChipConfig& chip) {
  require_operand("load3d", i.dtype);
  const Img2col x{i};
  check_multiple("channel_size", i.channel_size, static_cast<int>(x.c0()), "elements (C0)");
  require(x.height() > 0,
          "load3d: filter_h = {} with dilation_h = {} is {} rows high, the padded "
          "map {}",
          i.filter_h, i.dilation_h, i.dilation_h * (i.filter_h - 1) + 1,
          i.l1_h + i.pad_top + i.pad_bottom);
  require(x.width() > 0,
          "load3d: filter_w = {} with dilation_w = {} is {} columns wide, the padded "
          "map {}",
          i.filter_w, i.dilation_w, i.dilation_w * (i.filter_w - 1) + 1,
          i.l1_w + i.pad_left + i.pad_right);
  check_window(i, x);
  require(!i.transpose || (i.to == L0Buffer::L0A && element_bits(i.dtype) == 16),
          "load3d: transpose = 1 needs to = L0A and dtype f16 or bf16, not {} and {}", name(i.to),
          name(i.dtype));
  require(i.src.value() + x.map_bytes() <= chip.l1.value(),
          "load3d: the feature map of {} B from src = {:#x} on ends at {}, L1 has {} B",
          x.map_bytes(), i.src.value(), i.src.value() + x.map_bytes(), chip.l1.value());
}

void check(const CopyGmL1Nd2nz& i, const ChipConfig&) {
  require(i.dtype != DataType::s4, "copy_gm_l1_nd2nz: dtype = s4: copy its bytes as s8");
  const int size = element_size(i.dtype);
  require(i.src.value() % size == 0,
          "copy_gm_l1_nd2nz: src = {:#x} is not a multiple of the {} B of {}", i.src.value(), size,
          name(i.dtype));
  require(i.nd_num <= 1 || i.dst_nd_stride * size % 32 == 0,
          "copy_gm_l1_nd2nz: dst_nd_stride = {} elements of {} is not a multiple of 32 B",
          i.dst_nd_stride, name(i.dtype));
}

// What each accumulator can be turned into.
constexpr Quant of_f32[] = {Quant::none, Quant::F322F16, Quant::F322BF16, Quant::QF322B8,
                            Quant::VQF322B8};
constexpr Quant of_s32[] = {Quant::none, Quant::DEQF16, Quant::VDEQF16, Quant::REQ8, Quant::VREQ8};

std::string listed(std::span<const Quant> quants) {
  std::string names;
  for (const Quant q : quants) names += fmt::format("{}{}", names.empty() ? "" : ", ", name(q));
  return names;
}

void check_nz(std::string_view what, const FixpipeView& i) {
  require(i.split || i.n % 16 == 0,
          "{}: n = {} is not a multiple of 16 columns, as NZ output needs", what, i.n);
  require(!i.split || i.n % 8 == 0, "{}: n = {} is not a multiple of 8 columns, as split = 1 needs",
          what, i.n);
  require(i.dst % 32 == 0, "{}: dst = {:#x} is not a multiple of 32 B, as NZ output needs", what,
          i.dst);
  require(i.nd_num == 1, "{}: nd_num = {} needs nz2nd = 1", what, i.nd_num);
}

void check_nd(std::string_view what, const FixpipeView& i) {
  const std::uint64_t size = output_size(i.quant);
  require(i.m <= 8192, "{}: m = {} is outside 1..8192 rows with nz2nd = 1", what, i.m);
  require(i.dst % size == 0, "{}: dst = {:#x} is not a multiple of the {} B of an output element",
          what, i.dst, size);
}

void check_split(std::string_view what, const FixpipeView& i) {
  require(i.quant == Quant::none && i.acc == DataType::f32,
          "{}: split = 1 needs quant = none and acc = f32, not {} and {}", what, name(i.quant),
          name(i.acc));
  require(!i.nz2nd, "{}: split = 1 needs nz2nd = 0: it makes columns of 8", what);
}

void check_fixpipe(std::string_view what, const FixpipeView& i) {
  require(i.acc == DataType::f32 || i.acc == DataType::s32, "{}: acc = {} is not one of f32, s32",
          what, name(i.acc));
  const std::span<const Quant> taken =
      i.acc == DataType::f32 ? std::span<const Quant>{of_f32} : std::span<const Quant>{of_s32};
  require(std::ranges::find(taken, i.quant) != taken.end(),
          "{}: quant = {} does not take acc = {}; {} do", what, name(i.quant), name(i.acc),
          listed(taken));
  require(i.src_stride % 16 == 0, "{}: src_stride = {} is not a multiple of 16 rows", what,
          i.src_stride);
  require(i.unit_flag == UnitFlag::off || i.src % 1024 == 0,
          "{}: src = {:#x} is not a multiple of 1024 B, as unit_flag = {} needs", what, i.src,
          name(i.unit_flag));
  if (i.split) check_split(what, i);
  i.nz2nd ? check_nd(what, i) : check_nz(what, i);
}

void check(const Fixpipe& i, const ChipConfig&) { check_fixpipe("fixpipe", i); }
void check(const FixpipeL1& i, const ChipConfig&) { check_fixpipe("fixpipe_l1", i); }

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

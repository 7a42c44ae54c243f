// SPDX-License-Identifier: Apache-2.0
#include "tb/validate/programs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/arch/error.h"
#include "tb/validate/matmul_sample.h"

namespace vitruvian::tb {
namespace {

using models::Instruction;
using models::Pipe;
using models::ProgramBuilder;

// The tables say "about 1000 copies"; so do ours, fewer where one takes long. Each program reads the
// system counter before and after, which costs the scalar unit something (assumed).
constexpr std::uint64_t many = 1000, few = 100;
constexpr std::uint16_t counter_read = 10;  // cycles

// What a row is modelled with.
struct Model {
  const RowText& row;
  const ChipConfig& chip;
  const Profile& profile;
};

// One instruction of the row, or two where a barrier keeps the copies apart.
using Body = std::vector<Instruction>;

RowProgram repeat(const Model& model, std::uint64_t times, const Body& body, std::uint64_t bytes) {
  ProgramBuilder builder{model.row.text, model.chip};
  builder.add(models::Scalar{.cost = counter_read});
  for (std::uint64_t i = 0; i < times; ++i) {
    for (const Instruction& instruction : body) builder.add(instruction);
  }
  builder.add(models::PipeBarrier{.on = Pipe::ALL});
  builder.add(models::Scalar{.cost = counter_read});
  return {.program = builder.take(), .repeats = times, .bytes = bytes};
}

models::Mmad mmad_of(const RowText& row) {
  return {.m = static_cast<std::uint16_t>(row.at("m")), .n = static_cast<std::uint16_t>(row.at("n")),
          .k = static_cast<std::uint16_t>(row.at("k")), .dtype = DataType::f16, .init = models::Init::zero};
}

RowProgram back_to_back(const Model& model) { return repeat(model, many, {mmad_of(model.row)}, 0); }

RowProgram isolated(const Model& model) {
  return repeat(model, many, {mmad_of(model.row), models::PipeBarrier{.on = Pipe::M}}, 0);
}

template <models::L0Buffer to>
RowProgram l1_l0(const Model& model) {
  const std::uint64_t fractals = model.row.at("fractals");
  const models::Load2d load{.to = to, .repeat = static_cast<std::uint8_t>(fractals), .dtype = DataType::f16};
  return repeat(model, many, {load}, fractals * 512);
}

RowProgram l1_bt(const Model& model) {
  const std::uint64_t bytes = model.row.at("bytes");
  return repeat(model, many, {models::CopyL1Bt{.length = static_cast<std::uint16_t>(bytes / 64)}}, bytes);
}

RowProgram l1_fb(const Model& model) {
  const std::uint64_t bytes = model.row.at("bytes");
  return repeat(model, many, {models::CopyL1Fb{.length = static_cast<std::uint16_t>(bytes / 64)}}, bytes);
}

// One column of 16 words, as many fractals of 1 KB deep as the row says.
RowProgram l0c_gm(const Model& model, bool nz2nd) {
  const std::uint64_t rows = model.row.at("kb") * 16;
  const models::Fixpipe copy{.m = static_cast<std::uint16_t>(rows), .n = 16,
                             .src_stride = static_cast<std::uint16_t>(rows),
                             .dst_stride = nz2nd ? 16 : static_cast<std::uint32_t>(rows * 2),
                             .acc = DataType::f32, .nz2nd = nz2nd};
  return repeat(model, few, {copy}, model.row.at("kb") * 1024);
}

RowProgram gm_l1(const Model& model) {
  const std::uint64_t bytes = model.row.at("kb") * 1024;
  const models::CopyGmL1 copy{.block_length = static_cast<std::uint16_t>(bytes / 32)};
  return repeat(model, few, {copy, models::PipeBarrier{.on = Pipe::MTE2}}, bytes);
}

// The tables name no shape: rows of `columns` fp16 elements, as the vendor's data_copy sample has them.
RowProgram gm_l1_nd2nz(const Model& model) {
  const std::uint64_t bytes = model.row.at("kb") * 1024, columns = model.row.at("columns");
  const auto rows = static_cast<std::uint16_t>(bytes / (columns * 2));
  const models::CopyGmL1Nd2nz copy{.n_value = rows, .d_value = static_cast<std::uint16_t>(columns),
                                   .src_d_value = 12288, .dst_c0_stride = rows, .dtype = DataType::f16};
  return repeat(model, few, {copy, models::PipeBarrier{.on = Pipe::MTE2}}, bytes);
}

// The two chips' tables differ: one copy after the other, or back to back.
template <models::L0Buffer to>
RowProgram gm_l0(const Model& model) {
  const std::uint64_t fractals = model.row.at("fractals");
  const models::Load2dGm load{.to = to, .repeat = static_cast<std::uint8_t>(fractals)};
  const std::string& order = model.row.word("order");
  if (order == "back_to_back") return repeat(model, few, {load}, fractals * 512);
  if (order != "serial") throw InputError{fmt::format("row '{}': order={} is not serial or back_to_back", model.row.text, order)};
  return repeat(model, few, {load, models::PipeBarrier{.on = Pipe::MTE2}}, fractals * 512);
}

// A slice of the vendor's sample, its `steps` shared by `cores`.
RowProgram matmul(const Model& model) {
  const MatmulSlice slice{.m = model.row.at("m"), .n = model.row.at("n"), .k = model.row.at("k")};
  const std::string& order = model.row.word("order");
  if (order != "serial" && order != "overlapped") {
    throw InputError{fmt::format("row '{}': order={} is not serial or overlapped", model.row.text, order)};
  }
  return {.program = order == "serial" ? serial_matmul(slice, model.chip, model.profile.scalar)
                                       : overlapped_matmul(slice, model.chip),
          .repeats = slice.steps(),
          .bytes = 0,
          .times = static_cast<double>(model.row.at("steps")) / static_cast<double>(model.row.at("cores")),
          .column = column_of(model.row.word("column"))};
}

struct Kind {
  std::string_view name;
  RowProgram (*make)(const Model&);
};

constexpr Kind kinds[] = {
    {"back_to_back", back_to_back},
    {"isolated", isolated},
    {"l1_l0a", l1_l0<models::L0Buffer::L0A>},
    {"l1_l0b", l1_l0<models::L0Buffer::L0B>},
    {"l1_bt", l1_bt},
    {"l1_fb", l1_fb},
    {"l0c_gm", [](const Model& model) { return l0c_gm(model, false); }},
    {"l0c_gm_nz2nd", [](const Model& model) { return l0c_gm(model, true); }},
    {"gm_l1", gm_l1},
    {"gm_l1_nd2nz", gm_l1_nd2nz},
    {"gm_l0a", gm_l0<models::L0Buffer::L0A>},
    {"gm_l0b", gm_l0<models::L0Buffer::L0B>},
    {"matmul", matmul},
};

}  // namespace

RowProgram program_of(const SiliconRow& row, const ChipConfig& chip, const Profile& profile) {
  const RowText text = parse_row(row.row);
  const auto* kind = std::ranges::find(kinds, text.kind, &Kind::name);
  if (kind == std::end(kinds)) {
    std::vector<std::string_view> names;
    for (const Kind& k : kinds) names.push_back(k.name);
    throw InputError{fmt::format("row '{}': unknown kind '{}'; known: {}", row.row, text.kind, fmt::join(names, ", "))};
  }
  return kind->make({text, chip, profile});
}

}  // namespace vitruvian::tb

// SPDX-License-Identifier: Apache-2.0
#include "tests/tb/check_kernels.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/arch/error.h"
#include "models/core/core.h"
#include "models/kernels/gemm.h"
#include "models/program/encoding.h"
#include "models/program/tensor_directive.h"

namespace vitruvian::tests {

using models::Instruction;
using models::Program;
using models::SetFlag;
using models::UnitFlag;
using models::WaitFlag;

namespace {

using Random = std::mt19937_64;
using Mutant = std::optional<Program>;

// Places tensors one behind the other, with a gap.
class Places {
 public:
  models::Tensor place(const std::string& name, DataType dtype, std::uint64_t elements) {
    models::Tensor tensor{name, GmAddress{end_}, dtype, {elements}};
    end_ = round_up(end_ + tensor.size().value() + 64, 64);
    return tensor;
  }

 private:
  std::uint64_t end_ = 64;
};

std::uint64_t elements(Bytes bytes, DataType dtype) {
  return bytes.value() / static_cast<std::uint64_t>(element_size(dtype));
}

}  // namespace

Kernel gemm_kernel(const models::GemmProblem& p, const models::GemmTileRequest& request,
                   const ChipConfig& chip) {
  Places places;
  Kernel kernel;
  kernel.name = fmt::format("gemm {}x{}x{} {} transA={} transB={} bias={}", p.m, p.n, p.k,
                            models::name(p.dtype), p.trans_a, p.trans_b, p.bias);
  const models::Tensor a = places.place("a", p.dtype, p.m * p.k);
  const models::Tensor b = places.place("b", p.dtype, p.k * p.n);
  const models::Tensor bias = places.place("bias", p.accumulator(), p.n);
  kernel.inputs = {a, b};
  if (p.bias) kernel.inputs.push_back(bias);
  kernel.output = places.place("c", p.out, p.m * p.n);
  const models::GemmTensors tensors[] = {
      {a.address, b.address, kernel.output.address, bias.address}};
  models::ProgramBuilder builder{kernel.name, chip};
  models::add_gemm(builder, p, models::choose_gemm_tiles(p, chip, request), tensors, chip);
  kernel.program = builder.take();
  return kernel;
}

Kernel conv_kernel(const models::ConvProblem& p, const ChipConfig& chip) {
  const models::ConvSizes sizes = models::conv_sizes(p);
  Places places;
  Kernel kernel;
  kernel.name = fmt::format("conv {}x{}x{} k={} {}x{} stride={} pad={} {}", p.c, p.h, p.w, p.k, p.r,
                            p.s, p.stride, p.pad, models::name(p.dtype));
  const models::Tensor x = places.place("x", p.dtype, elements(sizes.x, p.dtype));
  const models::Tensor w = places.place("w", p.dtype, elements(sizes.w, p.dtype));
  const models::Tensor bias =
      places.place("bias", p.accumulator(), elements(sizes.bias, p.accumulator()));
  kernel.inputs = {x, w};
  if (p.bias) kernel.inputs.push_back(bias);
  kernel.output = places.place("y", p.out, elements(sizes.y, p.out));
  models::ProgramBuilder builder{kernel.name, chip};
  models::add_conv(
      builder, p, models::choose_conv_tiles(p, chip),
      {.x = x.address, .w = w.address, .y = kernel.output.address, .bias = bias.address}, chip);
  kernel.program = builder.take();
  return kernel;
}

std::vector<Kernel> small_kernels(const ChipConfig& chip) {
  using enum DataType;
  using Tile = models::TileShape;
  const models::GemmTileRequest small{Tile{32, 32, 64}, Tile{32, 32, 32}};
  const models::GemmTileRequest wide{Tile{64, 96, 64}, Tile{64, 48, 32}};
  std::vector<Kernel> found;
  const auto gemm = [&](const models::GemmProblem& p, const models::GemmTileRequest& r = {}) {
    found.push_back(gemm_kernel(p, r, chip));
  };
  gemm({.m = 64, .n = 64, .k = 192, .dtype = f16, .bias = true}, small);
  gemm({.m = 128, .n = 96, .k = 128, .dtype = bf16, .out = bf16}, wide);
  gemm({.m = 61, .n = 83, .k = 97, .dtype = f32, .trans_a = true, .relu = true}, small);
  gemm({.m = 70, .n = 40, .k = 130, .dtype = s8, .out = f16, .trans_b = true, .scale = 0.5f});
  gemm({.m = 1, .n = 100, .k = 200, .dtype = f16});
  gemm({.m = 160, .n = 160, .k = 64, .dtype = f16},
       {Tile{64, 64, 32}, Tile{64, 64, 32}});  // ten fractals and more: no barriers
  const auto conv = [&](const models::ConvProblem& p) { found.push_back(conv_kernel(p, chip)); };
  conv({.c = 40, .h = 9, .w = 11, .k = 20, .r = 3, .s = 3, .pad = 1, .out = f16, .bias = true});
  conv({.c = 16, .h = 12, .w = 12, .k = 16, .r = 2, .s = 2, .stride = 2, .dtype = f32});
  conv({.c = 256, .h = 10, .w = 10, .k = 48, .r = 3, .s = 3, .pad = 1, .dtype = bf16});
  conv({.n = 2,
        .c = 64,
        .h = 8,
        .w = 8,
        .k = 40,
        .r = 3,
        .s = 3,
        .pad = 1,
        .dtype = s8,
        .out = s8,
        .scale = 0.0009765625f});
  return found;
}

std::vector<std::uint8_t> output_of(const Program& program, const Kernel& kernel,
                                    const ChipConfig& chip) {
  models::Memory gm{chip.gm.size};
  for (const models::Tensor& input : kernel.inputs) {
    const auto bytes = models::contents({.tensor = input}, 1);
    std::ranges::copy(bytes, gm.at(input.address, input.size()).begin());
  }
  models::CoreState state{chip, gm};
  models::run(program, state, chip, models::Numerics::dot24);
  const auto left = gm.at(kernel.output.address, kernel.output.size());
  return {left.begin(), left.end()};
}

// ---------------------------------------------------------------- faults

namespace {

// The places of instructions of one kind.
template <class Wanted>
std::vector<std::size_t> places(const Program& program, Wanted wanted) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    if (wanted(program.instructions[i])) found.push_back(i);
  }
  return found;
}

template <class Wanted>
std::optional<std::size_t> any(const Program& program, Random& random, Wanted wanted) {
  const auto found = places(program, wanted);
  if (found.empty()) return std::nullopt;
  return found[random() % found.size()];
}

template <class Typed>
bool is(const Instruction& instruction) {
  return std::holds_alternative<Typed>(instruction);
}

void drop(Program& program, std::size_t i) {
  program.instructions.erase(program.instructions.begin() + static_cast<std::ptrdiff_t>(i));
}

template <class Typed>
Mutant drop_one(const Program& program, const ChipConfig&, Random& random) {
  const auto i = any(program, random, is<Typed>);
  if (!i) return std::nullopt;
  Program mutant = program;
  drop(mutant, *i);
  return mutant;
}

// A set_flag and the wait_flag that takes it: the first of its event behind it, in these kernels.
Mutant drop_pair(const Program& program, const ChipConfig&, Random& random) {
  const auto i = any(program, random, is<SetFlag>);
  if (!i) return std::nullopt;
  Program mutant = program;
  const auto set = std::get<SetFlag>(program.instructions[*i]);
  for (std::size_t w = *i + 1; w < program.instructions.size(); ++w) {
    const auto* wait = std::get_if<WaitFlag>(&program.instructions[w]);
    if (!wait || *wait != WaitFlag{set.from, set.to, set.id}) continue;
    drop(mutant, w);
    break;
  }
  drop(mutant, *i);
  return mutant;
}

Mutant other_event(const Program& program, const ChipConfig& chip, Random& random) {
  const auto i =
      any(program, random, [](const Instruction& x) { return is<SetFlag>(x) || is<WaitFlag>(x); });
  if (!i) return std::nullopt;
  Program mutant = program;
  const auto turn = [&](auto& flag) {
    flag.id =
        static_cast<std::uint8_t>((flag.id + 1 + random() % (chip.event_ids - 1)) % chip.event_ids);
  };
  if (auto* set = std::get_if<SetFlag>(&mutant.instructions[*i])) turn(*set);
  if (auto* wait = std::get_if<WaitFlag>(&mutant.instructions[*i])) turn(*wait);
  return mutant;
}

// One queue's wait_flag and the instruction behind it change places.
Mutant late_wait(const Program& program, const ChipConfig&, Random& random) {
  const auto i = any(program, random, is<WaitFlag>);
  if (!i) return std::nullopt;
  const models::Pipe queue = std::get<WaitFlag>(program.instructions[*i]).to;
  for (std::size_t k = *i + 1; k < program.instructions.size(); ++k) {
    if (models::pipe_of(program.instructions[k]) != queue) continue;
    if (is<SetFlag>(program.instructions[k]) || is<WaitFlag>(program.instructions[k])) break;
    Program mutant = program;
    const auto at = mutant.instructions.begin();
    std::rotate(at + static_cast<std::ptrdiff_t>(*i), at + static_cast<std::ptrdiff_t>(*i) + 1,
                at + static_cast<std::ptrdiff_t>(k) + 1);
    return mutant;
  }
  return std::nullopt;
}

UnitFlag* unit_flag_in(Instruction& instruction) {
  if (auto* mmad = std::get_if<models::Mmad>(&instruction)) return &mmad->unit_flag;
  if (auto* fix = std::get_if<models::Fixpipe>(&instruction)) return &fix->unit_flag;
  return nullptr;
}

Mutant other_unit_flag(const Program& program, const ChipConfig&, Random& random) {
  Program mutant = program;
  const auto i = any(program, random, [](Instruction x) { return unit_flag_in(x) != nullptr; });
  if (!i) return std::nullopt;
  UnitFlag& flag = *unit_flag_in(mutant.instructions[*i]);
  std::vector<UnitFlag> others{UnitFlag::off, UnitFlag::check, UnitFlag::toggle};
  std::erase(others, flag);
  flag = others[random() % 2];
  return mutant;
}

// What an address is shifted by: a row of 32 B, a fractal of operands or of words.
std::uint64_t unit_of(std::string_view space) {
  if (space == "L0C") return 1024;
  if (space == "L1" || space == "GM") return 32;
  return space.starts_with("L0") ? 512 : 64;
}

Mutant shifted_address(const Program& program, const ChipConfig& chip, Random& random) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    Program mutant = program;
    Instruction& i = mutant.instructions[random() % mutant.instructions.size()];
    std::vector<const models::FieldInfo*> addresses;
    for (const models::FieldInfo& field : models::info(i).fields) {
      if (field.kind == models::FieldKind::address) addresses.push_back(&field);
    }
    if (addresses.empty()) continue;
    const models::FieldInfo& field = *addresses[random() % addresses.size()];
    const std::uint64_t unit = unit_of(field.space), old = field.get(i);
    field.set(i, random() % 2 && old >= unit ? old - unit : old + unit);
    try {
      models::check_instruction(i, chip);
    } catch (const InputError&) {
      continue;  // refused where it is built
    }
    return mutant;
  }
  return std::nullopt;
}

}  // namespace

const std::vector<Fault>& faults() {
  static const std::vector<Fault> all = {
      {"set and wait dropped", true, drop_pair},
      {"set dropped", true, drop_one<SetFlag>},
      {"wait dropped", true, drop_one<WaitFlag>},
      {"wait too late", true, late_wait},
      {"event number swapped", true, other_event},
      {"barrier dropped", true, drop_one<models::PipeBarrier>},
      {"unit flag changed", true, other_unit_flag},
      {"address shifted", false, shifted_address},
  };
  return all;
}

}  // namespace vitruvian::tests

// SPDX-License-Identifier: Apache-2.0
//
// Simulation speed of the Verilated cube: host cycles per second of CPU time.
//   array   the datapath alone, fresh random operands in every cycle
//   block   the whole block while M is busy, with its L0A, L0B and L0C traffic
// Blocks are built by scripts/build_block; `--benchmark_filter=16x16x16` picks.
#include <benchmark/benchmark.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "models/arch/error.h"
#include "models/program/encoding.h"
#include "tb/bench/cube_array.h"
#include "tb/common/random.h"
#include "tb/pipe/cube_library.h"
#include "tb/random/numbers.h"

namespace vitruvian::tb {
namespace {

using Image = std::vector<std::uint8_t>;

// What is multiplied: an operand type, perhaps shortened in front of the cube.
struct Kind {
  const char* name;
  DataType type;
  models::Hf32 hf32 = models::Hf32::off;
};

void count_cycles(benchmark::State& state) {
  state.counters["cycles/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

Image random_image(std::string_view name, DataType type, std::size_t size) {
  Image bytes(size);
  fill_numbers(bytes, Seed{1}.stream(name), Mix::normal, type);
  return bytes;
}

// The memories around a block; addresses wrap, so that any size of instruction finds operands.
struct Memories {
  Image l0a, l0b, l0c, bt;
  explicit Memories(DataType type)
      : l0a{random_image("a", type, 1 << 16)}, l0b{random_image("b", type, 1 << 16)},
        l0c(1 << 17), bt(1 << 10) {}
};

// One cube and what it reads and writes, tile by tile as its ports say.
class Bench {
 public:
  Bench(const CubeLibrary& library, DataType type)
      : library_{library}, shape_{library.parameters()}, cube_{library.create()}, memories_{type},
        l0a_(shape_.m * shape_.k * 2), l0b_(shape_.n * shape_.k * 2), l0c_(shape_.m * shape_.n * 4) {}
  ~Bench() { library_.destroy(cube_); }

  // Keeps one instruction at the port; true in the cycle that takes it.
  bool cycle(const models::InstructionWord& word) {
    in_.valid = 1;
    in_.instruction = word.data();
    VitCubeAsk ask;
    library_.ask(cube_, &in_, &ask);
    VitCubeOut out;
    library_.clock(cube_, 1, 1, &out);
    in_ = {};
    serve(out);
    return ask.ready;
  }

 private:
  void serve(const VitCubeOut& out) {
    const std::size_t row = shape_.k * 2, words = shape_.n * 4;
    if (out.l0a_read) {
      for (int r = 0; r < shape_.m; ++r) copy(memories_.l0a, out.l0a_address[r / 16] + r % 16 * 32, row, &l0a_[r * row]);
      for (int r = 0; r < shape_.n; ++r) copy(memories_.l0b, out.l0b_address + r * 32, row, &l0b_[r * row]);
      in_.l0a = l0a_.data();
      in_.l0b = l0b_.data();
    }
    if (out.l0c_read) {
      for (int r = 0; r < shape_.m; ++r) copy(memories_.l0c, out.l0c_read_address + r * 64, words, &l0c_[r * words]);
      in_.l0c = l0c_.data();
    }
    if (out.l0c_write) {
      const auto* data = reinterpret_cast<const std::uint8_t*>(out.l0c_data);
      for (int r = 0; r < shape_.m; ++r) {
        std::memcpy(&memories_.l0c[(out.l0c_write_address + r * 64) % memories_.l0c.size()], data + r * words, words);
      }
    }
  }
  static void copy(const Image& from, std::uint64_t at, std::size_t size, std::uint8_t* to) {
    std::memcpy(to, &from[at % from.size()], size);
  }

  const CubeLibrary& library_;
  VitCubeParameters shape_;
  VitCube* cube_;
  Memories memories_;
  Image l0a_, l0b_, l0c_;
  VitCubeIn in_{};
};

// 128 x 128 outputs and four steps: back to back, almost every slot holds a tile.
void run_block(benchmark::State& state, CubeBuild build, Kind kind) {
  const CubeLibrary library{build_cube(build)};
  Bench bench{library, kind.type};
  models::Mmad mmad;
  mmad.m = mmad.n = 128;
  mmad.k = static_cast<std::uint16_t>(4 * models::tile_depth(kind.type, {16, static_cast<int>(build.cube.k), 16}));
  mmad.dtype = kind.type;
  mmad.hf32 = kind.hf32;
  const models::InstructionWord word = models::encode(models::Instruction{mmad});
  for (auto _ : state) benchmark::DoNotOptimize(bench.cycle(word));
  count_cycles(state);
}

// The datapath alone, loaded from its own shared object.
class Array {
 public:
  explicit Array(CubeConfig cube, models::Numerics numerics) {
    const std::string object = fmt::format("{}/cube_array_{}.so", std::filesystem::temp_directory_path().string(), ::getpid());
    const std::string command =
        fmt::format("'{}/scripts/build_block' cube_array --param M0={} --param K0={} --param N0={} --param NUMERICS={} --out '{}' >/dev/null",
                    VITRUVIAN_SOURCE_DIR, cube.m, cube.k, cube.n, static_cast<int>(numerics), object);
    ensure(std::system(command.c_str()) == 0, "the array builds");
    handle_ = ::dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL);
    std::filesystem::remove(object);
    ensure(handle_ != nullptr, "the array loads");
    create_ = function<decltype(&vit_cube_array_create)>("vit_cube_array_create");
    destroy_ = function<decltype(&vit_cube_array_destroy)>("vit_cube_array_destroy");
    cycle = function<decltype(&vit_cube_array_cycle)>("vit_cube_array_cycle");
    array = create_();
  }
  ~Array() {
    destroy_(array);
    ::dlclose(handle_);
  }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  decltype(&vit_cube_array_cycle) cycle;
  VitCubeArray* array;

 private:
  template <class Function>
  Function function(const char* name) {
    const auto found = reinterpret_cast<Function>(::dlsym(handle_, name));
    ensure(found != nullptr, name);
    return found;
  }
  void* handle_;
  decltype(&vit_cube_array_create) create_;
  decltype(&vit_cube_array_destroy) destroy_;
};

// fp32: every second cycle brings operands, both multiply.
void run_array(benchmark::State& state, CubeConfig cube, models::Numerics numerics, Kind kind) {
  const DataType type = kind.type;
  const Array array{cube, numerics};
  const std::size_t rows = cube.m * cube.k * 2, columns = cube.n * cube.k * 2, words = cube.m * cube.n * 4;
  constexpr std::size_t sets = 64;
  const Image a = random_image("a", type, sets * rows), b = random_image("b", type, sets * columns);
  const Image c = random_image("c", is_floating(type) ? DataType::f32 : DataType::s32, sets * words);
  const auto depth = static_cast<std::uint8_t>(
      models::tile_depth(type, {static_cast<int>(cube.m), static_cast<int>(cube.k), static_cast<int>(cube.n)}));
  const bool halves = type == DataType::f32 && kind.hf32 == models::Hf32::off;
  std::size_t i = 0;
  for (auto _ : state) {
    const std::size_t set = i / (halves ? 2 : 1) % sets;
    const bool second = halves && i % 2 == 1;
    benchmark::DoNotOptimize(array.cycle(array.array, static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(kind.hf32), depth, !second, !halves || second,
                                         &a[set * rows], &b[set * columns], &c[set * words]));
    ++i;
  }
  count_cycles(state);
}

struct Shape {
  const char* name;
  std::uint32_t m, k, n;
};
constexpr Shape shapes[] = {{"16x16x16", 16, 16, 16}, {"8x8x8", 8, 8, 8}, {"32x16x16", 32, 16, 16}};
constexpr Kind kinds[] = {{"fp16", DataType::f16}, {"bf16", DataType::bf16}, {"fp32", DataType::f32},
                          {"hf32", DataType::f32, models::Hf32::nearest_even}, {"s8", DataType::s8}, {"s4", DataType::s4}};

void register_all() {
  for (const Shape& shape : shapes) {
    for (int numerics = 0; numerics < 3; ++numerics) {
      const bool main_one = shape.m == 16 && numerics == 0;
      for (const Kind& kind : kinds) {
        if (!main_one && kind.type != DataType::f16) continue;
        const std::string what = fmt::format("{}/{}/{}", shape.name, models::numerics_names[numerics], kind.name);
        CubeBuild build;
        build.cube.m = shape.m, build.cube.k = shape.k, build.cube.n = shape.n;
        build.numerics = static_cast<models::Numerics>(numerics);
        benchmark::RegisterBenchmark(("array/" + what).c_str(), run_array, build.cube, build.numerics, kind);
        benchmark::RegisterBenchmark(("block/fast/" + what).c_str(), run_block, build, kind);
        build.variant = "check";
        if (main_one) benchmark::RegisterBenchmark(("block/check/" + what).c_str(), run_block, build, kind);
      }
    }
  }
}

}  // namespace
}  // namespace vitruvian::tb

int main(int argc, char** argv) {
  vitruvian::tb::register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}

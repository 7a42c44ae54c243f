// SPDX-License-Identifier: Apache-2.0
#include "tb/validate/matmul_sample.h"

#include <array>

#include "models/kernels/gemm.h"

namespace vitruvian::tb {
namespace {

using namespace models;

constexpr std::uint64_t element = 2, c0 = 16, fractal_bytes = 512;
constexpr L1Address b_in_l1{64 * 1024};
constexpr GmAddress a_in_gm{0}, b_in_gm{std::uint64_t{1} << 28}, c_in_gm{std::uint64_t{1} << 29};

std::uint16_t narrow(std::uint64_t value) { return static_cast<std::uint16_t>(value); }

class Serial {
 public:
  Serial(const MatmulSlice& slice, const ChipConfig& chip, std::uint64_t scalar)
      : slice_{slice}, scalar_{scalar}, builder_{"serial matmul", chip} {}

  Program write() {
    for (std::uint64_t block = 0; block < slice_.blocks; ++block) {
      for (std::uint64_t k = 0; k < slice_.depth; k += slice_.k) step(block, k);
      drain(block);
    }
    builder_.add(PipeBarrier{.on = Pipe::ALL});
    return builder_.take();
  }

 private:
  void set(Pipe from, Pipe to) { builder_.add(SetFlag{.from = from, .to = to, .id = 0}); }
  void wait(Pipe from, Pipe to) { builder_.add(WaitFlag{.from = from, .to = to, .id = 0}); }

  void step(std::uint64_t block, std::uint64_t k) {
    const bool first = block == 0 && k == 0;
    builder_.add(Scalar{.cost = narrow(scalar_)});
    if (!first) wait(Pipe::MTE1, Pipe::MTE2);
    copy(a_in_gm, block * slice_.m, slice_.m, k, L1Address{0});
    copy(b_in_gm, 0, slice_.n, k, b_in_l1);
    set(Pipe::MTE2, Pipe::MTE1);
    wait(Pipe::MTE2, Pipe::MTE1);
    if (!first) wait(Pipe::M, Pipe::MTE1);
    load();
    set(Pipe::MTE1, Pipe::MTE2);
    set(Pipe::MTE1, Pipe::M);
    wait(Pipe::MTE1, Pipe::M);
    if (block > 0 && k == 0) wait(Pipe::FIX, Pipe::M);
    builder_.add(Mmad{.m = narrow(slice_.m), .n = narrow(slice_.n), .k = narrow(slice_.k),
                      .dtype = DataType::f16, .init = k == 0 ? Init::zero : Init::accumulate});
    set(Pipe::M, Pipe::MTE1);
  }

  void copy(GmAddress matrix, std::uint64_t row, std::uint64_t rows, std::uint64_t k, L1Address to) {
    builder_.add(CopyGmL1Nd2nz{.dst = to,
                               .src = GmAddress{matrix.value() + (row * slice_.depth + k) * element},
                               .n_value = narrow(rows), .d_value = narrow(slice_.k),
                               .src_d_value = narrow(slice_.depth), .dst_c0_stride = narrow(rows),
                               .dtype = DataType::f16});
  }

  // A by one load3d, B a load2d for each column of fractals.
  void load() {
    builder_.add(Load3d{.to = L0Buffer::L0A, .l1_h = 1, .l1_w = narrow(slice_.m),
                        .channel_size = narrow(slice_.k), .m_extension = narrow(slice_.m),
                        .k_extension = narrow(slice_.k), .dtype = DataType::f16});
    const std::uint64_t column = slice_.n / c0 * fractal_bytes;
    for (std::uint64_t k1 = 0; k1 < slice_.k / c0; ++k1) {
      builder_.add(Load2d{.to = L0Buffer::L0B, .dst = L0Address{k1 * column},
                          .src = L1Address{b_in_l1.value() + k1 * column},
                          .repeat = static_cast<std::uint8_t>(slice_.n / c0), .dtype = DataType::f16});
    }
  }

  void drain(std::uint64_t block) {
    set(Pipe::M, Pipe::FIX);
    wait(Pipe::M, Pipe::FIX);
    builder_.add(Fixpipe{.dst = GmAddress{c_in_gm.value() + block * slice_.m * slice_.depth * element},
                         .m = narrow(slice_.m), .n = narrow(slice_.n), .src_stride = narrow(slice_.m),
                         .dst_stride = static_cast<std::uint32_t>(slice_.depth),
                         .acc = DataType::f32, .quant = Quant::F322F16, .nz2nd = true});
    if (block + 1 < slice_.blocks) set(Pipe::FIX, Pipe::M);
  }

  const MatmulSlice slice_;
  const std::uint64_t scalar_;
  ProgramBuilder builder_;
};

}  // namespace

Program serial_matmul(const MatmulSlice& slice, const ChipConfig& chip, std::uint64_t scalar) {
  return Serial{slice, chip, scalar}.write();
}

Program overlapped_matmul(const MatmulSlice& slice, const ChipConfig& chip) {
  const GemmProblem problem{.m = slice.m * slice.blocks, .n = slice.n, .k = slice.depth,
                            .dtype = DataType::f16, .out = DataType::f16, .trans_b = true};
  const TileShape l0{slice.m, slice.n, slice.k}, l1{slice.m, slice.n, 4 * slice.k};
  const GemmTiles tiles = choose_gemm_tiles(problem, chip, {.l1 = l1, .l0 = l0});
  const std::array<GemmTensors, 1> tensors{{{.a = a_in_gm, .b = b_in_gm, .c = c_in_gm, .bias = {}}}};
  ProgramBuilder builder{"overlapped matmul", chip};
  add_gemm(builder, problem, tiles, tensors, chip);
  return builder.take();
}

}  // namespace vitruvian::tb

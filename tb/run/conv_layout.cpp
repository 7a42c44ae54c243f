// SPDX-License-Identifier: Apache-2.0
#include "tb/run/conv_layout.h"

#include <cstring>

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace {

// Where element (n, channel, row, column) stands among columns of c0 channels: (n, channel / c0, row, column, c0).
struct Columns {
  std::uint64_t groups, height, width, c0;
  std::uint64_t at(std::uint64_t n, std::uint64_t channel, std::uint64_t pixel) const {
    return ((n * groups + channel / c0) * height * width + pixel) * c0 + channel % c0;
  }
};

std::uint64_t size_of(DataType type) { return static_cast<std::uint64_t>(element_size(type)); }

void copy(std::uint8_t* to, std::uint64_t at, const std::uint8_t* from, std::uint64_t index, std::uint64_t size) {
  std::memcpy(to + at * size, from + index * size, size);
}

}  // namespace

std::vector<std::uint8_t> pack_map(const models::ConvProblem& p, std::span<const std::uint8_t> nchw) {
  const std::uint64_t size = size_of(p.dtype), plane = p.h * p.w;
  ensure(nchw.size() == p.n * p.c * plane * size, "X has another size");
  std::vector<std::uint8_t> packed(models::conv_sizes(p).x.value());
  const Columns columns{p.c1(), p.h, p.w, p.c0()};
  for (std::uint64_t n = 0; n < p.n; ++n) {
    for (std::uint64_t c = 0; c < p.c; ++c) {
      for (std::uint64_t pixel = 0; pixel < plane; ++pixel) {
        copy(packed.data(), columns.at(n, c, pixel), nchw.data(), (n * p.c + c) * plane + pixel, size);
      }
    }
  }
  return packed;
}

std::vector<std::uint8_t> pack_weights(const models::ConvProblem& p, std::span<const std::uint8_t> kcrs) {
  const std::uint64_t size = size_of(p.dtype), filter = p.r * p.s;
  ensure(kcrs.size() == p.k * p.c * filter * size, "W has another size");
  std::vector<std::uint8_t> packed(models::conv_sizes(p).w.value());
  for (std::uint64_t k = 0; k < p.k; ++k) {
    for (std::uint64_t c = 0; c < p.c; ++c) {
      for (std::uint64_t tap = 0; tap < filter; ++tap) {
        const std::uint64_t k1 = c / p.c0() * filter + tap;
        const std::uint64_t to = (k1 * p.padded_k() + k) * p.c0() + c % p.c0();
        copy(packed.data(), to, kcrs.data(), (k * p.c + c) * filter + tap, size);
      }
    }
  }
  return packed;
}

std::vector<std::uint8_t> unpack_result(const models::ConvProblem& p, std::span<const std::uint8_t> packed) {
  const std::uint64_t size = size_of(p.out), plane = p.out_h() * p.out_w();
  ensure(packed.size() == models::conv_sizes(p).y.value(), "Y has another size");
  std::vector<std::uint8_t> plain(p.n * p.k * plane * size);
  const Columns columns{p.padded_k() / p.out_c0(), p.out_h(), p.out_w(), p.out_c0()};
  for (std::uint64_t n = 0; n < p.n; ++n) {
    for (std::uint64_t k = 0; k < p.k; ++k) {
      for (std::uint64_t pixel = 0; pixel < plane; ++pixel) {
        copy(plain.data(), (n * p.k + k) * plane + pixel, packed.data(), columns.at(n, k, pixel), size);
      }
    }
  }
  return plain;
}

}  // namespace vitruvian::tb

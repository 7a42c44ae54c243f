// SPDX-License-Identifier: Apache-2.0
//
// The virtual matrix X[M, K] that load3d reads of a feature map (docs/isa.md, load3d): row m is an
// output pixel, and the C0 elements of column block k1 are one row of 32 B in L1, or padding.
// Addresses only; models/pipe/load3d.h moves the bytes.
#pragma once

#include <cstdint>
#include <optional>

#include "models/arch/number.h"
#include "models/program/instruction.h"

namespace vitruvian::models {

// A place in the output of the convolution.
struct OutputPixel {
  std::int64_t h, w;
};

// A place in the filter: channel block and offset.
struct FilterTap {
  std::int64_t c1, h, w;
};

class Img2col {
 public:
  explicit Img2col(const Load3d& load)
      : load_{load},
        c0_{elements_per_block(load.dtype)},
        height_{outputs(load.l1_h + load.pad_top + load.pad_bottom, load.filter_h, load.dilation_h,
                        load.stride_h)},
        width_{outputs(load.l1_w + load.pad_left + load.pad_right, load.filter_w, load.dilation_w,
                       load.stride_w)} {}

  // Of the output, in pixels; zero where the filter does not fit.
  std::int64_t height() const { return height_; }
  std::int64_t width() const { return width_; }
  // M: pixels of the output.
  std::int64_t rows() const { return height_ * width_; }
  // K in column blocks of C0 elements.
  std::int64_t column_blocks() const {
    return std::int64_t{load_.channel_size} / c0_ * load_.filter_h * load_.filter_w;
  }
  std::int64_t c0() const { return c0_; }
  // Bytes of the whole feature map.
  std::uint64_t map_bytes() const {
    return std::uint64_t{load_.channel_size} / c0_ * load_.l1_h * load_.l1_w * 32;
  }

  // The output pixel of row m < rows().
  OutputPixel pixel(std::int64_t m) const { return {m / width_, m % width_}; }
  // The channel block and filter offset of column block k1.
  FilterTap tap(std::int64_t k1) const {
    const std::int64_t window = std::int64_t{load_.filter_h} * load_.filter_w;
    return {k1 / window, k1 % window / load_.filter_w, k1 % load_.filter_w};
  }
  // Row and column of the feature map a tap meets at a pixel; outside the map where it is padding.
  std::int64_t input_row(OutputPixel p, FilterTap t) const {
    return p.h * load_.stride_h - load_.pad_top + t.h * load_.dilation_h;
  }
  std::int64_t input_column(OutputPixel p, FilterTap t) const {
    return p.w * load_.stride_w - load_.pad_left + t.w * load_.dilation_w;
  }
  // Byte of L1 where these 32 B stand; nothing for padding.
  std::optional<std::uint64_t> source(OutputPixel p, FilterTap t) const {
    const std::int64_t row = input_row(p, t), column = input_column(p, t);
    if (row < 0 || row >= load_.l1_h || column < 0 || column >= load_.l1_w) return std::nullopt;
    return at(t.c1, row, column);
  }
  // The same for row m and column block k1; rows beyond M are padding.
  std::optional<std::uint64_t> source(std::int64_t m, std::int64_t k1) const {
    if (m >= rows()) return std::nullopt;
    return source(pixel(m), tap(k1));
  }
  // Byte of L1 of channel block c1 of a place inside the map.
  std::uint64_t at(std::int64_t c1, std::int64_t row, std::int64_t column) const {
    return load_.src.value() +
           static_cast<std::uint64_t>((c1 * load_.l1_h + row) * load_.l1_w + column) * 32;
  }

 private:
  static std::int64_t outputs(std::int64_t padded, std::int64_t filter, std::int64_t dilation,
                              std::int64_t stride) {
    const std::int64_t spare = padded - dilation * (filter - 1) - 1;
    return spare < 0 ? 0 : spare / stride + 1;
  }

  Load3d load_;
  std::int64_t c0_, height_, width_;
};

}  // namespace vitruvian::models

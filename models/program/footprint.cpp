// SPDX-License-Identifier: Apache-2.0
#include "models/program/footprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "models/arch/error.h"
#include "models/program/extents.h"

namespace vitruvian::models {
namespace {

using extents::Dim;
using extents::Dims;

// Joins an extent to the one before it where the two are one run of bytes.
void append(std::vector<Extent>& list, const Extent& extent) {
  if (!list.empty()) {
    Extent& last = list.back();
    if (last.space == extent.space && last.write == extent.write && last.count == 1 &&
        extent.count == 1 && last.start + last.size == extent.start) {
      last.size += extent.size;
      return;
    }
  }
  list.push_back(extent);
}

// The field that gives the address of an extent.
std::string_view field_of(const Instruction& instruction, Space space) {
  for (const FieldInfo& field : info(instruction).fields) {
    if (field.kind == FieldKind::address &&
        (field.space == name(space) || (field.space == "L0" && name(space).starts_with("L0")))) {
      return field.name;
    }
  }
  return "";
}

[[noreturn]] void reject_end(const Instruction& instruction, const Extent& extent,
                             std::uint64_t size) {
  const std::string strided =
      extent.count > 1
          ? fmt::format("{} blocks of {} B, {} B apart,", extent.count, extent.size, extent.stride)
          : fmt::format("{} B", extent.size);
  throw InputError{
      fmt::format("{}: {} at {:#x}: {} from {:#x} on {} at {}, {} has {} B", info(instruction).name,
                  field_of(instruction, extent.space), extent.start, strided, extent.start,
                  extent.count > 1 ? "end" : "ends", extent.end(), name(extent.space), size)};
}

// Are the repetitions nested: each dimension steps over all that the smaller ones hold? Then no two
// of them meet. `dims` is sorted by stride.
bool nested(std::uint64_t size, const Dims& dims) {
  std::uint64_t held = size;
  for (const Dim& d : dims) {
    if (d.count > 1 && d.stride < held) return false;
    held += (d.count - 1) * d.stride;
  }
  return true;
}

// Do two of the size-byte pieces at i * a + j * b meet? For a given difference in i only the two
// nearest differences in j can.
bool meet(std::uint64_t size, Dim a, Dim b) {
  if (a.count > b.count) std::swap(a, b);
  if (b.count <= 1) return false;
  if (b.stride < size) return true;
  for (std::uint64_t i = 1; i < a.count; ++i) {
    const std::uint64_t distance = i * a.stride, j = distance / b.stride;
    if (j < b.count && distance - j * b.stride < size) return true;
    if (j + 1 < b.count && (j + 1) * b.stride - distance < size) return true;
  }
  return false;
}

// The same for three dimensions of 32 B blocks inside a buffer of `capacity` blocks, by drawing
// them.
bool meet_in_buffer(Dims dims, std::uint64_t capacity) {
  const std::uint64_t count = dims[0].count * dims[1].count * dims[2].count;
  if (count > capacity) return true;
  std::vector<bool> drawn(capacity);
  for (std::uint64_t i = 0; i < dims[0].count; ++i) {
    for (std::uint64_t j = 0; j < dims[1].count; ++j) {
      for (std::uint64_t k = 0; k < dims[2].count; ++k) {
        const std::uint64_t at =
            (i * dims[0].stride + j * dims[1].stride + k * dims[2].stride) / extents::block;
        if (drawn[at]) return true;
        drawn[at] = true;
      }
    }
  }
  return false;
}

Dims by_stride(Dims dims) {
  std::ranges::sort(dims, {}, &Dim::stride);
  return dims;
}

bool writes_twice(const Load2dTranspose& i, const ChipConfig&) {
  const Dims dims = extents::written(i);
  return meet(extents::fractal, dims[0], dims[1]);
}

bool writes_twice(const CopyGmL1Nd2nz& i, const ChipConfig& chip) {
  const Dims dims = extents::written(i);
  if (i.nd_num == 0 || nested(extents::block, by_stride(dims))) return false;
  return meet_in_buffer(dims, chip.l1.value() / extents::block);
}

bool fixpipe_writes_twice(const FixpipeView& i) {
  const extents::Written written = extents::written(i);
  Dims dims = written.dims;
  if (!i.nz2nd) dims[0].count = ceil_div(i.n, extents::column_width(i));
  return !nested(written.size, by_stride(dims)) && meet(written.size, dims[0], dims[1]);
}

bool writes_twice(const Fixpipe& i, const ChipConfig&) { return fixpipe_writes_twice(i); }
bool writes_twice(const FixpipeL1& i, const ChipConfig&) { return fixpipe_writes_twice(i); }

template <class Other>
bool writes_twice(const Other&, const ChipConfig&) {
  return false;  // the table lets nothing but gaps between the pieces
}

}  // namespace

std::vector<Extent> footprint(const Instruction& instruction) {
  std::vector<Extent> list;
  std::visit(
      [&](const auto& i) { extents::walk(i, [&](const Extent& extent) { append(list, extent); }); },
      instruction);
  return list;
}

void check_extents(const Instruction& instruction, const ChipConfig& chip) {
  const auto check = [&](const Extent& extent) {
    const std::uint64_t size = chip.size_of(extent.space).value();
    if (extent.end() > size) reject_end(instruction, extent, size);
  };
  std::visit([&](const auto& i) { extents::walk(i, check); }, instruction);
  if (std::visit([&](const auto& i) { return writes_twice(i, chip); }, instruction)) {
    throw InputError{fmt::format("{}: its strides and gaps write a byte of the destination twice",
                                 info(instruction).name)};
  }
}

}  // namespace vitruvian::models

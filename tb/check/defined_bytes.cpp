// SPDX-License-Identifier: Apache-2.0
#include "tb/check/defined_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "models/core/core.h"
#include "tb/check/race_text.h"

namespace vitruvian::tb {

using models::Instruction;

namespace {

constexpr std::uint8_t is_undefined = 0xff;
constexpr std::uint64_t mover_bytes = 64;  // no load writes less
constexpr Space on_chip[] = {Space::L1, Space::L0A, Space::L0B, Space::L0C, Space::BT, Space::FB};

bool all_zero(const std::uint8_t* at, std::uint64_t size) {
  std::uint64_t any = 0, i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, at + i, 8);
    any |= word;
  }
  for (; i < size; ++i) any |= at[i];
  return any == 0;
}

// The padding of a load3d is defined.
Instruction with_defined_padding(Instruction instruction) {
  if (auto* load = std::get_if<models::Load3d>(&instruction)) load->pad_value = 0;
  return instruction;
}

}  // namespace

DefinedBytes::DefinedBytes(const models::Program& program, const ChipConfig& chip,
                           const std::vector<models::Tensor>& initial)
    : program_{program},
      no_gm_{Bytes{512}},
      shadow_{chip, no_gm_},
      cube_{models::Numerics::dot24,
            {static_cast<int>(chip.cube.m), static_cast<int>(chip.cube.k),
             static_cast<int>(chip.cube.n)}} {
  for (const Space space : on_chip) {
    std::ranges::fill(shadow_.buffer(space).bytes(), is_undefined);
    movers(space).resize(ceil_div(chip.size_of(space).value(), mover_bytes), nobody);
  }
  for (const models::Tensor& tensor : initial) {
    gm_.add(Interval{tensor.address.value(), tensor.address.value() + tensor.size().value()});
  }
}

bool DefinedBytes::is_move(const Instruction& instruction) {
  return std::holds_alternative<models::Load2d>(instruction) ||
         std::holds_alternative<models::Load2dTranspose>(instruction) ||
         std::holds_alternative<models::Load3d>(instruction) ||
         std::holds_alternative<models::CopyL1Bt>(instruction) ||
         std::holds_alternative<models::CopyL1Fb>(instruction);
}

void DefinedBytes::move(std::uint32_t number, const std::vector<models::Extent>& footprint) {
  models::execute(with_defined_padding(program_.instructions[number]), shadow_, cube_);
  for_blocks(footprint, {}, [&](const Block& block) {
    if (!block.write) return;
    std::vector<std::uint32_t>& of = movers(block.space);
    std::fill(of.begin() + static_cast<std::ptrdiff_t>(block.from / mover_bytes),
              of.begin() + static_cast<std::ptrdiff_t>(ceil_div(block.to, mover_bytes)), number);
  });
}

void DefinedBytes::access(std::uint32_t number, const Block& block) {
  if (block.space == Space::GM) return access_gm(number, block);
  if (block.write) return write(block);
  read(number, block);
}

void DefinedBytes::access_gm(std::uint32_t number, const Block& block) {
  const Interval whole{block.from, block.to};
  if (block.write) {
    gm_.add(whole);
    return;
  }
  if (boost::icl::contains(gm_, whole)) return;
  IntervalSet missing;
  missing.add(whole);
  const auto [first, end] = gm_.equal_range(whole);
  for (auto at = first; at != end; ++at) missing.subtract(*at);
  for (const Interval& i : missing) undefined(number, Space::GM, i.lower(), i.upper());
}

void DefinedBytes::read(std::uint32_t number, const Block& block) {
  const auto bytes = shadow_.buffer(block.space).at(block.from, block.to - block.from);
  if (all_zero(bytes.data(), bytes.size())) return;
  for (std::uint64_t i = 0; i < bytes.size();) {
    if (bytes[i] != is_undefined) {
      ++i;
      continue;
    }
    const std::uint64_t from = i;
    while (i < bytes.size() && bytes[i] == is_undefined) ++i;
    undefined(number, block.space, block.from + from, block.from + i);
  }
}

void DefinedBytes::write(const Block& block) {
  std::ranges::fill(shadow_.buffer(block.space).at(block.from, block.to - block.from),
                    std::uint8_t{0});
}

void DefinedBytes::undefined(std::uint32_t number, Space space, std::uint64_t from,
                             std::uint64_t to) {
  for (Found& found : found_) {
    if (found.number != number || found.bytes.space != space) continue;
    found.bytes.from = std::min(found.bytes.from, from);
    found.bytes.to = std::max(found.bytes.to, to);
    found.bytes.count += to - from;
    return;
  }
  found_.push_back({number, {space, from, to, to - from}});
}

void DefinedBytes::close(std::uint32_t number) {
  for (const Found& found : found_) {
    if (found.number != number) continue;
    if (findings_.count++ >= Findings<Uninitialised>::most_kept) continue;
    Uninitialised finding{number, found.bytes, {}};
    finding.text = text(finding);
    findings_.kept.push_back(std::move(finding));
  }
  std::erase_if(found_, [&](const Found& found) { return found.number == number; });
}

std::string DefinedBytes::text(const Uninitialised& finding) const {
  const ByteRange& bytes = finding.bytes;
  std::string said =
      fmt::format("{} reads {}, which nothing wrote",
                  instruction_text(finding.instruction, program_), range_text(bytes));
  if (bytes.space == Space::GM) return said;
  const std::uint32_t mover =
      movers_[static_cast<std::size_t>(bytes.space)][bytes.from / mover_bytes];
  if (mover != nobody) {
    said += fmt::format("; {} moved the first of them there from L1",
                        instruction_text(mover, program_));
  }
  return said;
}

}  // namespace vitruvian::tb

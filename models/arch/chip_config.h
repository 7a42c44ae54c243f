// SPDX-License-Identifier: Apache-2.0
//
// A chip as data: read once from a TOML file, checked, then passed by const reference.
// Every key, its unit and its range is one row of chip_keys() (docs/chips.md is written from it).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/arch/address.h"
#include "models/arch/count.h"
#include "models/arch/number.h"

namespace vitruvian {

enum class Generation : std::uint8_t { V100, V220 };

struct CubeConfig {
  std::uint32_t m = 16, k = 16, n = 16;  // products of fp16 per tile
  Cycles decode{2}, depth{20}, revisit{10}, turnaround{1};
};

// Multiply-adds a cycle of a busy cube on operands of `dtype`: s8 tiles are twice as deep as fp16's,
// s4's four times, fp32's half as deep and two cycles long (hf32: one).
double peak_macs_per_cycle(const CubeConfig& cube, DataType dtype, bool hf32 = false);

struct Mte1Config {
  Cycles setup{3}, load_tail{1}, latency{36};
  BytesPerCycle l0a_rate{256}, l0b_rate{128}, bt_rate{32};
};

struct Mte2Config {
  Cycles setup{20}, request{4};
  std::uint32_t in_flight = 32;     // instructions between start and end
  std::uint32_t outstanding = 256;  // bursts sent whose data have not come
};

struct Mte3Config {
  Cycles setup{20}, latency{8};
  std::uint32_t in_flight = 32;  // instructions between start and end
};

struct FixConfig {
  Cycles setup{86}, latency{24}, patience{8};
  BytesPerCycle rate{128};
  BytesPerCycle fb_rate{32};
  Cycles fb_tail{15};
};

// Global memory as one core sees it: a port with a rate, and a latency behind it.
struct GmConfig {
  Bytes size{64ull << 30};
  BytesPerCycle read_rate{160}, write_rate{128};
  Bytes read_grain{512};  // a read burst pays for whole ones; a power of two
  Cycles read_latency{160}, write_latency{60};
};

struct QueueDepths {
  std::uint32_t m = 32, mte1 = 32, mte2 = 32, mte3 = 32, fix = 32;
};

struct ChipConfig {
  std::string name;
  std::string description;
  Generation generation = Generation::V220;
  std::uint32_t aic_cores = 24;
  std::uint32_t aiv_cores = 48;
  std::uint64_t clock_khz = 1'850'000;
  std::uint32_t event_ids = 8;      // per ordered pair of pipes
  std::uint32_t pending_sets = 64;  // set_flags of a queue that have started and not raised
  Bytes l1{512 << 10}, l0a{64 << 10}, l0b{64 << 10}, l0c{128 << 10}, bt{1 << 10}, fb{7 << 10};
  QueueDepths queue_depth;
  CubeConfig cube;
  Mte1Config mte1;
  Mte2Config mte2;
  Mte3Config mte3;
  FixConfig fix;
  GmConfig gm;

  Bytes size_of(Space space) const;
  double clock_mhz() const { return static_cast<double>(clock_khz) / 1000.0; }
  double microseconds(Cycles span) const {
    return static_cast<double>(span.value()) * 1000.0 / static_cast<double>(clock_khz);
  }
};

// One key of a chip file: `section.name`. Whole numbers only.
struct ChipKey {
  std::string_view key, unit, doc;
  std::uint64_t min, max;
  std::uint64_t (*get)(const ChipConfig&);
  void (*set)(ChipConfig&, std::uint64_t);
};
std::span<const ChipKey> chip_keys();

// Names of the chips that come with the project, sorted.
std::vector<std::string> known_chips();

// `name_or_file`: a known name, or the path of a .toml file. Throws InputError naming file, key,
// value and what is allowed.
ChipConfig load_chip(const std::string& name_or_file);

// Applies "key=value" (a row of chip_keys()); throws InputError, with the nearest key if unknown.
void set_chip_key(ChipConfig& chip, std::string_view assignment);

// Checks that hold between keys (cube shape against fractals, buffers against granules).
void check_chip(const ChipConfig& chip);

}  // namespace vitruvian

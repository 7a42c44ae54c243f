// SPDX-License-Identifier: Apache-2.0
#include "models/arch/chip_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <charconv>
#include <cstdlib>
#include <toml++/toml.h>

#include "models/arch/error.h"
#include "models/arch/known_chips.h"
#include "models/arch/suggest.h"

namespace vitruvian {
namespace {

// One row of the key table: where the value lives is the accessor `member`, whose type decides how
// it is wrapped.
template <auto Accessor>
std::uint64_t get_key(const ChipConfig& chip) {
  const auto& field = Accessor(const_cast<ChipConfig&>(chip));
  using Field = std::remove_cvref_t<decltype(field)>;
  if constexpr (std::is_integral_v<Field>) {
    return field;
  } else if constexpr (std::is_same_v<Field, BytesPerCycle>) {
    return field.value;
  } else {
    return field.value();
  }
}

template <auto Accessor>
void set_key(ChipConfig& chip, std::uint64_t value) {
  auto& field = Accessor(chip);
  using Field = std::remove_cvref_t<decltype(field)>;
  if constexpr (std::is_integral_v<Field>) {
    field = static_cast<Field>(value);
  } else {
    field = Field{value};
  }
}

template <auto Accessor>
constexpr ChipKey row(std::string_view key, std::string_view unit, std::string_view doc,
                      std::uint64_t min, std::uint64_t max) {
  return {key, unit, doc, min, max, &get_key<Accessor>, &set_key<Accessor>};
}

constexpr std::uint64_t KiB = 1024;

// clang-format off
constexpr ChipKey keys[] = {
    row<[](ChipConfig& c) -> auto& { return c.aic_cores; }>("cores.aic", "cores", "cube cores of the chip", 1, 1024),
    row<[](ChipConfig& c) -> auto& { return c.aiv_cores; }>("cores.aiv", "cores", "vector cores of the chip", 0, 2048),
    row<[](ChipConfig& c) -> auto& { return c.clock_khz; }>("clock.khz", "kHz", "core clock", 1'000, 10'000'000),
    row<[](ChipConfig& c) -> auto& { return c.event_ids; }>("core.event_ids", "events", "events per ordered pair of pipes", 1, 8),
    row<[](ChipConfig& c) -> auto& { return c.queue_depth.m; }>("core.queue_depth.m", "instructions", "depth of the M queue", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.queue_depth.mte1; }>("core.queue_depth.mte1", "instructions", "depth of the MTE1 queue", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.queue_depth.mte2; }>("core.queue_depth.mte2", "instructions", "depth of the MTE2 queue", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.queue_depth.mte3; }>("core.queue_depth.mte3", "instructions", "depth of the MTE3 queue", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.queue_depth.fix; }>("core.queue_depth.fix", "instructions", "depth of the FIX queue", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.pending_sets; }>("core.pending_sets", "instructions", "set_flags of a queue that have started and not raised", 1, 64),
    row<[](ChipConfig& c) -> auto& { return c.l1; }>("buffers.l1", "B", "size of L1", 4 * KiB, 16384 * KiB),
    row<[](ChipConfig& c) -> auto& { return c.l0a; }>("buffers.l0a", "B", "size of L0A", KiB, 1024 * KiB),
    row<[](ChipConfig& c) -> auto& { return c.l0b; }>("buffers.l0b", "B", "size of L0B", KiB, 1024 * KiB),
    row<[](ChipConfig& c) -> auto& { return c.l0c; }>("buffers.l0c", "B", "size of L0C", 2 * KiB, 4096 * KiB),
    row<[](ChipConfig& c) -> auto& { return c.bt; }>("buffers.bt", "B", "size of the bias table", 64, 16 * KiB),
    row<[](ChipConfig& c) -> auto& { return c.fb; }>("buffers.fb", "B", "size of the quantisation table", 64, 16 * KiB),
    row<[](ChipConfig& c) -> auto& { return c.cube.m; }>("cube.m", "rows", "rows of a tile (8, 16, 32)", 8, 32),
    row<[](ChipConfig& c) -> auto& { return c.cube.k; }>("cube.k", "fp16 products", "depth of a tile (8, 16); int8 twice, fp32 half of it", 8, 16),
    row<[](ChipConfig& c) -> auto& { return c.cube.n; }>("cube.n", "columns", "columns of a tile (8, 16)", 8, 16),
    row<[](ChipConfig& c) -> auto& { return c.cube.decode; }>("cube.decode", "cycles", "from start to the first tile", 2, 2),
    row<[](ChipConfig& c) -> auto& { return c.cube.depth; }>("cube.depth", "cycles", "stages from tile issue to L0C write", 20, 20),
    row<[](ChipConfig& c) -> auto& { return c.cube.revisit; }>("cube.revisit", "cycles", "least distance of two tiles on one output", 10, 255),
    row<[](ChipConfig& c) -> auto& { return c.cube.turnaround; }>("cube.turnaround", "cycles", "added to the A column fetch of a k step", 1, 1),
    row<[](ChipConfig& c) -> auto& { return c.mte1.setup; }>("mte1.setup", "cycles", "least distance of two starts, tail not counted", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.mte1.load_tail; }>("mte1.load_tail", "cycles", "after the beats of a fractal load", 0, 4096),
    row<[](ChipConfig& c) -> auto& { return c.mte1.latency; }>("mte1.latency", "cycles", "from start to the first beat", 34, 128),
    row<[](ChipConfig& c) -> auto& { return c.mte1.l0a_rate; }>("mte1.l0a_rate", "B/cycle", "L1 to L0A", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.mte1.l0b_rate; }>("mte1.l0b_rate", "B/cycle", "L1 to L0B", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.mte1.bt_rate; }>("mte1.bt_rate", "B/cycle", "L1 to BT", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.mte2.setup; }>("mte2.setup", "cycles", "least distance of two starts", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.mte2.request; }>("mte2.request", "cycles", "from start to the first burst at the GM port", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.mte2.in_flight; }>("mte2.in_flight", "instructions", "copies between start and end", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.mte2.outstanding; }>("mte2.outstanding", "bursts", "sent whose data have not come", 2, 256),
    row<[](ChipConfig& c) -> auto& { return c.mte3.setup; }>("mte3.setup", "cycles", "least distance of two starts", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.mte3.latency; }>("mte3.latency", "cycles", "from start to the first beat", 3, 4096),
    row<[](ChipConfig& c) -> auto& { return c.mte3.in_flight; }>("mte3.in_flight", "instructions", "copies between start and end", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.fix.setup; }>("fix.setup", "cycles", "least distance of two starts", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.fix.latency; }>("fix.latency", "cycles", "from start to the first L0C read", 4, 4096),
    row<[](ChipConfig& c) -> auto& { return c.fix.patience; }>("fix.patience", "cycles", "refusals in a row before FIX takes L0C's read port", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.fix.rate; }>("fix.rate", "B/cycle", "out of L0C, accumulator bytes", 64, 1024),
    row<[](ChipConfig& c) -> auto& { return c.fix.fb_rate; }>("fix.fb_rate", "B/cycle", "L1 to FB", 32, 32),
    row<[](ChipConfig& c) -> auto& { return c.fix.fb_tail; }>("fix.fb_tail", "cycles", "after the beats of an FB copy", 1, 4096),
    row<[](ChipConfig& c) -> auto& { return c.gm.size; }>("gm.size", "B", "global memory", 1 << 20, std::uint64_t{1} << 40),
    row<[](ChipConfig& c) -> auto& { return c.gm.read_rate; }>("gm.read_rate", "B/cycle", "reads of one mover", 1, 256),
    row<[](ChipConfig& c) -> auto& { return c.gm.read_grain; }>("gm.read_grain", "B", "a read burst pays for whole ones of it, a power of two", 32, 512),
    row<[](ChipConfig& c) -> auto& { return c.gm.write_rate; }>("gm.write_rate", "B/cycle", "writes of one mover, a power of two", 64, 256),
    row<[](ChipConfig& c) -> auto& { return c.gm.read_latency; }>("gm.read_latency", "cycles", "from a burst leaving the port to its data in the core", 2, 65535),
    row<[](ChipConfig& c) -> auto& { return c.gm.write_latency; }>("gm.write_latency", "cycles", "from the last beat to L2's acknowledgement", 1, 65535),
};
// clang-format on

const ChipKey& find_key(std::string_view key, const std::string& where) {
  const auto* row = std::ranges::find(keys, key, &ChipKey::key);
  if (row != std::end(keys)) return *row;
  std::vector<std::string_view> names;
  for (const ChipKey& k : keys) names.push_back(k.key);
  throw InputError{fmt::format("{}: unknown key '{}'{}", where, key, did_you_mean(key, names))};
}

void set_checked(ChipConfig& chip, const ChipKey& row, std::int64_t value, const std::string& where) {
  if (value < 0 || static_cast<std::uint64_t>(value) < row.min ||
      static_cast<std::uint64_t>(value) > row.max) {
    throw InputError{fmt::format("{}: {} = {} is outside {}..{} {}", where, row.key, value, row.min,
                                 row.max, row.unit)};
  }
  row.set(chip, static_cast<std::uint64_t>(value));
}

void read_table(ChipConfig& chip, const toml::table& table, const std::string& prefix,
                const std::string& file) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix.empty() ? std::string{name.str()}
                                           : fmt::format("{}.{}", prefix, name.str());
    if (const auto* section = node.as_table()) {
      read_table(chip, *section, key, file);
    } else if (const auto* number = node.as_integer()) {
      set_checked(chip, find_key(key, file), number->get(), file);
    } else {
      throw InputError{fmt::format("{}: {} must be a whole number", file, key)};
    }
  }
}

std::string text_of(toml::table& table, std::string_view key, const std::string& file) {
  const auto value = table[key].value<std::string>();
  if (!value) throw InputError{fmt::format("{}: {} must be given, a text", file, key)};
  table.erase(key);
  return *value;
}

Generation generation_of(const std::string& text, const std::string& file) {
  if (text == "V220") return Generation::V220;
  throw InputError{fmt::format("{}: generation = '{}' is not one of V220", file, text)};
}

// A folder of chip files that takes the place of the built-in ones.
std::optional<std::filesystem::path> config_dir() {
  if (const char* set = std::getenv("VITRUVIAN_CHIPS")) return set;
  return std::nullopt;
}

ChipConfig read_chip(toml::table table, const std::string& file) {
  ChipConfig chip;
  chip.name = text_of(table, "name", file);
  chip.description = text_of(table, "description", file);
  chip.generation = generation_of(text_of(table, "generation", file), file);
  read_table(chip, table, "", file);
  check_chip(chip);
  return chip;
}

ChipConfig read_chip_file(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) {
    throw InputError{fmt::format("chip file '{}' does not exist", file.string())};
  }
  try {
    return read_chip(toml::parse_file(file.string()), file.string());
  } catch (const toml::parse_error& error) {
    throw InputError{fmt::format("{}:{}:{}: {}", file.string(), error.source().begin.line,
                                 error.source().begin.column, error.description())};
  }
}

}  // namespace

std::span<const ChipKey> chip_keys() { return keys; }

double peak_macs_per_cycle(const CubeConfig& cube, DataType dtype, bool hf32) {
  const double depth = cube.k * 16.0 / element_bits(dtype);
  const int cycles = dtype == DataType::f32 && !hf32 ? 2 : 1;  // a tile
  return static_cast<double>(cube.m) * cube.n * depth / cycles;
}

Bytes ChipConfig::size_of(Space space) const {
  switch (space) {
    case Space::GM: return gm.size;
    case Space::L1: return l1;
    case Space::L0A: return l0a;
    case Space::L0B: return l0b;
    case Space::L0C: return l0c;
    case Space::BT: return bt;
    case Space::FB: return fb;
  }
  throw InternalError{"size_of: no such space"};
}

std::vector<std::string> known_chips() {
  std::vector<std::string> names;
  const auto folder = config_dir();
  if (!folder) {
    for (const KnownChip& chip : embedded_chips()) names.emplace_back(chip.name);
    return names;
  }
  for (const auto& entry : std::filesystem::directory_iterator{*folder}) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

ChipConfig load_chip(const std::string& name_or_file) {
  const std::filesystem::path file = name_or_file;
  if (file.extension() == ".toml") return read_chip_file(file);
  const auto names = known_chips();
  if (std::ranges::find(names, name_or_file) == names.end()) {
    throw InputError{fmt::format("unknown chip '{}'{}; known: {}; or give a .toml file", name_or_file,
                                 did_you_mean(name_or_file, {names.begin(), names.end()}),
                                 fmt::join(names, ", "))};
  }
  if (const auto folder = config_dir()) return read_chip_file(*folder / (name_or_file + ".toml"));
  const KnownChip& chip = *std::ranges::find(embedded_chips(), name_or_file, &KnownChip::name);
  return read_chip(toml::parse(chip.text, chip.name), name_or_file + ".toml");
}

void set_chip_key(ChipConfig& chip, std::string_view assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    throw InputError{fmt::format("--set {}: expected key=value", assignment)};
  }
  const std::string where = fmt::format("--set {}", assignment);
  const ChipKey& row = find_key(assignment.substr(0, equals), where);
  const std::string_view text = assignment.substr(equals + 1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw InputError{fmt::format("{}: '{}' is not a whole number ({}..{} {})", where, text, row.min,
                                 row.max, row.unit)};
  }
  set_checked(chip, row, value, where);
}

void check_chip(const ChipConfig& chip) {
  const auto one_of = [&](std::string_view key, std::uint64_t value, std::vector<std::uint64_t> allowed) {
    if (std::ranges::find(allowed, value) == allowed.end()) {
      throw InputError{fmt::format("chip {}: {} = {} is not one of {}", chip.name, key, value,
                                   fmt::join(allowed, ", "))};
    }
  };
  one_of("cube.m", chip.cube.m, {8, 16, 32});
  one_of("cube.k", chip.cube.k, {8, 16});
  one_of("cube.n", chip.cube.n, {8, 16});
  const auto multiple_of = [&](Space space, std::uint64_t grain) {
    if (chip.size_of(space).value() % grain != 0) {
      throw InputError{fmt::format("chip {}: buffers.{} = {} is not a multiple of {} B", chip.name,
                                   name(space), chip.size_of(space).value(), grain)};
    }
  };
  multiple_of(Space::L1, 512);
  multiple_of(Space::L0A, 512);
  multiple_of(Space::L0B, 512);
  multiple_of(Space::L0C, 1024);
  multiple_of(Space::BT, 64);
  multiple_of(Space::FB, 64);
  one_of("gm.read_grain", chip.gm.read_grain.value(), {32, 64, 128, 256, 512});
  one_of("gm.write_rate", chip.gm.write_rate.value, {64, 128, 256});
  one_of("fix.rate", chip.fix.rate.value, {64, 128, 256});
  if (chip.fix.rate.value > chip.gm.write_rate.value) {
    throw InputError{fmt::format("chip {}: fix.rate = {} is above gm.write_rate = {}: what FIX sends in a cycle must fit its port",
                                 chip.name, chip.fix.rate.value, chip.gm.write_rate.value)};
  }
}

}  // namespace vitruvian

// SPDX-License-Identifier: Apache-2.0
//
// The RTL conversion of FIX against models::quantise and TestFloat, bit for bit: millions of words of every
// kind, under every conversion, with cycles in which nothing moves.
#include <dlfcn.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>

#include "models/arch/number.h"
#include "models/pipe/quantise.h"
#include "tb/common/random.h"
#include "tb/pipe/block_build.h"
#include "tb/pipe/fixpipe_lane.h"
#include "tb/random/numbers.h"
#include "tests/arch/testfloat.h"
#include "tests/pipe/faulty_rtl.h"

namespace vitruvian::tests {
namespace {

using models::Quant;
using tb::Mix;
using tb::RandomStream;
using tb::Seed;

constexpr std::size_t lanes = 32, columns = 16;
constexpr int depth = 5;  // stages

struct Conversion {
  DataType acc;
  Quant quant;
};
constexpr Conversion conversions[] = {
    {DataType::f32, Quant::none},    {DataType::s32, Quant::none},   {DataType::f32, Quant::F322F16},
    {DataType::f32, Quant::F322BF16}, {DataType::s32, Quant::DEQF16}, {DataType::s32, Quant::VDEQF16},
    {DataType::s32, Quant::REQ8},    {DataType::s32, Quant::VREQ8},  {DataType::f32, Quant::QF322B8},
    {DataType::f32, Quant::VQF322B8},
};

// What enters the lane together.
struct Words {
  Conversion conversion;
  bool relu;
  std::array<std::uint32_t, lanes> word;
  std::array<std::uint64_t, columns> scale;

  std::uint32_t expected(std::size_t lane) const {
    const models::Quantisation q{conversion.acc, conversion.quant, models::quantisation_word(scale[lane % columns]), relu};
    return models::quantise(q, word[lane]);
  }
};

// The Verilated lane: words in, results out, checked as they come.
class Lane {
 public:
  explicit Lane(const std::filesystem::path& rtl = {})
      : handle_{::dlopen(tb::build_block({"fixpipe_lane", {}, "fast", rtl}).c_str(), RTLD_NOW | RTLD_LOCAL)} {
    load("vit_fixpipe_lane_create", create_);
    load("vit_fixpipe_lane_destroy", destroy_);
    load("vit_fixpipe_lane_cycle", cycle_);
    lane_ = create_();
  }
  ~Lane() {
    destroy_(lane_);
    ::dlclose(handle_);
  }
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // One cycle. Returns what is wrong with what comes out of it, or nothing.
  std::string cycle(bool go, const Words* words) {
    VitFixpipeLaneIn in{};
    if (words != nullptr) {
      in = {words->conversion.acc == DataType::f32, words->relu, static_cast<std::uint8_t>(words->conversion.quant),
            words->word.data(), words->scale.data()};
    }
    const std::uint32_t* out = cycle_(lane_, go, words != nullptr ? &in : nullptr);
    if (go) {
      inside_.push_back(words != nullptr ? std::optional{*words} : std::nullopt);
      if (inside_.size() > depth) inside_.pop_front();
    }
    const bool due = inside_.size() == depth && inside_.front();
    if ((out != nullptr) != due) return due ? "late" : "early";
    return due ? compare(*inside_.front(), out) : "";
  }
  std::uint64_t compared() const { return compared_; }

 private:
  template <class Function>
  void load(const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(handle_, name));
  }
  std::string compare(const Words& words, const std::uint32_t* out) {
    for (std::size_t i = 0; i < lanes; ++i) {
      const std::uint32_t expected = words.expected(i);
      if (out[i] == expected) continue;
      return fmt::format("{} of {} 0x{:08x}, scale 0x{:012x}, relu {}: 0x{:x}, not 0x{:x}", models::name(words.conversion.quant),
                         models::name(words.conversion.acc), words.word[i], words.scale[i % columns], words.relu, out[i], expected);
    }
    compared_ += lanes;
    return {};
  }

  void* handle_;
  decltype(&vit_fixpipe_lane_create) create_;
  decltype(&vit_fixpipe_lane_destroy) destroy_;
  decltype(&vit_fixpipe_lane_cycle) cycle_;
  VitFixpipeLane* lane_;
  std::deque<std::optional<Words>> inside_;  // by unfrozen cycles, the oldest in front
  std::uint64_t compared_ = 0;
};

Mix draw_mix(RandomStream& stream) { return static_cast<Mix>(stream.below(tb::mix_count)); }

// A quantisation word: any bits, or a scale that brings most words into the result's range.
std::uint64_t draw_scale(RandomStream& stream, DataType acc) {
  std::uint64_t word = stream.draw() & ((1ull << 47) - 1);
  if (stream.chance(1, 4)) return word;
  word &= ~0xffffffffull;
  if (stream.chance(1, 2)) word &= ~(1ull << 36);  // no shift
  if (acc == DataType::f32 || stream.chance(1, 4)) return word | tb::draw_number(stream, draw_mix(stream), DataType::f32);
  return word | stream.between(90, 150) << 23 | stream.below(1 << 23) | stream.below(2) << 31;
}

// A word near where a rounding, a saturation or a class begins: a result's neighbourhood, divided by the scale.
std::uint32_t draw_word(RandomStream& stream, DataType acc, std::uint64_t scale) {
  if (stream.chance(1, 2)) return tb::draw_number(stream, draw_mix(stream), acc);
  const float unit = to_float(DataType::f32, static_cast<std::uint32_t>(scale) & ~0x1fffu);
  const double target = stream.between(-520, 520) / 2.0 * (stream.chance(1, 4) ? 256.0 : 1.0);
  const double word = unit == 0 ? target : target / unit;
  if (acc == DataType::s32) {
    const double bounded = std::min(std::max(word, -2147483648.0), 2147483647.0);
    return static_cast<std::uint32_t>(bounded == bounded ? static_cast<std::int64_t>(bounded) : 0) +
           static_cast<std::uint32_t>(stream.between(-1, 1));
  }
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(word));
  return bits + static_cast<std::uint32_t>(stream.between(-2, 2));
}

Words draw_words(RandomStream& stream, const Conversion& conversion) {
  Words words{conversion, stream.chance(1, 3), {}, {}};
  for (std::uint64_t& scale : words.scale) scale = draw_scale(stream, conversion.acc);
  for (std::size_t i = 0; i < lanes; ++i) words.word[i] = draw_word(stream, conversion.acc, words.scale[i % columns]);
  return words;
}

class FixpipeRtlLane : public testing::TestWithParam<Conversion> {};

TEST_P(FixpipeRtlLane, EqualsTheModelBitForBit) {
  const Seed seed{0xf1ca5e};
  SCOPED_TRACE("seed " + seed.text());
  RandomStream stream = seed.stream(fmt::format("{} {}", models::name(GetParam().acc), models::name(GetParam().quant)));
  Lane lane;
  while (lane.compared() < 1'000'000) {
    const Words words = draw_words(stream, GetParam());
    ASSERT_EQ(lane.cycle(true, &words), "");
    for (int idle = static_cast<int>(stream.below(4)); idle > 2; --idle) ASSERT_EQ(lane.cycle(stream.chance(1, 2), nullptr), "");
    if (stream.chance(1, 8)) {  // offered in a frozen cycle: not taken
      ASSERT_EQ(lane.cycle(false, &words), "");
    }
  }
}

std::string conversion_name(const testing::TestParamInfo<Conversion>& info) {
  return fmt::format("{}_{}", models::name(info.param.acc), models::name(info.param.quant));
}
INSTANTIATE_TEST_SUITE_P(Conversions, FixpipeRtlLane, testing::ValuesIn(conversions), conversion_name);

TEST(FixpipeRtlLane, ConversionsOfOneStreamDoNotMix) {
  RandomStream stream = Seed{0x317}.stream("mixed");
  Lane lane;
  while (lane.compared() < 500'000) {
    const Words words = draw_words(stream, stream.pick(conversions));
    ASSERT_EQ(lane.cycle(stream.chance(7, 8), &words), "");
  }
}

// Around every number of the narrow type: where its rounding, subnormals and overflow begin.
TEST(FixpipeRtlLane, NarrowsTheNeighbourhoodOfEveryNumber) {
  Lane lane;
  for (const Conversion& conversion : {conversions[2], conversions[3]}) {
    const DataType type = conversion.quant == Quant::F322F16 ? DataType::f16 : DataType::bf16;
    const std::uint32_t half = 1u << (22 - float_format(type).fraction_bits);  // of the last place, for normal results
    Words words{conversion, false, {}, {}};
    std::size_t filled = 0;
    for (std::uint32_t pattern = 0; pattern < 0x10000; ++pattern) {
      for (const std::uint32_t off : {0u, 1u, half - 1, half, half + 1, 0u - 1, 2 * half - 1, 0u - half}) {
        words.word[filled++] = widen(type, pattern) + off;
        if (filled < lanes) continue;
        filled = 0;
        ASSERT_EQ(lane.cycle(true, &words), "");
      }
    }
  }
  for (int i = 0; i < depth; ++i) ASSERT_EQ(lane.cycle(true, nullptr), "");
}

TEST(FixpipeRtlLane, NarrowingEqualsTestFloat) {
  Lane lane;
  for (const auto& line : testfloat("f32_to_f16_near_even")) {
    Words words{{DataType::f32, Quant::F322F16}, false, {}, {}};
    words.word.fill(line[0]);
    const bool nan = (line[1] & 0x7fff) > 0x7c00;
    ASSERT_EQ(words.expected(0), nan ? 0x7e00u : line[1]);  // what compare() holds the lane to
    ASSERT_EQ(lane.cycle(true, &words), "");
  }
  for (int i = 0; i < depth; ++i) ASSERT_EQ(lane.cycle(true, nullptr), "");
  EXPECT_GT(lane.compared(), 10'000u);
}

// A wrong lane is seen.
constexpr RtlFault faults[] = {
    {"ties", "pipe/vit_fixpipe_lane.sv", "raised[23] && (raised[22:0] != 23'b0 || raised[24]);\n    packed_up", "raised[23];\n    packed_up"},
    {"subnormals", "pipe/vit_fixpipe_lane.sv", "below = above[31] ? -above : 32'd0;", "below = 32'd0;"},
    {"relu_of_nan", "pipe/vit_fixpipe_lane.sv", "!(float && word[30:0] > vit_fp_pkg::INFINITY[30:0])", "1'b1"},
    {"shift_mode", "pipe/vit_fixpipe_lane.sv", "if (down[31:15] != {17{word[31]}})", "if (1'b0)"},
    {"frozen", "pipe/vit_fixpipe_lane.sv", "if (go_i && valid_q[1])", "if (valid_q[1])"},
};

class FixpipeRtlLaneChecker : public testing::TestWithParam<RtlFault> {};

TEST_P(FixpipeRtlLaneChecker, SeesAFault) {
  const FaultyRtl rtl{GetParam()};
  Lane lane{rtl.folder()};
  RandomStream stream = Seed{0xbad}.stream("mixed");
  std::string seen;
  while (seen.empty() && lane.compared() < 500'000) {
    const Words words = draw_words(stream, stream.pick(conversions));
    seen = lane.cycle(stream.chance(7, 8), &words);
  }
  EXPECT_NE(seen, "");
}

INSTANTIATE_TEST_SUITE_P(Faults, FixpipeRtlLaneChecker, testing::ValuesIn(faults), [](const auto& info) { return std::string{info.param.name}; });

}  // namespace
}  // namespace vitruvian::tests

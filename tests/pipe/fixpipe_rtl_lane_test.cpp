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
#include <optional>

#include "models/arch/number.h"
#include "models/pipe/quantise.h"
#include "tb/common/random.h"
#include "tb/pipe/block_build.h"
#include "tb/pipe/fixpipe_lane.h"
#include "tb/random/numbers.h"
#include "tests/arch/testfloat.h"

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
  Lane() : handle_{::dlopen(tb::build_block({.block = "fixpipe_lane"}).c_str(), RTLD_NOW | RTLD_LOCAL)} {
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

  // One cycle. Nothing comes early or late; a wrong result fails the test.
  void cycle(bool go, const Words* words) {
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
    ASSERT_EQ(out != nullptr, due) << (due ? "late" : "early");
    if (due) compare(*inside_.front(), out);
  }
  std::uint64_t compared() const { return compared_; }

 private:
  template <class Function>
  void load(const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(handle_, name));
  }
  void compare(const Words& words, const std::uint32_t* out) {
    for (std::size_t i = 0; i < lanes; ++i) {
      ASSERT_EQ(out[i], words.expected(i)) << fmt::format(
          "{} of {} 0x{:08x}, scale 0x{:012x}, relu {}: 0x{:x}, not 0x{:x}", models::name(words.conversion.quant),
          models::name(words.conversion.acc), words.word[i], words.scale[i % columns], words.relu, out[i], words.expected(i));
    }
    compared_ += lanes;
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
  while (lane.compared() < 1'000'000 && !HasFatalFailure()) {
    const Words words = draw_words(stream, GetParam());
    lane.cycle(true, &words);
    for (int idle = static_cast<int>(stream.below(4)); idle > 2; --idle) lane.cycle(stream.chance(1, 2), nullptr);
    if (stream.chance(1, 8)) lane.cycle(false, &words);  // offered in a frozen cycle: not taken
  }
}

std::string conversion_name(const testing::TestParamInfo<Conversion>& info) {
  return fmt::format("{}_{}", models::name(info.param.acc), models::name(info.param.quant));
}
INSTANTIATE_TEST_SUITE_P(Conversions, FixpipeRtlLane, testing::ValuesIn(conversions), conversion_name);

TEST(FixpipeRtlLane, ConversionsOfOneStreamDoNotMix) {
  RandomStream stream = Seed{0x317}.stream("mixed");
  Lane lane;
  while (lane.compared() < 500'000 && !HasFatalFailure()) {
    const Words words = draw_words(stream, stream.pick(conversions));
    lane.cycle(stream.chance(7, 8), &words);
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
    for (std::uint32_t pattern = 0; pattern < 0x10000 && !HasFatalFailure(); ++pattern) {
      for (const std::uint32_t off : {0u, 1u, half - 1, half, half + 1, 0u - 1, 2 * half - 1, 0u - half}) {
        words.word[filled++] = widen(type, pattern) + off;
        if (filled < lanes) continue;
        filled = 0;
        lane.cycle(true, &words);
      }
    }
  }
  for (int i = 0; i < depth; ++i) lane.cycle(true, nullptr);
}

TEST(FixpipeRtlLane, NarrowingEqualsTestFloat) {
  Lane lane;
  std::deque<Words> sent;
  for (const auto& line : testfloat("f32_to_f16_near_even")) {
    Words words{{DataType::f32, Quant::F322F16}, false, {}, {}};
    words.word.fill(line[0]);
    const bool nan = (line[1] & 0x7fff) > 0x7c00;
    ASSERT_EQ(words.expected(0), nan ? 0x7e00u : line[1]);  // what compare() holds the lane to
    lane.cycle(true, &words);
  }
  for (int i = 0; i < depth; ++i) lane.cycle(true, nullptr);
  EXPECT_GT(lane.compared(), 10'000u);
}

}  // namespace
}  // namespace vitruvian::tests

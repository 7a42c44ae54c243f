// SPDX-License-Identifier: Apache-2.0
#include "tb/report/gtkw.h"

#include <unistd.h>

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <gtkwave/fstapi.h>

#include "models/arch/error.h"
#include "tb/report/cube_signals.h"
#include "tb/report/output_files.h"
#include "tb/report/wave_file.h"
#include "tests/tb/report/synthetic.h"

namespace vitruvian::tb {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Gtkw : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "vitruvian_gtkw_XXXXXX").string();
    folder = ::mkdtemp(name.data());
    void* wave = fstWriterCreate((folder / "waves.fst").c_str(), 1);
    fstWriterSetScope(wave, FST_ST_VCD_MODULE, "TOP", nullptr);
    fstWriterSetScope(wave, FST_ST_VCD_MODULE, "block", nullptr);
    const fstHandle bit = fstWriterCreateVar(wave, FST_VT_SV_LOGIC, FST_VD_INPUT, 1, "clk_i", 0);
    fstWriterCreateVar(wave, FST_VT_SV_LOGIC, FST_VD_IMPLICIT, 3, "dtype [2:0]", 0);
    fstWriterSetScope(wave, FST_ST_VCD_MODULE, "inner", nullptr);
    fstWriterCreateVar(wave, FST_VT_SV_LOGIC, FST_VD_IMPLICIT, 12, "m_q [11:0]", 0);
    for (int scope = 0; scope < 3; ++scope) fstWriterSetUpscope(wave);
    for (std::uint64_t t = 0; t <= 40; t += 10) {
      fstWriterEmitTimeChange(wave, t);
      fstWriterEmitValueChange(wave, bit, t % 20 ? "1" : "0");
    }
    fstWriterClose(wave);
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string text_of(const std::string& name) const {
    std::ifstream file{folder / name};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  fs::path folder;
};

constexpr WaveSignal rows[] = {{"clock", "clk_i", Radix::binary},
                               {"instruction", "dtype", Radix::text, "dtype"},
                               {"instruction", "inner.m_q", Radix::decimal}};
const WaveValues values[] = {{"dtype", {{0, "f16"}, {1, "bf16"}}}};

TEST_F(Gtkw, TheWaveformsSignalsAndTimesAreRead) {
  const WaveFile file = read_wave_file(folder / "waves.fst");
  EXPECT_THAT(file.signals,
              ElementsAre("TOP.block.clk_i", "TOP.block.dtype[2:0]", "TOP.block.inner.m_q[11:0]"));
  EXPECT_EQ(file.first, 0u);
  EXPECT_EQ(file.last, 40u);
}

TEST_F(Gtkw, ShowsEachRowInItsGroupWithItsRangeAndRadix) {
  const SavedView saved = write_gtkw(folder, {.scope = "TOP.block",
                                              .signals = rows,
                                              .values = values,
                                              .markers = {{10, "start"}, {30, "end"}}});
  EXPECT_EQ(saved.signals, 3u);
  EXPECT_TRUE(saved.missing.empty());
  const std::string text = text_of("waves.gtkw");
  EXPECT_THAT(text, HasSubstr("@800200\n-clock\n@28\nTOP.block.clk_i\n@1000200\n-clock\n"));
  EXPECT_THAT(text, HasSubstr("@800200\n-instruction\n@2024\n^1 "
                              "waves.dtype.txt\nTOP.block.dtype[2:0]\n@24\nTOP.block.inner.m_q[11:"
                              "0]\n@1000200\n-instruction\n"));
  EXPECT_THAT(text, HasSubstr(" 10 10 30 -1 "));
  EXPECT_THAT(text, HasSubstr("[markername] Astart\n[markername] Bend\n"));
  EXPECT_EQ(text_of("waves.dtype.txt"), "0 f16\n1 bf16\n");
}

TEST_F(Gtkw, ARowTheWaveformLacksIsLeftOutAndNamed) {
  const WaveSignal more[] = {rows[0], {"gone", "nothing_here", Radix::hexadecimal}};
  const SavedView saved =
      write_gtkw(folder, {.scope = "TOP.block", .signals = more, .values = {}, .markers = {}});
  EXPECT_EQ(saved.signals, 1u);
  EXPECT_THAT(saved.missing, ElementsAre("TOP.block.nothing_here"));
  EXPECT_THAT(text_of("waves.gtkw"), testing::Not(HasSubstr("gone")));
}

TEST_F(Gtkw, APartOfABusIsNamedBitByBitFromTheLeft) {
  const WaveSignal part[] = {{"part", "inner.m_q", Radix::hexadecimal, "", "low", 1, 3}};
  write_gtkw(folder, {.scope = "TOP.block", .signals = part, .values = {}, .markers = {}});
  EXPECT_THAT(text_of("waves.gtkw"),
              HasSubstr("@22\n#{low[2:0]} (8)TOP.block.inner.m_q[11:0] "
                        "(9)TOP.block.inner.m_q[11:0] (10)TOP.block.inner.m_q[11:0]\n"));
}

TEST_F(Gtkw, APartThatIsNotThereIsOurMistake) {
  const WaveSignal part[] = {{"part", "inner.m_q", Radix::hexadecimal, "", "high", 10, 3}};
  EXPECT_THROW(
      write_gtkw(folder, {.scope = "TOP.block", .signals = part, .values = {}, .markers = {}}),
      InternalError);
}

TEST_F(Gtkw, StartsAtTheWindowAsked) {
  write_gtkw(folder, {.scope = "TOP.block",
                      .signals = rows,
                      .values = values,
                      .markers = {},
                      .from = 20,
                      .to = 30});
  EXPECT_THAT(text_of("waves.gtkw"), HasSubstr("[timestart] 20\n"));
}

// GTKWave would start at the beginning of the file if less than a window stood behind the start.
TEST_F(Gtkw, GoesBackIfTheFileWouldNotFillTheWindow) {
  write_gtkw(folder, {.scope = "TOP.block",
                      .signals = rows,
                      .values = values,
                      .markers = {},
                      .from = 32,
                      .to = 40});
  EXPECT_THAT(text_of("waves.gtkw"), HasSubstr("[timestart] 30\n"));
}

TEST_F(Gtkw, LeavesOutMarkersBesideTheFileAndShowsAllIfTheWindowLiesBeside) {
  write_gtkw(folder, {.scope = "TOP.block",
                      .signals = rows,
                      .values = values,
                      .markers = {{30, "in"}, {41, "out"}},
                      .from = 1000,
                      .to = 2000});
  EXPECT_THAT(text_of("waves.gtkw"), HasSubstr("[timestart] 0\n"));
  EXPECT_THAT(text_of("waves.gtkw"), HasSubstr(" 30 30 -1 "));
  EXPECT_THAT(text_of("waves.gtkw"), testing::Not(HasSubstr("out")));
}

TEST_F(Gtkw, NoWaveformMeansThatTheCubeDidNothing) {
  fs::remove(folder / "waves.fst");
  EXPECT_THROW(write_cube_view(folder, 0, {}, 540), InputError);
}

TEST_F(Gtkw, AFileThatIsNoWaveformIsRefusedByName) {
  write_whole(folder / "waves.fst", "not a waveform");
  EXPECT_THROW(
      write_gtkw(folder, {.scope = "TOP", .signals = rows, .values = values, .markers = {}}),
      InputError);
  EXPECT_THROW(read_wave_file(folder / "none.fst"), InputError);
}

TEST_F(Gtkw, AWaveformThatWasCutOffIsRefused) {
  const std::string whole = text_of("waves.fst");
  for (const std::size_t size : {whole.size() / 4, whole.size() / 2, whole.size() * 3 / 4}) {
    write_whole(folder / "waves.fst", std::string_view{whole}.substr(0, size));
    EXPECT_THROW(read_wave_file(folder / "waves.fst"), InputError)
        << size << " of " << whole.size() << " bytes";
  }
}

TEST(CubeSignals, MarksAreTheFirstStartAndTheLastEndOfAnMmad) {
  const RunResult run = synthetic_run({.tiles = 4});
  std::uint64_t first = ~0ull, last = 0;
  for (const auto& record : run.cores[0].records) {
    if (run.program.instructions[record.instruction].index() !=
        models::Instruction{models::Mmad{}}.index())
      continue;
    first = std::min(first, record.start.value());
    last = std::max(last, record.end.value());
  }
  EXPECT_EQ(cube_marks(run).first_start, Cycle{first});
  EXPECT_EQ(cube_marks(run).last_end, Cycle{last});
  EXPECT_FALSE(cube_marks(RunResult{}).first_start);
}

TEST(CubeSignals, EveryTextRowHasItsValues) {
  const auto all = cube_values();
  for (const WaveSignal& row : cube_signals(0)) {
    if (row.radix != Radix::text) continue;
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const WaveValues& v) {
      return v.name == row.values;
    })) << row.name;
  }
}

}  // namespace
}  // namespace vitruvian::tb

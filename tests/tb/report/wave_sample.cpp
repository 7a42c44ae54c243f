// SPDX-License-Identifier: Apache-2.0
//
// wave_sample FOLDER: a small waveform and its view, for the lane that opens it in GTKWave.
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gtkwave/fstapi.h>

#include "tb/report/gtkw.h"

using namespace vitruvian::tb;

namespace {

std::string bits(unsigned value, int width) {
  std::string text;
  for (int b = width - 1; b >= 0; --b) text += static_cast<char>('0' + (value >> b & 1));
  return text;
}

void write_wave(const std::filesystem::path& path) {
  void* wave = fstWriterCreate(path.c_str(), 1);
  fstWriterSetScope(wave, FST_ST_VCD_MODULE, "TOP", nullptr);
  const fstHandle clock = fstWriterCreateVar(wave, FST_VT_SV_LOGIC, FST_VD_INPUT, 1, "clk_i", 0);
  fstWriterSetScope(wave, FST_ST_VCD_MODULE, "block", nullptr);
  const fstHandle dtype =
      fstWriterCreateVar(wave, FST_VT_SV_LOGIC, FST_VD_IMPLICIT, 8, "dtype [7:0]", 0);
  const fstHandle sum =
      fstWriterCreateVar(wave, FST_VT_SV_LOGIC, FST_VD_IMPLICIT, 12, "sum_q [11:0]", 0);
  fstWriterSetUpscope(wave);
  fstWriterSetUpscope(wave);
  for (unsigned t = 0; t < 200; ++t) {
    fstWriterEmitTimeChange(wave, t);
    fstWriterEmitValueChange(wave, clock, t % 2 ? "1" : "0");
    fstWriterEmitValueChange(wave, dtype, bits(t / 50 * 7, 8).c_str());
    fstWriterEmitValueChange(wave, sum, bits(4096 - t, 12).c_str());
  }
  fstWriterClose(wave);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: wave_sample FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder{argv[1]};
  std::filesystem::create_directories(folder);
  write_wave(folder / "waves.fst");
  // The values are of two decimal digits and eight bits, where text, decimal and hexadecimal keys
  // differ.
  const WaveSignal signals[] = {
      {"clock", "clk_i", Radix::binary},
      {"instruction", "block.dtype", Radix::text, "dtype"},
      {"datapath", "block.sum_q", Radix::signed_decimal},
      {"datapath", "block.sum_q", Radix::hexadecimal},
      {"datapath", "block.sum_q", Radix::hexadecimal, "", "sum_low", 0, 4}};
  const WaveValues values[] = {
      {"dtype", {{0, "zero"}, {7, "seven"}, {14, "fourteen"}, {21, "twenty-one"}}}};
  const SavedView saved = write_gtkw(folder, {.scope = "TOP",
                                              .signals = signals,
                                              .values = values,
                                              .markers = {{120, "start"}, {160, "end"}}});
  return saved.missing.empty() ? 0 : 1;
}

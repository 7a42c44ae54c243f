// SPDX-License-Identifier: Apache-2.0
#include "tb/random/cube_program.h"

#include <algorithm>
#include <optional>

#include "tb/random/cube_contents.h"
#include "tb/random/order.h"

namespace vitruvian::tb {
namespace {

using models::Fixpipe;
using models::Init;
using models::Mmad;
using models::UnitFlag;

constexpr std::uint64_t fractal_bytes = 512;      // of L0A and L0B
constexpr std::uint64_t output_fractal = 1024;    // 16 x 16 words of L0C
constexpr std::uint64_t longest = 4095;           // of m, n, k in the instruction table
constexpr std::uint64_t unordered_tiles = 10;     // so many output tiles need no barrier (cube.revisit)

DataType accumulator(DataType type) { return is_floating(type) ? DataType::f32 : DataType::s32; }

// What a group of mmads left in L0C.
struct Output {
  std::uint64_t c = 0;
  std::uint64_t m = 0, n = 0;
  DataType acc = DataType::f32;
  std::uint64_t rows() const { return ceil_div(m, 16); }  // fractals
  std::uint64_t columns() const { return ceil_div(n, 16); }
  std::uint64_t first() const { return c / output_fractal; }
  std::uint64_t last() const { return first() + rows() * columns(); }
};

bool overlap(const Output& a, const Output& b) { return a.first() < b.last() && b.first() < a.last(); }

// Who touched one fractal of L0C last, as program index + 1 (0: nobody).
struct Touched {
  std::size_t written = 0, read = 0;
  bool unit_read = false;   // the reader cleared the unit flags
  Mmad writer;
};

class Generator {
 public:
  Generator(Seed seed, const CubeProfile& profile, const ChipConfig& chip)
      : profile_{profile},
        chip_{chip},
        builder_{fmt::format("{} seed {}", profile.name, seed.text()), chip},
        order_{builder_, chip.event_ids},
        shapes_{seed.stream("shapes")},
        places_{seed.stream("places")},
        modes_{seed.stream("modes")},
        flow_{seed.stream("flow")},
        fixes_{seed.stream("fixpipes")},
        touched_(chip.l0c.value() / output_fractal) {
    out_.seed = seed;
    out_.profile = profile.name;
    draw_types(seed.stream("types"));
    parts_ = draw_contents(out_, types_, profile, chip);
  }

  CubeProgram make() {
    while (static_cast<std::int64_t>(out_.mmads) < profile_.mmads &&
           static_cast<std::int64_t>(out_.slots) < profile_.slots) {
      group();
      noise();
    }
    while (!flagged_.empty()) hand_over();
    order_.finish();
    out_.program = builder_.take();
    return std::move(out_);
  }

 private:
  bool percent(RandomStream& stream, std::int64_t p) {
    return stream.chance(static_cast<std::uint64_t>(p), 100);
  }
  std::uint64_t in(Range range, std::uint64_t cap = longest) {
    const auto high = std::min<std::int64_t>(range.high, static_cast<std::int64_t>(cap));
    return static_cast<std::uint64_t>(shapes_.between(std::min(range.low, high), high));
  }

  // One type in half of the programs, so that operands may be as large as the buffers; else several.
  void draw_types(RandomStream stream) {
    const std::size_t count = stream.chance(1, 2) ? 1 : 2 + stream.below(3);
    while (types_.size() < count) {
      const auto type = static_cast<DataType>(stream.weighted(profile_.dtypes));
      if (types_.size() < 2 || std::ranges::find(types_, type) == types_.end()) types_.push_back(type);
      if (types_.size() == 2 && types_[0] == types_[1]) break;
    }
    if (types_.size() == 2 && types_[0] == types_[1]) types_.pop_back();
  }

  // Several mmads in a row on one output, then what reads it.
  void group() {
    const DataType type = shapes_.pick(types_);
    const Output output = draw_output(type);
    while (const auto index = flagged_overlapping(output)) hand_over(*index);
    const bool unit = percent(flow_, profile_.unit_percent);
    const auto count = in(profile_.group);
    for (std::uint64_t i = 0; i < count; ++i) {
      Mmad mmad = draw_mmad(output, type, i);
      if (unit) mmad.unit_flag = i + 1 == count ? UnitFlag::toggle : UnitFlag::check;
      place(mmad, output);
    }
    if (unit) {
      flagged_.push_back(output);
      if (flagged_.size() > 2 || flow_.chance(2, 3)) hand_over();
      return;
    }
    if (percent(flow_, profile_.announce_percent)) order_.announce(Ordering::m, Ordering::fix);
    if (percent(flow_, profile_.fix_percent)) read(output);
  }

  Output draw_output(DataType type) {
    Output output{.acc = accumulator(type)};
    const auto fractals = chip_.l0c.value() / output_fractal;
    const bool gemv = percent(shapes_, profile_.gemv_percent);
    const std::uint64_t room_a = chip_.l0a.value() / fractal_bytes;
    const std::uint64_t room_b = chip_.l0b.value() / fractal_bytes;
    output.m = gemv ? 1 : whole(in(profile_.m, 16 * std::min(room_a, fractals)), 16);
    output.n = whole(in(profile_.n, 16 * std::min(room_b, fractals / output.rows())), 16);
    output.c = draw_place(output, fractals) * output_fractal;
    previous_ = output;
    return output;
  }

  std::uint64_t draw_place(const Output& output, std::uint64_t fractals) {
    const auto need = output.rows() * output.columns();
    if (profile_.places > 0) {
      const auto pitch = fractals / static_cast<std::uint64_t>(profile_.places);
      const auto place = places_.below(static_cast<std::uint64_t>(profile_.places)) * pitch;
      if (place + need <= fractals) return place;
    } else if (places_.chance(1, 3) && previous_.first() + need <= fractals) {
      return previous_.first();
    }
    return places_.below(fractals - need + 1);
  }

  std::uint64_t whole(std::uint64_t size, std::uint64_t unit) {
    return percent(shapes_, profile_.whole_percent) ? round_up(size, unit) : size;
  }

  Mmad draw_mmad(const Output& output, DataType type, std::uint64_t index) {
    const std::uint64_t c0 = elements_per_block(type);
    const std::uint64_t fractals_a = chip_.l0a.value() / fractal_bytes;
    const std::uint64_t fractals_b = chip_.l0b.value() / fractal_bytes;
    Mmad mmad{.c = L0cAddress{output.c},
              .m = static_cast<std::uint16_t>(output.m),
              .n = static_cast<std::uint16_t>(output.n),
              .dtype = type};
    draw_modes(mmad, fractals_a / output.rows());
    const std::uint64_t row_a = fractals_a / output.rows();  // fractals, at most
    const std::uint64_t depth_a =
        plain_row(mmad) ? chip_.l0a.value() / 32 : mmad.k_align ? row_a / 2 * 2 : row_a;
    const std::uint64_t depth = std::min(depth_a, fractals_b / output.columns()) * c0;
    mmad.k = static_cast<std::uint16_t>(std::min(whole(in(profile_.k, depth), c0), longest));
    draw_init(mmad, index);
    const std::uint64_t k1 = ceil_div(mmad.k, c0);
    const std::uint64_t rows_a = plain_row(mmad) ? ceil_div(k1 * 32, fractal_bytes)
                                                 : output.rows() * round_up(k1, mmad.k_align ? 2 : 1);
    mmad.a = L0aAddress{draw_address(parts_.operands_a, type, rows_a * fractal_bytes, fractal_bytes)};
    mmad.b = L0bAddress{draw_address(parts_.operands_b, type, k1 * output.columns() * fractal_bytes,
                                     fractal_bytes)};
    if (percent(shapes_, profile_.empty_percent)) make_empty(mmad);
    return mmad;
  }

  // m = 1 reads A as a plain row of k elements.
  static bool plain_row(const Mmad& mmad) { return mmad.m == 1 && !mmad.no_gemv; }

  // `row_a`: fractals of L0A a row of fractals may have.
  void draw_modes(Mmad& mmad, std::uint64_t row_a) {
    mmad.order = shapes_.chance(1, 3) ? models::Order::n_first : models::Order::m_first;
    if (mmad.m == 1) mmad.no_gemv = percent(modes_, profile_.no_gemv_percent);
    if (mmad.dtype != DataType::f32) return;
    if (percent(modes_, profile_.hf32_percent)) {
      mmad.hf32 = modes_.chance(1, 2) ? models::Hf32::nearest_even : models::Hf32::nearest_zero;
    }
    mmad.k_align = row_a >= 2 && percent(modes_, profile_.k_align_percent);
  }

  void draw_init(Mmad& mmad, std::uint64_t index) {
    const bool restart = index == 0 || shapes_.chance(1, 10);
    const auto init = static_cast<Init>(shapes_.weighted(profile_.inits));
    const std::uint64_t bytes = round_up(mmad.n * 4ull, 64);
    mmad.init = restart ? init : Init::accumulate;
    if (mmad.init == Init::bias && bytes > chip_.bt.value()) mmad.init = Init::zero;
    if (mmad.init == Init::bias) {
      mmad.bias = BtAddress{draw_address(parts_.bias, accumulator(mmad.dtype), bytes, 64)};
    }
  }

  void make_empty(Mmad& mmad) {
    const auto which = shapes_.below(3);
    (which == 0 ? mmad.m : which == 1 ? mmad.n : mmad.k) = 0;
  }

  std::uint64_t draw_address(const Parts& parts, DataType type, std::uint64_t bytes,
                             std::uint64_t align) {
    const auto window = parts.window(type, bytes);
    return (window.first / align + places_.below((window.last - window.first) / align + 1)) * align;
  }

  // Orders the mmad behind whoever touched its output, and appends it.
  void place(const Mmad& mmad, const Output& output) {
    const bool empty = mmad.m == 0 || mmad.n == 0 || mmad.k == 0;
    if (!empty) {
      for (auto f = output.first(); f < output.last(); ++f) order_write(mmad, touched_[f]);
    }
    builder_.add(mmad);
    ++out_.mmads;
    out_.slots += cube_slots(mmad, chip_.cube) + chip_.cube.decode.value();
    if (empty) return;
    for (auto f = output.first(); f < output.last(); ++f) {
      touched_[f] = {.written = builder_.size(), .writer = mmad};
    }
  }

  void order_write(const Mmad& mmad, const Touched& last) {
    const bool unit = mmad.unit_flag != UnitFlag::off && last.unit_read;
    if (unit) return;  // it waits until FIX clears the flag (docs/timing.md, L3)
    order_.require(Ordering::m, Ordering::fix, last.read);
    if (!follows_closely(mmad, last)) order_.require(Ordering::m, Ordering::m, last.written);
  }

  // On the same output in the same order every tile is met again only after all others.
  bool follows_closely(const Mmad& mmad, const Touched& last) const {
    const Mmad& w = last.writer;
    return last.written > 0 && w.c == mmad.c && w.m == mmad.m && w.n == mmad.n &&
           w.order == mmad.order && output_tiles(mmad, chip_.cube) >= unordered_tiles;
  }

  std::optional<std::size_t> flagged_overlapping(const Output& output) const {
    for (std::size_t i = 0; i < flagged_.size(); ++i) {
      if (overlap(flagged_[i], output)) return i;
    }
    return std::nullopt;
  }

  // FIX takes an output whose unit flags are, or will be, up: all of it, in one or two parts.
  void hand_over(std::size_t index = 0) {
    const Output output = flagged_[index];
    flagged_.erase(flagged_.begin() + static_cast<std::ptrdiff_t>(index));
    if (!has_flags(output)) return;
    const auto split = output.columns() > 1 && fixes_.chance(1, 4)
                           ? 1 + fixes_.below(output.columns() - 1) : output.columns();
    read_columns(output, 0, split);
    if (split < output.columns()) read_columns(output, split, output.columns());
  }

  // An empty mmad at the end of a group raises nothing.
  bool has_flags(const Output& output) const {
    const Touched& t = touched_[output.first()];
    return t.written > 0 && t.writer.unit_flag == UnitFlag::toggle && t.read < t.written;
  }

  void read_columns(const Output& output, std::uint64_t from, std::uint64_t to) {
    Fixpipe fixpipe = draw_fixpipe(output, from, to, 0, output.m);
    if (fixes_.chance(1, 6)) {  // look, let the flags stand, then take
      fixpipe.unit_flag = UnitFlag::check;
      place(fixpipe, output);
      order_.barrier(Ordering::fix);
      fixpipe.dst = GmAddress{new_output(fixpipe)};
    }
    fixpipe.unit_flag = UnitFlag::toggle;
    place(fixpipe, output);
    for (auto f = from; f < to; ++f) {
      for (std::uint64_t r = 0; r < output.rows(); ++r) {
        touched_[output.first() + f * output.rows() + r].unit_read = true;
      }
    }
  }

  // FIX reads an output, or a piece of it, after a flag.
  void read(const Output& output) {
    std::uint64_t from = 0, to = output.columns(), row = 0, rows = output.m;
    if (fixes_.chance(1, 3)) {
      from = fixes_.below(to);
      to = from + 1 + fixes_.below(to - from);
      row = fixes_.below(output.m);
      if (fixes_.chance(1, 2)) row = row / 16 * 16;
      rows = 1 + fixes_.below(output.m - row);
    }
    const Fixpipe fixpipe = draw_fixpipe(output, from, to, row, rows);
    place(fixpipe, output);
    if (percent(flow_, profile_.announce_percent)) order_.announce(Ordering::fix, Ordering::m);
  }

  void place(const Fixpipe& fixpipe, const Output& output) {
    if (fixpipe.unit_flag == UnitFlag::off) {
      for (auto f = output.first(); f < output.last(); ++f) {
        order_.require(Ordering::fix, Ordering::m, touched_[f].written);
      }
    }
    builder_.add(fixpipe);
    ++out_.fixpipes;
    for (auto f = output.first(); f < output.last(); ++f) {
      touched_[f].read = builder_.size();
      touched_[f].unit_read = false;
    }
  }

  Fixpipe draw_fixpipe(const Output& output, std::uint64_t from, std::uint64_t to, std::uint64_t row,
                       std::uint64_t rows) {
    Fixpipe fixpipe{.src = L0cAddress{output.c + from * output.rows() * output_fractal + row * 64},
                    .m = static_cast<std::uint16_t>(rows),
                    .n = static_cast<std::uint16_t>((to - from) * 16),
                    .src_stride = static_cast<std::uint16_t>(16 * output.rows()),
                    .acc = output.acc};
    fixpipe.relu = fixes_.chance(1, 3);
    fixpipe.quant = draw_quant(output.acc);
    if (fixpipe.quant == models::Quant::DEQF16 || fixpipe.quant == models::Quant::REQ8) {
      fixpipe.scale = draw_scale(fixpipe.quant);
    }
    const bool pairs = fixpipe.quant == models::Quant::REQ8;  // NZ of s8: columns of 32
    fixpipe.nz2nd = (pairs && fixpipe.n % 32 != 0) || fixes_.chance(1, 2);
    if (fixpipe.nz2nd) draw_rows(fixpipe, output, to);
    const std::uint64_t gap = fixes_.chance(1, 2) ? 0 : fixes_.below(40);
    fixpipe.dst_stride = static_cast<std::uint32_t>(smallest_stride(fixpipe) + gap);
    fixpipe.dst = GmAddress{new_output(fixpipe)};
    return fixpipe;
  }

  // nz2nd: columns need not be whole, and equal halves may go out as two matrices.
  void draw_rows(Fixpipe& fixpipe, const Output& output, std::uint64_t to) {
    if (fixpipe.n % 32 == 0 && fixes_.chance(1, 5)) {
      fixpipe.n /= 2;
      fixpipe.nd_num = 2;
      fixpipe.src_nd_stride = static_cast<std::uint16_t>(fixpipe.n / 16 * output.rows());
      fixpipe.dst_nd_stride = static_cast<std::uint32_t>(fixpipe.m * (fixpipe.n + 64));
    } else if (to == output.columns() && output.n % 16 != 0) {
      fixpipe.n = static_cast<std::uint16_t>(fixpipe.n - 16 + output.n % 16);
    }
  }

  models::Quant draw_quant(DataType acc) {
    using models::Quant;
    constexpr Quant of_f32[] = {Quant::none, Quant::F322F16, Quant::F322BF16};
    constexpr Quant of_s32[] = {Quant::none, Quant::DEQF16, Quant::REQ8};
    return acc == DataType::f32 ? fixes_.pick(of_f32) : fixes_.pick(of_s32);
  }

  // An fp32 scale of the 19 bits hardware keeps; REQ8 also has an offset and a sign.
  std::uint64_t draw_scale(models::Quant quant) {
    const std::uint32_t exponent = static_cast<std::uint32_t>(fixes_.between(127 - 28, 127 + 2));
    std::uint64_t word = exponent << 23 | static_cast<std::uint32_t>(fixes_.below(1024)) << 13;
    if (quant == models::Quant::REQ8) {
      word |= fixes_.below(512) << 37;
      word |= 1ull << 46;
    }
    return word;
  }

  static std::uint64_t output_size(const Fixpipe& fixpipe) {
    switch (fixpipe.quant) {
      case models::Quant::none: return 4;
      case models::Quant::REQ8: return 1;
      default: return 2;
    }
  }

  static std::uint64_t smallest_stride(const Fixpipe& fixpipe) {
    if (fixpipe.nz2nd) return fixpipe.n;
    return fixpipe.m * (output_size(fixpipe) == 4 ? 2ull : 1ull);  // rows of 16 words, 16 halves, 32 bytes
  }

  // Every fixpipe writes GM of its own, so nothing there needs ordering.
  std::uint64_t new_output(const Fixpipe& fixpipe) {
    const std::uint64_t size = output_size(fixpipe);
    const std::uint64_t stride = fixpipe.dst_stride * (fixpipe.nz2nd ? size : 32ull);
    const std::uint64_t lines = fixpipe.nz2nd ? fixpipe.m : ceil_div(fixpipe.n, 16);
    const std::uint64_t bytes = lines * stride + fixpipe.nd_num * fixpipe.dst_nd_stride * size;
    const std::uint64_t offset = fixpipe.nz2nd ? fixes_.below(64) * size : fixes_.below(8) * 32;
    const std::uint64_t start = gm_end_ + offset;
    gm_end_ = round_up(start + bytes, 512);
    return start;
  }

  void noise() {
    if (!percent(flow_, profile_.noise_percent)) return;
    switch (flow_.below(5)) {
      case 0: order_.barrier(Ordering::m); break;
      case 1: order_.barrier(Ordering::fix); break;
      case 2: order_.barrier_all(); break;
      default: builder_.add(models::Scalar{.cost = static_cast<std::uint16_t>(1 + flow_.below(60))});
    }
  }

  const CubeProfile& profile_;
  const ChipConfig& chip_;
  models::ProgramBuilder builder_;
  Ordering order_;
  RandomStream shapes_, places_, modes_, flow_, fixes_;
  std::vector<DataType> types_;
  std::vector<Touched> touched_;
  std::vector<Output> flagged_;  // unit flags raised, not yet taken by FIX
  Output previous_{.c = 0, .m = 1, .n = 1};
  CubeParts parts_;
  std::uint64_t gm_end_ = 0;
  CubeProgram out_;
};

}  // namespace

std::uint64_t output_tiles(const Mmad& mmad, const CubeConfig& cube) {
  return ceil_div(mmad.m, cube.m) * ceil_div(mmad.n, cube.n);
}

std::uint64_t cube_slots(const Mmad& mmad, const CubeConfig& cube) {
  if (mmad.m == 0 || mmad.n == 0 || mmad.k == 0) return 0;
  const std::uint64_t depth = cube.k * 16ull / static_cast<std::uint64_t>(element_bits(mmad.dtype));
  const std::uint64_t steps = ceil_div(mmad.k, depth);
  const bool halves = mmad.dtype == DataType::f32 && mmad.hf32 == models::Hf32::off;
  const std::uint64_t cost = halves ? 2 : 1;
  const std::uint64_t last = std::max(cost * output_tiles(mmad, cube),
                                      ceil_div(mmad.m, cube.m) + cube.turnaround.value());
  return (steps - 1) * std::max(last, cube.revisit.value()) + last;
}

CubeProgram random_cube_program(Seed seed, const CubeProfile& profile, const ChipConfig& chip) {
  return Generator{seed, profile, chip}.make();
}

void fill(const CubeProgram& program, models::CoreState& state) {
  std::ranges::copy(program.l0a, state.l0a.bytes().begin());
  std::ranges::copy(program.l0b, state.l0b.bytes().begin());
  std::ranges::copy(program.l0c, state.l0c.bytes().begin());
  std::ranges::copy(program.bt, state.bt.bytes().begin());
}

}  // namespace vitruvian::tb

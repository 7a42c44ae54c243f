// SPDX-License-Identifier: Apache-2.0
#include "tb/pipe/cube_rtl.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "models/program/encoding.h"

namespace vitruvian::tb {
namespace {

using systemc::Stall;

constexpr std::uint64_t block = 32, fractal_rows = 16, word_row = 64, word_fractal = 1024;

// Bytes of a buffer as an SRAM port gives them: what lies beyond its end reads as zero. A tile at the
// lower or right edge reads whole; lanes and rows that do not exist are masked in the block.
void fetch(const models::Buffer& buffer, std::uint64_t from, std::size_t size, std::uint8_t* to) {
  const auto bytes = buffer.bytes();
  const std::size_t inside = from >= bytes.size() ? 0 : std::min<std::size_t>(size, bytes.size() - from);
  if (inside) std::memcpy(to, bytes.data() + from, inside);
  if (inside < size) std::memset(to + inside, 0, size - inside);
}

// Byte of L0C of the tile's row `r`: 16 rows a fractal, the next 16 in the next one.
std::uint64_t row_address(std::uint64_t tile, std::uint64_t r) {
  return tile + r / fractal_rows * word_fractal + r % fractal_rows * word_row;
}

bool has_tiles(const models::Mmad& mmad) { return mmad.m != 0 && mmad.n != 0 && mmad.k != 0; }

models::CoreState& values(const systemc::CubeContext& context) {
  if (!context.state) throw InputError{"the RTL cube computes values: they cannot be switched off"};
  return *context.state;
}

}  // namespace

CubeRtl::CubeRtl(const systemc::CubeContext& context, std::shared_ptr<const CubeLibrary> library,
                 std::optional<CubeWaves> waves)
    : chip_{context.chip}, state_{values(context)}, library_{std::move(library)}, waves_{std::move(waves)} {
  check_fits(*library_, chip_, context.numerics);
  ensure(chip_.cube.k * 2 <= block, "a row of a tile lies in one fractal");
  if (waves_ && !library_->parameters().traced) {
    throw InputError{fmt::format("{}: was built without waveforms", library_->file().string())};
  }
  cube_ = library_->create();
  ensure(cube_ != nullptr, "the block can be made");
  const std::size_t row = chip_.cube.k * 2;
  l0a_.resize(chip_.cube.m * row);
  l0b_.resize(chip_.cube.n * row);
  bt_.resize(chip_.cube.n * 4);
  l0c_.resize(std::size_t{chip_.cube.m} * chip_.cube.n * 4);
}

CubeRtl::~CubeRtl() { library_->destroy(cube_); }

bool CubeRtl::ready(Cycle now) {
  begin_cycle(now);
  return ask_.ready && !empty_;
}

void CubeRtl::start(const models::Mmad& mmad, std::uint32_t instruction, Cycle now) {
  begin_cycle(now);
  const models::InstructionWord word = models::encode(models::Instruction{mmad});
  in_.valid = 1;  // the data were given when the cycle began
  in_.instruction = word.data();
  library_->ask(cube_, &in_, &ask_);
  ensure(ask_.ready, "an mmad starts only when the block is ready");
  in_ = {};
  if (has_tiles(mmad)) {
    started_ = true;
    jobs_.push_back(instruction);
  } else {
    empty_ = instruction;
  }
}

void CubeRtl::begin_cycle(Cycle now) {
  if (begun_ == now) return;
  begun_ = now;
  if (waves_) trace(now);
  library_->ask(cube_, &in_, &ask_);
  in_ = {};
  check_failure();
}

void CubeRtl::trace(Cycle now) {
  const bool inside = now >= waves_->from && now < waves_->to;
  if (!inside) {
    if (tracing_) library_->trace_close(cube_);
    tracing_ = false;
    return;
  }
  library_->trace_cycle(cube_, now.value());  // first: the edge of the cycle before is not of the window
  if (!tracing_) {
    const std::uint64_t picoseconds = 1'000'000'000 / chip_.clock_khz;
    if (!library_->trace_open(cube_, waves_->file.c_str(), picoseconds)) {
      throw InputError{fmt::format("{}: cannot be written", waves_->file.string())};
    }
    tracing_ = true;
  }
}

// Assertions are looked at on the clock edge that ends a cycle, so a failure is the last cycle's.
void CubeRtl::check_failure() const {
  if (const char* text = library_->failure(cube_)) {
    throw RtlFailure{fmt::format("RTL cube, cycle {}: {}", stepped_ ? stepped_->value() : 0, text)};
  }
}

void CubeRtl::step(Cycle now) {
  begin_cycle(now);
  answer(now);
  stepped_ = now;
  in_flight_ += out_.fired;
  if (in_flight_ > 0) in_flight_ -= out_.l0c_write;
  serve_reads();
  if (out_.l0c_write) write(now);
  if (out_.flag_set) {
    environment_->raise_unit_flags(out_.flag_set_first,
                                   static_cast<std::uint32_t>(std::popcount(out_.flag_set_mask)), now);
  }
  retire(now);
}

void CubeRtl::answer(Cycle now) {
  const bool flags_down =
      !ask_.flag_check ||
      !environment_->unit_flag_up(ask_.flag_first, static_cast<std::uint32_t>(std::popcount(ask_.flag_mask)), now);
  const bool granted = !environment_->fix_takes_l0c(now);
  library_->clock(cube_, flags_down, granted, &out_);
  const Stall before = stall_;
  // What the block did counts: one that goes although it may not does not stand still.
  stall_ = out_.fired ? Stall::none
           : !flags_down ? Stall::unit_flag
           : ask_.l0c_request && !granted ? Stall::bank : Stall::none;
  if (stall_ == Stall::unit_flag && before != Stall::unit_flag) held_since_ = now;
}

// Data of this cycle's reads come with the next cycle; a write of this cycle is not seen.
void CubeRtl::serve_reads() {
  const std::size_t row = chip_.cube.k * 2;
  if (out_.l0a_read) {
    for (std::uint32_t r = 0; r < chip_.cube.m; ++r) {
      fetch(state_.l0a, out_.l0a_address[r / fractal_rows] + r % fractal_rows * block, row, &l0a_[r * row]);
    }
    in_.l0a = l0a_.data();
  }
  if (out_.l0b_read) {
    for (std::uint32_t r = 0; r < chip_.cube.n; ++r) {
      fetch(state_.l0b, out_.l0b_address + r * block, row, &l0b_[r * row]);
    }
    in_.l0b = l0b_.data();
  }
  if (out_.bt_read) {
    fetch(state_.bt, out_.bt_address, bt_.size(), bt_.data());
    in_.bt = bt_.data();
  }
  if (out_.l0c_read) {
    const std::size_t size = chip_.cube.n * 4;
    for (std::uint32_t r = 0; r < chip_.cube.m; ++r) {
      fetch(state_.l0c, row_address(out_.l0c_read_address, r), size, &l0c_[r * size]);
    }
    in_.l0c = l0c_.data();
  }
}

void CubeRtl::write(Cycle now) {
  words_.clear();
  const auto l0c = state_.l0c.bytes();
  for (std::uint32_t r = 0; r < chip_.cube.m; ++r) {
    if (!(out_.row_mask >> r & 1)) continue;
    const std::uint64_t start = row_address(out_.l0c_write_address, r);
    for (std::uint32_t c = 0; c < chip_.cube.n; ++c) {
      if (!(out_.column_mask >> c & 1)) continue;
      const std::uint64_t byte = start + c * 4;
      const std::uint32_t bits = out_.l0c_data[r * chip_.cube.n + c];
      words_.push_back({static_cast<std::uint32_t>(byte), bits});
      if (byte + 4 <= l0c.size()) std::memcpy(&l0c[byte], &bits, 4);
    }
  }
  if (observer_) observer_->wrote(now, words_);
}

void CubeRtl::retire(Cycle now) {
  if (out_.done) {
    if (jobs_.empty()) throw RtlFailure{fmt::format("RTL cube, cycle {}: done with no mmad in it", now.value())};
    const std::uint32_t instruction = jobs_.front();
    jobs_.pop_front();
    environment_->retired(instruction, now);
  }
  if (empty_) {
    const std::uint32_t instruction = *empty_;
    empty_.reset();
    environment_->retired(instruction, now);
  }
}

systemc::Stall CubeRtl::stall(Cycle now) {
  return stall_ == Stall::unit_flag || stepped_ == now ? stall_ : Stall::none;
}

bool CubeRtl::reads_l0c(Cycle now) { return stepped_ == now && out_.fired && ask_.l0c_request; }

std::optional<Cycle> CubeRtl::next_event(Cycle now) {
  const bool active = out_.busy || started_ || !jobs_.empty();
  started_ = false;
  if (!active) return std::nullopt;
  // Held by a unit flag with nothing in the pipeline: only a flag that falls changes anything. How long a user's
  // pipeline is is not known; one that has lost a tile is given up.
  constexpr Cycles longest{1000};
  const bool drained = in_flight_ == 0 && jobs_.size() == 1;
  if (stall_ == Stall::unit_flag && (drained || now > held_since_ + longest)) return std::nullopt;
  return now + Cycles{1};
}

systemc::CubeFactory cube_rtl_factory(std::shared_ptr<const CubeLibrary> library,
                                      std::optional<CubeWaves> waves) {
  return [=](const systemc::CubeContext& context) -> std::unique_ptr<systemc::CubeBlock> {
    return std::make_unique<CubeRtl>(context, library, waves);
  };
}

}  // namespace vitruvian::tb

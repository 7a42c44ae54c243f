// SPDX-License-Identifier: Apache-2.0
#include "tb/pipe/mover_rtl.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "models/arch/error.h"
#include "tb/pipe/rtl_failure.h"

namespace vitruvian::tb {
namespace {

using models::Pipe;
using systemc::Port;
using systemc::State;

constexpr std::uint64_t row = 32, gm_beat = 256, scales = 128, fractal = 1024, granule = 512;
constexpr Cycles drained{64};        // what FIX has read has left it, and the ends before it are told
constexpr Cycles patience{100'000};  // in which something under way must move

models::CoreState& values(const systemc::MoverContext& context) {
  if (!context.state) throw InputError{fmt::format("the RTL of {} moves values: they cannot be switched off", name(context.pipe))};
  return *context.state;
}

// M1's count goes on behind the last end, and a few registers.
Cycles rest_of(Pipe pipe, const ChipConfig& chip) {
  constexpr Cycles registers{16};
  switch (pipe) {
    case Pipe::MTE1: return chip.mte1.setup + chip.mte1.load_tail + registers;
    case Pipe::MTE2: return chip.mte2.setup + registers;
    case Pipe::MTE3: return chip.mte3.setup + registers;
    default: return chip.fix.setup + chip.fix.fb_tail + registers;
  }
}

Port l1_read_of(Pipe pipe) {
  return pipe == Pipe::MTE1 ? Port::l1_read_mte1 : pipe == Pipe::MTE3 ? Port::l1_read_mte3 : Port::l1_read_fix;
}
Port gm_write_of(Pipe pipe) { return pipe == Pipe::FIX ? Port::gm_write_fix : Port::gm_write_mte3; }

// Where rows are written, by VitSpace.
struct Target {
  Space space;
  Port mte1, mte2, fix;
  Port of(Pipe pipe) const { return pipe == Pipe::MTE1 ? mte1 : pipe == Pipe::MTE2 ? mte2 : fix; }
};
constexpr Target targets[] = {
    {Space::L1, Port::l1_write_mte2, Port::l1_write_mte2, Port::l1_write_fix},
    {Space::L0A, Port::l0a_write_mte1, Port::l0a_write_mte2, Port::l0a_write_mte1},
    {Space::L0B, Port::l0b_write_mte1, Port::l0b_write_mte2, Port::l0b_write_mte1},
    {Space::BT, Port::bt_write, Port::bt_write, Port::bt_write},
    {Space::FB, Port::fb_write, Port::fb_write, Port::fb_write},
};

// Bytes of a buffer as an SRAM port gives them: what lies beyond its end reads as zero.
void fetch(const models::Buffer& buffer, std::uint64_t from, std::size_t size, std::uint8_t* to) {
  const auto bytes = buffer.bytes();
  const std::size_t inside = from >= bytes.size() ? 0 : std::min<std::size_t>(size, bytes.size() - from);
  if (inside) std::memcpy(to, bytes.data() + from, inside);
  if (inside < size) std::memset(to + inside, 0, size - inside);
}

std::optional<State> stall_of(std::uint8_t stall) {
  constexpr std::optional<State> states[] = {std::nullopt, State::unit_flag, State::bank, State::memory};
  return states[stall & 3];
}

}  // namespace

MoverRtl::MoverRtl(const systemc::MoverContext& context, std::shared_ptr<const MoverLibrary> library)
    : pipe_{context.pipe}, chip_{context.chip}, state_{values(context)}, library_{std::move(library)}, mover_{nullptr},
      beats_{context.observer, context.state}, rest_{rest_of(pipe_, chip_)}, l1_(VIT_MOVER_ROWS * row), l0c_rows_(fractal), fb_(scales) {
  check_fits(*library_, pipe_, chip_);
  ensure(library_->parameters().instruction_words == static_cast<int>(word_.size()), "the block takes the words of the table");
  mover_ = library_->create();
  ensure(mover_ != nullptr, "the block can be made");
  configure();
}

MoverRtl::~MoverRtl() { library_->destroy(mover_); }

// The chip file's numbers that are no parameters of the block: those of its own section, and GM's.
void MoverRtl::configure() {
  const std::string section = pipe_ == Pipe::FIX ? "fix." : fmt::format("{}.", mover_block_of(pipe_));
  for (const ChipKey& key : chip_keys()) {
    if (key.key.starts_with(section)) library_->set(mover_, std::string{key.key.substr(section.size())}.c_str(), static_cast<std::uint32_t>(key.get(chip_)));
  }
  library_->set(mover_, "read_rate", static_cast<std::uint32_t>(chip_.gm.read_rate.value));
  library_->set(mover_, "read_grain", static_cast<std::uint32_t>(chip_.gm.read_grain.value()));
}

systemc::MoverCycle MoverRtl::step(const models::Instruction* head, Cycle now) {
  const bool idle = under_way_ == 0 && now >= active_until_;
  if (idle && head == nullptr) return {};
  if (idle) moved_ = now;
  begin(head, now);
  check_failure(now);
  answers_ = {};
  l0c_.reset();
  handed_over_ = false;
  if (pipe_ != Pipe::MTE1) answer(now);
  library_->end(mover_, &out_);
  finish(head, now);
  return report(head, now);
}

// May be done twice for a cycle: what the second says counts.
void MoverRtl::begin(const models::Instruction* head, Cycle now) {
  if (head != nullptr && head != encoded_) {
    word_ = models::encode(*head);
    encoded_ = head;
  }
  in_.valid = head != nullptr;
  in_.instruction = head != nullptr ? word_.data() : nullptr;
  in_.gm = !data_.empty() && data_.front().at == now ? gm_data(data_.front().address) : nullptr;
  in_.gm_acknowledge = !acknowledgements_.empty() && acknowledgements_.front() == now;
  library_->begin(mover_, &in_);
}

const std::uint8_t* MoverRtl::gm_data(std::uint64_t address) {
  const std::uint64_t left = state_.gm.size().value() - address;
  if (left >= gm_beat) return state_.gm.at(GmAddress{address}, Bytes{gm_beat}).data();
  std::ranges::copy(state_.gm.at(GmAddress{address}, Bytes{left}), edge_.begin());
  return edge_.data();
}

// Every answer is yes until it turns out to be no; each question stands behind the one before.
void MoverRtl::answer(Cycle now) {
  answers_ = {.gm_ready = 1, .flags_up = 1, .l0c_grant = 1};
  VitMoverAsks asks;
  const auto settle = [&] { library_->settle(mover_, &answers_, &asks); };
  settle();
  if (asks.gm_valid && !gm_takes(asks, now)) {
    answers_.gm_ready = 0;
    settle();
  }
  if (asks.flag_check) {
    handed_over_ = true;
    if (!environment_->unit_flags_up(asks.flag_first, static_cast<std::uint32_t>(std::popcount(asks.flag_mask)), now)) {
      answers_.flags_up = 0;
      settle();
    }
  }
  if (!asks.l0c_request) return;
  l0c_ = environment_->ask_l0c(now);
  if (l0c_->granted) return;
  answers_.l0c_grant = 0;
  settle();
}

// What stands at the port for GM: asked of GM in the first cycle it does.
bool MoverRtl::gm_takes(const VitMoverAsks& asks, Cycle now) {
  if (offer_) return offer_->taken == now;
  const std::uint64_t all = state_.gm.size().value();
  const auto check = [&](std::uint64_t address, std::uint64_t size) {
    if (size > all || address > all - size) fail(now, fmt::format("asks for {} bytes of GM at {:#x}", size, address));
  };
  if (pipe_ == Pipe::MTE2) {
    check(asks.gm_address, asks.gm_size);
    offer_ = environment_->read_gm({GmAddress{asks.gm_address}, Bytes{asks.gm_size}}, now);
    return offer_->taken == now;
  }
  VitMoverOut beat;
  library_->report(mover_, &beat);
  pieces_.clear();
  for (std::uint32_t p = 0; p < beat.pieces; ++p) {
    if (beat.piece[p].size == 0) continue;
    check(beat.piece[p].address, beat.piece[p].size);
    pieces_.push_back({GmAddress{beat.piece[p].address}, Bytes{beat.piece[p].size}});
  }
  offer_ = environment_->write_gm(pieces_, beat.gm_last, now);
  return offer_->taken == now;
}

// The cycle's effects, and what the next sees of them.
void MoverRtl::finish(const models::Instruction* head, Cycle now) {
  if (in_.gm != nullptr) data_.pop_front();
  if (in_.gm_acknowledge) acknowledgements_.pop_front();
  in_ = {};
  serve_reads(now);
  if (out_.flag_clear) environment_->clear_unit_flags(out_.flag_first, static_cast<std::uint32_t>(std::popcount(out_.flag_mask)), now);
  if (offer_ && offer_->taken == now) take_gm(now);
  write_rows(now);
  if (head != nullptr || under_way_ > 0) active_until_ = now + rest_;
  if (l0c_ && !l0c_->granted && l0c_->goes_first) ask_for_next(now);
}

// Data of this cycle's reads come with the next cycle; a write of this cycle is not seen.
void MoverRtl::serve_reads(Cycle now) {
  for (std::uint32_t i = 0; i < out_.l1_reads; ++i) {
    if (!(out_.l1_mask >> i & 1)) continue;
    fetch(state_.l1, out_.l1_address[i], row, &l1_[i * row]);
    if (beats_.observed()) beats_.add(out_.l1_address[i], row);
  }
  if (out_.l1_mask != 0) {
    in_.l1 = l1_.data();
    if (beats_.observed()) beats_.read(l1_read_of(pipe_), now);
  }
  if (out_.l0c_read) {
    if (handed_over_) environment_->settle_l0c(out_.l0c_address, now);
    fetch(state_.l0c, out_.l0c_address, fractal, l0c_rows_.data());
    in_.l0c = l0c_rows_.data();
    if (beats_.observed()) beats_.add(out_.l0c_address, fractal), beats_.read(Port::l0c_read_fix, now);
  }
  if (out_.fb_read) {
    fetch(state_.fb, out_.fb_address, scales, fb_.data());
    in_.fb = fb_.data();
    if (beats_.observed()) beats_.add(out_.fb_address, scales), beats_.read(Port::fb_read, now);
  }
}

void MoverRtl::take_gm(Cycle now) {
  const Cycle done = offer_->done;
  offer_.reset();
  if (out_.gm_read) {
    const std::uint64_t first = out_.gm_address / gm_beat, last = (out_.gm_address + out_.gm_size - 1) / gm_beat;
    for (std::uint64_t beat = first; beat <= last; ++beat) data_.push_back({done - Cycles{last - beat}, beat * gm_beat});
    if (beats_.observed()) beats_.add(out_.gm_address, out_.gm_size), beats_.read(Port::gm_read_mte2, now);
    return;
  }
  for (std::uint32_t p = 0; p < out_.pieces; ++p) {
    const VitMoverPiece& piece = out_.piece[p];
    if (piece.size == 0) continue;
    std::memcpy(state_.gm.at(GmAddress{piece.address}, Bytes{piece.size}).data(), piece.data, piece.size);
    if (beats_.observed()) beats_.add(piece.address, piece.size);
  }
  if (out_.gm_last) acknowledgements_.push_back(done);
  if (beats_.observed()) beats_.write(gm_write_of(pipe_), now, Space::GM);
}

// Rows of one memory are a beat.
void MoverRtl::write_rows(Cycle now) {
  std::uint32_t spaces = 0;
  for (std::uint32_t w = 0; w < out_.writes; ++w) {
    const VitMoverRow& written = out_.write[w];
    const std::uint64_t size = state_.buffer(targets[written.space].space).bytes().size();
    if (written.address + row > size) fail(now, fmt::format("writes {} at {:#x}", name(targets[written.space].space), written.address));
    write_row(written);
    if (written.enables != 0) spaces |= 1u << written.space;
  }
  if (!beats_.observed()) return;
  for (std::uint32_t space = 0; spaces >> space != 0; ++space) {
    if (!(spaces >> space & 1)) continue;
    for (std::uint32_t w = 0; w < out_.writes; ++w) {
      if (out_.write[w].space != space) continue;
      for (std::uint64_t enables = out_.write[w].enables; enables != 0;) {
        const int first = std::countr_zero(enables), run = std::countr_one(enables >> first);
        beats_.add(out_.write[w].address + static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(run));
        enables &= ~(((std::uint64_t{1} << run) - 1) << first);
      }
    }
    beats_.write(targets[space].of(pipe_), now, targets[space].space);
  }
}

void MoverRtl::write_row(const VitMoverRow& written) {
  const auto to = state_.buffer(targets[written.space].space).at(written.address, row);
  if (written.enables == 0xffffffff) {
    std::memcpy(to.data(), written.data, row);
    return;
  }
  for (std::uint32_t i = 0; i < row; ++i) {
    if (written.enables >> i & 1) to[i] = written.data[i];
  }
}

systemc::MoverCycle MoverRtl::report(const models::Instruction* head, Cycle now) {
  systemc::MoverCycle cycle;
  cycle.taken = head != nullptr && out_.ready;
  cycle.noop = cycle.taken && out_.noop;
  cycle.held = head != nullptr && !out_.ready && out_.held;
  cycle.done = out_.done;
  cycle.busy = out_.busy;
  cycle.memory = out_.memory;
  cycle.stall = stall_of(out_.stall);
  if (cycle.taken && !cycle.noop) ++under_way_;
  if (cycle.done && under_way_ == 0) fail(now, "ends an instruction with none under way");
  under_way_ -= cycle.done;
  const bool freed = held_ && cycle.stall != State::unit_flag;
  held_ = cycle.stall == State::unit_flag;
  const bool moves = freed || cycle.taken || cycle.done || out_.writes > 0 || out_.l0c_read || offer_ || !data_.empty() || !acknowledgements_.empty();
  if (moves || (head == nullptr && under_way_ == 0)) moved_ = now;
  if (!held_ && now > moved_ + patience) fail(now, fmt::format("has not moved since cycle {}", moved_.value()));
  return cycle;
}

// FIX goes first when it asks again: in the next cycle, or when GM lets it move. The next cycle's beat is known once
// this one is over.
void MoverRtl::ask_for_next(Cycle now) {
  const Cycle next = now + Cycles{1};
  begin(nullptr, next);
  VitMoverAsks asks;
  library_->settle(mover_, &answers_, &asks);
  const bool goes = !asks.gm_valid || gm_takes(asks, next);
  environment_->go_first(goes ? next : offer_->taken);
}

std::optional<Cycle> MoverRtl::next_event(Cycle now) {
  const Cycle next = now + Cycles{1};
  // Held by a unit flag with nothing else in it: only a flag that rises changes anything.
  const bool waits = held_ && now > moved_ + drained;
  if (waits || (under_way_ == 0 && next >= active_until_)) return std::nullopt;
  return next;
}

// Assertions are looked at on the clock edge that ends a cycle, so a failure is the last cycle's.
void MoverRtl::check_failure(Cycle now) const {
  if (const char* text = library_->failure(mover_)) {
    throw RtlFailure{fmt::format("RTL {}, before cycle {}: {}", name(pipe_), now.value(), text)};
  }
}

void MoverRtl::fail(Cycle now, std::string_view what) const {
  throw RtlFailure{fmt::format("RTL {}, cycle {}: it {}", name(pipe_), now.value(), what)};
}

systemc::MoverFactory mover_rtl_factory(std::shared_ptr<const MoverLibrary> library) {
  return [=](const systemc::MoverContext& context) -> std::unique_ptr<systemc::MoverBlock> {
    return std::make_unique<MoverRtl>(context, library);
  };
}

}  // namespace vitruvian::tb

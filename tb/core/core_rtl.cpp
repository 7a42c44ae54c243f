// SPDX-License-Identifier: Apache-2.0
#include "tb/core/core_rtl.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "models/arch/error.h"
#include "models/program/encoding.h"
#include "tb/pipe/cube_rtl.h"

namespace vitruvian::tb {
namespace {

// Nothing the core does by itself lies still for longer: decode, the pipeline of the cube, a set_flag's turn.
constexpr Cycles patience{64};
constexpr std::uint64_t report_every = 1 << 16;  // cycles

}  // namespace

CoreRtl::CoreRtl(const ChipConfig& chip, const models::Program& program, models::CoreState& state, GmOracle& memory,
                 const CoreRtlOptions& options)
    : chip_{chip}, program_{program}, state_{state}, options_{options}, library_{*options_.library}, core_{nullptr},
      gm_{state.gm, memory}, records_{program, options.trace_limit, options.observer} {
  check_fits(library_, chip_, options_.numerics);
  if (options_.waves && !library_.parameters().traced) {
    throw InputError{fmt::format("{}: was built without waveforms", library_.file().string())};
  }
  if (options_.observer) beats_.emplace(*options_.observer);
  core_ = library_.create();
  ensure(core_ != nullptr, "the block can be made");
  configure();
  copy_buffers(true);
}

CoreRtl::~CoreRtl() { library_.destroy(core_); }

// The chip file's numbers that are no parameters of the block. Those it does not know are not the core's.
void CoreRtl::configure() {
  for (const ChipKey& key : chip_keys()) library_.set(core_, std::string{key.key}.c_str(), key.get(chip_));
}

void CoreRtl::copy_buffers(bool to_core) {
  for (const Space space : {Space::L1, Space::L0A, Space::L0B, Space::L0C, Space::BT, Space::FB}) {
    std::uint64_t size = 0;
    std::uint8_t* const core = library_.buffer(core_, std::string{name(space)}.c_str(), &size);
    const auto bytes = state_.buffer(space).bytes();
    ensure(core != nullptr && size >= bytes.size(), "the block has the buffer");
    if (to_core) {
      std::memcpy(core, bytes.data(), bytes.size());
    } else {
      std::memcpy(bytes.data(), core, bytes.size());
    }
  }
}

bool CoreRtl::step() {
  if (records_.all_ended()) return false;
  if (options_.waves) trace();
  const std::uint32_t next = records_.next();
  if (next < program_.instructions.size() && next != encoded_) {
    const models::InstructionWord word = models::encode(program_.instructions[next]);
    word_.assign(word.begin(), word.end());
    encoded_ = next;
  }
  in_.instruction = next < program_.instructions.size() ? word_.data() : nullptr;
  library_.ask(core_, &asked_);
  gm_.before(now_, asked_, in_);
  library_.clock(core_, &in_, &out_);
  if (library_.parameters().asserts) check_failure();
  check_asked();
  records_.cycle(now_, out_);
  gm_.after(in_, out_);
  if (out_.response) responses_.push_back(out_.value);
  if (beats_) {
    beats_->tell_gm(now_, in_, out_);
    library_.beats(core_, [](void* self, std::int32_t port, const VitCoreRow* rows, std::int32_t count) {
      auto& core = *static_cast<CoreRtl*>(self);
      core.beats_->tell(static_cast<systemc::Port>(port), core.now_, rows, count);
    }, this);
  }
  check_moves();
  if (options_.progress && now_.value() % report_every == 0) options_.progress(next, program_.instructions.size());
  now_ = now_ + Cycles{1};
  return true;
}

void CoreRtl::trace() {
  const bool inside = now_ >= options_.waves->from && now_ < options_.waves->to;
  if (!inside) {
    if (tracing_) library_.trace_close(core_);
    tracing_ = false;
    return;
  }
  library_.trace_cycle(core_, now_.value());  // first: the edge of the cycle before is not of the window
  if (tracing_) return;
  const std::uint64_t picoseconds = 1'000'000'000 / chip_.clock_khz;
  if (!library_.trace_open(core_, options_.waves->file.c_str(), picoseconds)) {
    throw InputError{fmt::format("{}: cannot be written", options_.waves->file.string())};
  }
  tracing_ = true;
}

// What the core offers must not depend on what it sees in the same cycle.
void CoreRtl::check_asked() const {
  for (int p = 0; p < 2; ++p) {
    const bool same = asked_.read[p].valid == out_.read[p].valid && asked_.write[p].valid == out_.write[p].valid;
    if (!same) throw RtlFailure{fmt::format("RTL core, cycle {}: a request to GM comes or goes with the answer", now_.value())};
  }
}

// Assertions are looked at on the clock edge that ends a cycle, so a failure is the last cycle's.
void CoreRtl::check_failure() const {
  if (const char* text = library_.failure(core_)) {
    throw RtlFailure{fmt::format("RTL core, cycle {}: {}", now_.value() - 1, text)};
  }
}

void CoreRtl::check_moves() {
  if (records_.moves(now_) || !gm_.quiet()) quiet_since_ = now_;
  if (now_ - quiet_since_ < patience) return;
  throw systemc::DeadlockError{fmt::format("deadlock: nothing can move after cycle {}{}", quiet_since_.value(), records_.standing())};
}

systemc::CoreResult CoreRtl::result() {
  copy_buffers(false);
  systemc::CoreResult result = records_.result();
  result.name = "aic0";
  return result;
}

systemc::CoreResult CoreRtl::run() {
  while (step()) {
  }
  return result();
}

}  // namespace vitruvian::tb

// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/mte3_rtl_bench.h"

#include <algorithm>
#include <cstring>

namespace vitruvian::tests {
namespace {

constexpr std::uint64_t block = 32;

}  // namespace

Mte3RtlBench::Mte3RtlBench(const tb::MoverLibrary& library, const Mte3Settings& settings, const RandomGm& gm, std::vector<std::uint8_t> l1)
    : rate_(library.parameters().gm_rate), settings_{settings}, gm_{gm},
      mover_{library, {{"setup", settings.setup}, {"latency", settings.latency}, {"in_flight", settings.in_flight}}},
      l1_{std::move(l1)}, answer_(rate_) {}

bool Mte3RtlBench::cycle(const models::Instruction* head) {
  const Beat* beat = !beats_.empty() && beats_.front().due == place_ ? &beats_.front() : nullptr;
  if (beat != nullptr && waits_until_ == unknown) waits_until_ = now() + gm_.wait(taken_);
  const bool frozen = beat != nullptr && now() < waits_until_;
  const bool starts = head != nullptr && !frozen && place_ >= next_start_ && jobs_.size() < settings_.in_flight;
  VitMoverIn in{};
  answer_l1(in);
  in.gm_acknowledge = !jobs_.empty() && jobs_.front().end == now();
  // While nothing is offered the answer means nothing.
  const bool ready = beat != nullptr ? !frozen : now() % 3 != 0;
  const VitMoverOut& out = mover_.cycle(head, in, {ready, 0, 0});
  look_at_states(out, head != nullptr, starts, frozen);
  look_at_read(out, frozen);
  look_at_beat(out, beat);
  if (starts) start(std::get<models::CopyL1Gm>(*head));
  if (beat != nullptr && !frozen) take(*beat);
  place_ += !frozen;
  coverage_.frozen += frozen;
  mover_.next();
  while (!jobs_.empty() && jobs_.front().end < now()) {
    last_end_ = jobs_.front().end;
    jobs_.pop_front();
  }
  return starts;
}

// What was not read is not there to be seen.
void Mte3RtlBench::answer_l1(VitMoverIn& in) {
  std::memset(answer_.data(), static_cast<int>(0xa5 ^ now()), rate_);
  for (std::uint64_t i = 0; answer_from_ != unknown && i < rate_ && answer_from_ + i < l1_.size(); ++i) answer_[i] = l1_[answer_from_ + i];
  in.l1 = answer_.data();
}

void Mte3RtlBench::look_at_states(const VitMoverOut& out, bool head, bool starts, bool frozen) {
  std::uint64_t sending = 0;  // instructions whose last beat was not taken before now
  for (const Job& job : jobs_) sending += job.last_taken >= now();
  const bool full = jobs_.size() >= settings_.in_flight, held = head && place_ >= next_start_ && full;
  mover_.expect(!frozen && place_ >= next_start_ && !full, out.ready, "ready");
  mover_.expect(held, out.held, "held");
  mover_.expect(0, out.noop, "noop");
  mover_.expect(!jobs_.empty() && jobs_.front().end == now(), out.done, "done");
  mover_.expect(starts || sending > 0, out.busy, "busy");
  mover_.expect(sending < jobs_.size(), out.memory, "memory");
  mover_.expect(frozen ? 3 : 0, out.stall, "stall");
  coverage_.held += held;
  coverage_.most_in_flight = std::max<std::uint64_t>(coverage_.most_in_flight, jobs_.size());
  coverage_.most_sending = std::max(coverage_.most_sending, sending);
}

// M4: two cycles before the beat is offered, frozen ones not counted.
void Mte3RtlBench::look_at_read(const VitMoverOut& out, bool frozen) {
  const auto beat = std::ranges::find(beats_, place_ + 2, &Beat::due);
  const bool reads = beat != beats_.end() && !frozen;
  mover_.expect(reads, out.l1_mask != 0, "L1 is read");
  answer_from_ = unknown;
  if (!reads) return;
  mover_.expect(rate_ / block, out.l1_reads, "rows of L1 read");
  mover_.expect(beat->l1, out.l1_address[0], "address in L1");
  answer_from_ = out.l1_address[0];
}

void Mte3RtlBench::look_at_beat(const VitMoverOut& out, const Beat* beat) {
  mover_.expect(beat != nullptr, out.gm_write, "a beat is offered");
  if (beat == nullptr) return;
  mover_.expect(1, out.pieces, "pieces of the beat");
  mover_.expect(beat->gm, out.piece[0].address, "address of the beat");
  mover_.expect(beat->size, out.piece[0].size, "size of the beat");
  mover_.expect(beat->last, out.gm_last, "the beat asks for an acknowledgement");
  for (std::uint64_t i = 0; i < beat->size; ++i) mover_.expect(l1_.at(beat->l1 + i), out.piece[0].data[i], "a byte of the beat");
  if (now() != waits_until_) return;
  writes_.push_back({beat->gm, {out.piece[0].data, out.piece[0].data + beat->size}});
}

void Mte3RtlBench::take(const Beat& beat) {
  if (beat.last) {
    job(beat.job).last_taken = now();
    last_ack_ = std::max(now() + gm_.latency(asked_++), last_ack_ + 1);
    job(beat.job).end = last_ack_;
  }
  ++taken_;
  waits_until_ = unknown;
  beats_.pop_front();
}

void Mte3RtlBench::start(const models::CopyL1Gm& copy) {
  jobs_.push_back({started_});
  const std::uint64_t size = copy.block_length * block, first = place_ + settings_.latency;
  std::uint64_t count = 0;
  for (std::uint64_t b = 0; b < copy.block_count; ++b) {
    const std::uint64_t gm = copy.dst.value() + b * (size + copy.dst_gap * block), l1 = copy.src.value() + b * (size + copy.src_gap * block);
    for (std::uint64_t at = 0; at < size;) {
      const std::uint64_t part = std::min(size - at, rate_ - (gm + at) % rate_);
      beats_.push_back({started_, first + count, gm + at, l1 + at, part, b + 1 == copy.block_count && at + part == size});
      coverage_.part_beats += part < rate_;
      at += part;
      ++count;
    }
  }
  coverage_.beats += count;
  next_start_ = place_ + std::max(settings_.setup, count);
  ++started_;
  ++coverage_.starts;
}

}  // namespace vitruvian::tests

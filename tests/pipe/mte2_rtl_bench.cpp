// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/mte2_rtl_bench.h"

#include <algorithm>
#include <cstring>
#include <variant>

namespace vitruvian::tests {
namespace {

using models::CopyGmL1;
using models::CopyGmL1Nd2nz;
using models::FillL1;
using models::Load2dGm;

constexpr std::uint64_t line = 512, beat = 256, block = 32, fractal = 512;

constexpr std::uint64_t ceil_div(std::uint64_t x, std::uint64_t y) { return (x + y - 1) / y; }

bool moves_nothing(const models::Instruction& instruction) {
  const auto* nd = std::get_if<CopyGmL1Nd2nz>(&instruction);
  return nd != nullptr && nd->nd_num == 0;
}

// Where byte `at` of piece number `piece` goes.
struct Place {
  int space;
  std::uint64_t address;
};
struct PlaceOf {
  std::uint64_t piece, at;
  Place operator()(const CopyGmL1& copy) const {
    return {VIT_L1, copy.dst.value() + piece * (std::uint64_t{copy.block_length} + copy.dst_gap) * block + at};
  }
  Place operator()(const Load2dGm& load) const {
    return {load.to == models::L0Buffer::L0A ? VIT_L0A : VIT_L0B, load.dst.value() + piece * (1 + load.dst_gap) * fractal + at};
  }
  Place operator()(const CopyGmL1Nd2nz& nd) const {
    const std::uint64_t size = element_size(nd.dtype), matrix = piece / nd.n_value, row = piece % nd.n_value;
    return {VIT_L1, nd.dst.value() + matrix * nd.dst_nd_stride * size + (at / block * nd.dst_c0_stride + row * nd.dst_n_stride) * block + at % block};
  }
  Place operator()(const auto&) const { return {}; }
};

struct PiecesOf {
  std::vector<GmPiece>& list;
  void operator()(const CopyGmL1& copy) const {
    const std::uint64_t size = copy.block_length * block;
    for (std::uint64_t i = 0; i < copy.block_count; ++i) list.push_back({copy.src.value() + i * (size + copy.src_gap * block), size});
  }
  void operator()(const Load2dGm& load) const {
    for (std::uint64_t i = 0; i < load.repeat; ++i) list.push_back({load.src.value() + i * load.src_stride * fractal, fractal});
  }
  void operator()(const CopyGmL1Nd2nz& nd) const {
    const std::uint64_t size = element_size(nd.dtype);
    for (std::uint64_t i = 0; i < nd.nd_num; ++i) {
      for (std::uint64_t r = 0; r < nd.n_value; ++r) {
        list.push_back({nd.src.value() + (i * nd.src_nd_stride + r * nd.src_d_value) * size, nd.d_value * size});
      }
    }
  }
  void operator()(const auto&) const {}
};

}  // namespace

std::uint64_t gm_word(std::uint64_t address) { return tb::mix(address / 8 + 0x6d); }

std::vector<GmPiece> pieces_read(const models::Instruction& instruction) {
  std::vector<GmPiece> list;
  std::visit(PiecesOf{list}, instruction);
  return list;
}

Mte2RtlBench::Mte2RtlBench(const tb::MoverLibrary& library, const Mte2Settings& settings, const RandomGm& gm)
    : settings_{settings}, gm_{gm}, mover_{library, {{"setup", settings.setup}, {"request", settings.request},
          {"in_flight", settings.in_flight}, {"outstanding", settings.outstanding}, {"read_rate", settings.read_rate}, {"read_grain", settings.read_grain}}} {
  images_[VIT_L1].resize(library.parameters().l1_bytes);
  images_[VIT_L0A].resize(library.parameters().l0a_bytes);
  images_[VIT_L0B].resize(library.parameters().l0b_bytes);
}

bool Mte2RtlBench::may_start(const models::Instruction& instruction) const {
  const bool alone = !std::holds_alternative<FillL1>(instruction) || jobs_.empty();
  return jobs_.size() < settings_.in_flight && alone;
}

bool Mte2RtlBench::cycle(const models::Instruction* head) {
  const bool starts = head != nullptr && now() >= next_start_ && may_start(*head);
  const bool offered = next_burst_ < bursts_.size() && bursts_[next_burst_].offered <= now();
  std::uint64_t beat_data[32];
  const Burst* burst = burst_with_data();
  if (burst != nullptr) {
    const bool first = burst->two_beats() && now() + 1 == burst->done;
    const std::uint64_t from = (first ? burst->address : burst->address + burst->size - 1) / beat * beat;
    for (int i = 0; i < 32; ++i) beat_data[i] = gm_word(from + 8 * i);
  }
  VitMoverIn in{};
  if (burst != nullptr) in.gm = reinterpret_cast<const std::uint8_t*>(beat_data);
  // While nothing is offered the answer means nothing.
  const bool ready = offered ? bursts_[next_burst_].taken == now() : now() % 3 != 0;
  const VitMoverOut& out = mover_.cycle(head, in, {ready, 0, 0});
  look_at_states(out, head, starts);
  look_at_request(out);
  look_at_rows(out);
  if (starts && !moves_nothing(*head)) start(*head);
  if (starts) next_start_ = std::max(next_start_, now() + 1);
  coverage_.noops += starts && moves_nothing(*head);
  mover_.next();
  forget_the_past();
  return starts;
}

void Mte2RtlBench::look_at_states(const VitMoverOut& out, const models::Instruction* head, bool starts) {
  const bool noop = starts && moves_nothing(*head);
  const bool held = head != nullptr && now() >= next_start_ && !may_start(*head);
  if (head != nullptr) mover_.expect(starts, out.ready, "ready");
  mover_.expect(noop, out.noop, "noop");
  mover_.expect(held, out.held, "held");
  mover_.expect(!jobs_.empty() && jobs_.front().end == now(), out.done, "done");
  mover_.expect(starts || (!jobs_.empty() && jobs_.back().last_sent >= now()), out.busy, "busy");
  mover_.expect(!jobs_.empty() && jobs_.front().last_sent < now(), out.memory, "memory");
  mover_.expect(0, out.stall, "stall");
  coverage_.held += held;
  coverage_.most_in_flight = std::max<std::uint64_t>(coverage_.most_in_flight, jobs_.size());
}

void Mte2RtlBench::look_at_request(const VitMoverOut& out) {
  const Burst* burst = next_burst_ < bursts_.size() ? &bursts_[next_burst_] : nullptr;
  const bool offered = burst != nullptr && burst->offered <= now();
  mover_.expect(offered, out.gm_read, "request");
  if (!offered) return;
  mover_.expect(burst->address, out.gm_address, "address of the request");
  mover_.expect(burst->size, out.gm_size, "size of the request");
  coverage_.waiting += burst->taken > now();
  if (burst->taken == now()) ++next_burst_;
}

void Mte2RtlBench::look_at_rows(const VitMoverOut& out) {
  const std::vector<Row> rows = rows_due();
  mover_.expect(rows.size(), out.writes, "rows written");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const VitMoverRow& seen = out.write[i];
    mover_.expect(row.space, seen.space, "memory written");
    mover_.expect(row.address, seen.address, "address of a row");
    mover_.expect(row.enables, seen.enables, "bytes of a row");
    for (unsigned b = 0; b < block; ++b) {
      if (!(row.enables >> b & 1)) continue;
      mover_.expect(row.bytes[b], seen.data[b], "a byte of a row");
      images_[row.space].at(row.address + b) = seen.data[b];
    }
  }
  coverage_.nine_rows += rows.size() == 9;
}

// The burst whose data come now, if any do.
const Mte2RtlBench::Burst* Mte2RtlBench::burst_with_data() const {
  if (bursts_.empty()) return nullptr;
  const Burst& burst = bursts_.front();
  return burst.done - burst.two_beats() <= now() ? &burst : nullptr;
}

std::vector<Mte2RtlBench::Row> Mte2RtlBench::rows_due() const {
  if (const Burst* burst = burst_with_data()) return rows_of_beat(*burst);
  std::vector<Row> rows;
  const auto* fill = jobs_.empty() ? nullptr : std::get_if<FillL1>(&jobs_.front().instruction);
  const std::uint64_t first = jobs_.empty() ? 0 : jobs_.front().start + settings_.request;
  if (fill == nullptr || now() < first) return rows;
  const std::uint64_t in_block = ceil_div(fill->block_length, 8), number = (now() - first) / in_block, part = (now() - first) % in_block;
  for (std::uint64_t r = part * 8; r < std::min<std::uint64_t>(fill->block_length, part * 8 + 8); ++r) {
    Row row{VIT_L1, fill->dst.value() + (number * (std::uint64_t{fill->block_length} + fill->dst_gap) + r) * block, 0xffff'ffff, {}};
    for (unsigned b = 0; b < block; ++b) row.bytes[b] = static_cast<std::uint8_t>(fill->value >> b % 4 * 8);
    rows.push_back(row);
  }
  return rows;
}

// Byte for byte, by the instruction's definition.
std::vector<Mte2RtlBench::Row> Mte2RtlBench::rows_of_beat(const Burst& burst) const {
  std::vector<Row> rows;
  const auto put = [&](std::uint64_t at, std::uint8_t value) {
    const Place place = std::visit(PlaceOf{burst.piece, at}, burst.job->instruction);
    const std::uint64_t address = place.address / block * block;
    if (rows.empty() || rows.back().address != address) rows.push_back({place.space, address, 0, {}});
    rows.back().enables |= 1u << place.address % block;
    rows.back().bytes[place.address % block] = value;
  };
  const bool last = now() == burst.done;
  const std::uint64_t middle = burst.address / beat * beat + beat;  // where the first beat ends
  const std::uint64_t from = last && burst.two_beats() ? middle : burst.address;
  const std::uint64_t to = last ? burst.address + burst.size : middle;
  for (std::uint64_t gm = from; gm < to; ++gm) {
    put(burst.offset + (gm - burst.address), static_cast<std::uint8_t>(gm_word(gm) >> gm % 8 * 8));
  }
  if (!last || !burst.ends_piece) return rows;
  for (std::uint64_t at = burst.offset + burst.size; at % block != 0; ++at) put(at, 0);
  return rows;
}

void Mte2RtlBench::start(const models::Instruction& instruction) {
  Job& job = jobs_.emplace_back(instruction, now(), 0, 0);
  ++coverage_.starts;
  next_start_ = now() + settings_.setup;
  if (const auto* fill = std::get_if<FillL1>(&instruction)) {
    job.end = job.last_sent = now() + settings_.request + fill->repeat * ceil_div(fill->block_length, 8) - 1;
    next_start_ = std::max(next_start_, job.end + 1);
    ++coverage_.fills;
  } else {
    plan_copy(job);
    next_start_ = std::max(next_start_, job.last_sent);
  }
}

void Mte2RtlBench::plan_copy(Job& job) {
  free_ = std::max(free_, (now() + settings_.request) * settings_.read_rate);
  std::uint64_t number = 0;
  for (const GmPiece& piece : pieces_read(job.instruction)) {
    for (std::uint64_t at = 0; at < piece.size; at += line - (piece.address + at) % line) plan_burst(job, piece, number, at);
    ++number;
  }
  job.last_sent = bursts_.back().taken;
  job.end = bursts_.back().done;
}

// G1 and G2 for the burst from byte `at` of a piece on.
void Mte2RtlBench::plan_burst(Job& job, GmPiece piece, std::uint64_t number, std::uint64_t at) {
  Burst burst{&job, piece.address + at, 0, number, at, false, 0, 0, 0};
  burst.size = std::min(piece.size - at, line - burst.address % line);
  burst.ends_piece = at + burst.size == piece.size;
  const std::uint64_t grain = settings_.read_grain, first = burst.address / grain;
  const std::uint64_t grains = (burst.address + burst.size - 1) / grain - first + 1;
  const std::uint64_t passed = free_ + grains * grain;  // b + occupation
  const std::uint64_t due = ceil_div(passed, settings_.read_rate);
  burst.offered = std::max(due, sent_ == 0 ? 0 : last_taken_ + 1);
  if (sent_ >= settings_.outstanding) {
    const std::uint64_t place = done_[sent_ - settings_.outstanding] + 1;
    coverage_.limited += place > burst.offered;
    burst.offered = std::max(burst.offered, place);
  }
  burst.taken = burst.offered + gm_.wait(sent_);
  burst.done = std::max(burst.taken + gm_.latency(sent_), last_done_ + 1 + burst.two_beats());
  coverage_.fractions += free_ % settings_.read_rate != 0;
  free_ = burst.taken == due ? passed : burst.taken * settings_.read_rate;
  last_taken_ = burst.taken;
  last_done_ = burst.done;
  done_.push_back(burst.done);
  ++sent_;
  ++coverage_.bursts;
  coverage_.beats += 1 + burst.two_beats();
  coverage_.second_beats += burst.two_beats();
  coverage_.padded += burst.ends_piece && piece.size % block != 0;
  bursts_.push_back(burst);
}

void Mte2RtlBench::forget_the_past() {
  while (!bursts_.empty() && bursts_.front().done < now()) {
    bursts_.pop_front();
    --next_burst_;
  }
  while (!jobs_.empty() && jobs_.front().end < now()) {
    last_end_ = jobs_.front().end;
    jobs_.pop_front();
  }
}

}  // namespace vitruvian::tests

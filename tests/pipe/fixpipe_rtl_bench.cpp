// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/fixpipe_rtl_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <variant>


namespace vitruvian::tests {
namespace {

using models::UnitFlag;

constexpr std::uint64_t fractal_beats = 9, output_lag = 7, in_flight = 16, output_cycles = 8;
constexpr std::uint32_t granule = 512;

// `size` bytes from `first` on, round and round.
std::vector<std::uint8_t> bytes_at(const std::vector<std::uint8_t>& memory, std::uint64_t first, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = memory[(first + i) % memory.size()];
  return bytes;
}

}  // namespace

FixpipeRtlBench::FixpipeRtlBench(const tb::MoverLibrary& library, const FixpipeSettings& settings, FixpipeMemories& memories)
    : library_{library}, mover_{library.create()}, settings_{settings}, memories_{memories}, garbage_(1024, 0xd7) {
  library_.set(mover_, "setup", settings.setup);
  library_.set(mover_, "latency", settings.latency);
  library_.set(mover_, "fb_tail", settings.fb_tail);
}

FixpipeRtlBench::~FixpipeRtlBench() { library_.destroy(mover_); }

void FixpipeRtlBench::expect(std::uint64_t expected, std::uint64_t seen, const char* what) const {
  if (expected != seen) {
    throw std::runtime_error{fmt::format("cycle {}: {} is {:#x}, should be {:#x}", now_, what, seen, expected)};
  }
}

bool FixpipeRtlBench::cycle(const models::Instruction* instruction, const FixpipeAnswers& answers) {
  models::InstructionWord word{};
  if (instruction != nullptr) word = models::encode(*instruction);
  begin(instruction != nullptr ? &word : nullptr);
  ask(answers);
  VitMoverOut out;
  library_.end(mover_, &out);
  if (const char* failure = library_.failure(mover_)) throw std::runtime_error{failure};

  const bool free = moved_ >= next_start_, full = flying_.size() >= in_flight;
  const bool ready = moves_ && free && !full, taken = instruction != nullptr && ready;
  const bool held = instruction != nullptr && free && full;
  const bool busy = taken || std::ranges::any_of(flying_, &Flight::moving);
  const bool memory = std::ranges::any_of(flying_, [](const Flight& f) { return !f.moving; });
  look_at_read(out);
  look_at_copy(out);
  look_at_output(out, answers);
  expect(ready, out.ready, "ready");
  expect(false, out.noop, "noop");
  expect(busy, out.busy, "busy");
  expect(memory, out.memory, "memory");
  expect(static_cast<std::uint64_t>(stall_), out.stall, "stall");
  expect(held, out.held, "held");
  const bool done = !flying_.empty() && flying_.front().ends && *flying_.front().ends <= now_;
  expect(done, out.done, "done");

  met_.held += held;
  if (done) flying_.pop_front(), last_end_ = now_;
  if (taken) start(*instruction);
  ++now_, flown_ += go_, moved_ += moves_;
  return taken;
}

// What was registered before the cycle.
void FixpipeRtlBench::begin(const models::InstructionWord* word) {
  VitMoverIn in{};
  in.valid = word != nullptr;
  in.instruction = word != nullptr ? word->data() : nullptr;
  const auto data = [&](const std::vector<std::uint8_t>& read) { return (read.empty() ? garbage_ : read).data(); };
  in.l0c = data(l0c_data_), in.fb = data(fb_data_), in.l1 = data(l1_data_);
  for (std::size_t i = 0; i < garbage_.size(); i += 61) garbage_[i] += 29;
  if (!acknowledgements_.empty() && acknowledgements_.front().cycle == now_) {
    in.gm_acknowledge = 1;
    if (acknowledgements_.front().ends) flight(*acknowledgements_.front().ends).ends = now_;
    acknowledgements_.pop_front();
  }
  library_.begin(mover_, &in);
  l0c_data_.clear(), fb_data_.clear(), l1_data_.clear();
}

void FixpipeRtlBench::settle(VitMoverAnswers& answers, VitMoverAsks& asks) const { library_.settle(mover_, &answers, &asks); }

// The beat, then the flags, then the port: each is asked for only if what comes before it goes.
void FixpipeRtlBench::ask(const FixpipeAnswers& answers) {
  const auto at_hand = outputs_.find(flown_);
  const bool beat = at_hand != outputs_.end() && at_hand->second.sends();
  VitMoverAnswers given{};
  VitMoverAsks asks;
  given.gm_ready = answers.gm_ready;
  settle(given, asks);
  expect(beat, asks.gm_valid, "beat offered");
  go_ = !beat || answers.gm_ready;
  due_ = !jobs_.empty() && jobs_.front().due == moved_;
  const bool checks = due_ && go_ && jobs_.front().work.unit_flag != UnitFlag::off;
  expect(checks, asks.flag_check, "unit flag check");
  if (checks) {
    const Job& job = jobs_.front();
    const Fractal fractal = nth_fractal(job.work, job.next);
    expect(l0c_byte(job.work, fractal) / granule, asks.flag_first, "first granule");
    expect(wanted_rows(job.work, fractal) > 8 ? 3 : 1, asks.flag_mask, "granules");
  }
  given.flags_up = answers.flags_up;
  settle(given, asks);
  const bool up = !checks || answers.flags_up;
  expect(due_ && go_ && up, asks.l0c_request, "L0C request");
  given.l0c_grant = answers.grant;
  settle(given, asks);
  reads_ = due_ && go_ && up && answers.grant;
  moves_ = go_ && (!due_ || reads_);
  stall_ = !go_ ? 3 : moves_ ? 0 : up ? 2 : 1;
  met_.memory += stall_ == 3, met_.bank += stall_ == 2, met_.flags += stall_ == 1;
  met_.both += beat && go_ && !moves_;
}

void FixpipeRtlBench::look_at_read(const VitMoverOut& out) {
  expect(reads_, out.l0c_read, "L0C read");
  if (!reads_) {
    expect(false, out.flag_clear, "unit flags cleared");
    expect(false, out.fb_read, "FB read");
    return;
  }
  Job& job = jobs_.front();
  const Fractal fractal = nth_fractal(job.work, job.next);
  const bool vector = models::is_per_column(job.work.quant), clears = job.work.unit_flag == UnitFlag::toggle;
  expect(l0c_byte(job.work, fractal), out.l0c_address, "L0C address");
  expect(vector, out.fb_read, "FB read");
  if (vector) expect(fb_byte(job.work, fractal), out.fb_address, "FB address");
  expect(clears, out.flag_clear, "unit flags cleared");
  if (clears) expect(l0c_byte(job.work, fractal) / granule, out.flag_first, "first granule cleared");
  if (clears) expect(wanted_rows(job.work, fractal) > 8 ? 3 : 1, out.flag_mask, "granules cleared");
  l0c_data_ = bytes_at(memories_.l0c, out.l0c_address, 1024);
  if (vector) fb_data_ = bytes_at(memories_.fb, out.fb_address, 128);

  ++job.next, job.due += fractal_beats;
  const bool last = job.next == job.fractals;
  for (std::uint32_t i = 0; i < output_cycles; ++i) {
    const bool ends = i + 1 == output_cycles;
    outputs_[flown_ + output_lag + i] = {job.instruction, job.work.to == Space::GM, ends, ends && last,
                                         output(job.work, fractal, i, memories_)};
  }
  if (last) jobs_.pop_front();
}

void FixpipeRtlBench::look_at_copy(const VitMoverOut& out) {
  const auto read = moves_ ? l1_reads_.find(moved_) : l1_reads_.end();
  expect(read != l1_reads_.end(), out.l1_reads, "L1 reads");
  if (read != l1_reads_.end()) {
    expect(read->second, out.l1_address[0], "L1 address");
    l1_data_ = bytes_at(memories_.l1, read->second, 32);
    std::ranges::copy(l1_data_, fb_writes_.at(moved_ + 2).data.begin());
    l1_reads_.erase(read);
  }

  const VitMoverRow* row = nullptr;
  for (std::uint32_t i = 0; i < out.writes; ++i) {
    if (out.write[i].space == VIT_FB) row = &out.write[i];
  }
  const auto write = moves_ ? fb_writes_.find(moved_) : fb_writes_.end();
  expect(write != fb_writes_.end(), row != nullptr, "FB write");
  if (row == nullptr) return;
  const FbWrite& wanted = write->second;
  expect(wanted.address, row->address, "FB address");
  expect(0xffffffff, row->enables, "FB enables");
  expect(true, std::equal(wanted.data.begin(), wanted.data.end(), row->data), "FB data");
  std::ranges::copy(wanted.data, memories_.fb.begin() + wanted.address);
  if (wanted.last) finish_moving(wanted.instruction, true);
  fb_writes_.erase(write);
}

void FixpipeRtlBench::look_at_output(const VitMoverOut& out, const FixpipeAnswers& answers) {
  const auto found = outputs_.find(flown_);
  const Output* wanted = found != outputs_.end() ? &found->second : nullptr;
  const bool beat = wanted != nullptr && wanted->sends();
  expect(beat, out.gm_write, "GM write");
  if (beat) look_at_beat(*wanted, out);
  look_at_l1_rows(wanted != nullptr && !wanted->to_gm ? wanted : nullptr, out);
  if (wanted == nullptr || !go_) return;
  take(*wanted, answers);
  outputs_.erase(found);
}

void FixpipeRtlBench::look_at_beat(const Output& wanted, const VitMoverOut& out) const {
  expect(wanted.last_of_fractal, out.gm_last, "last beat of the fractal");
  for (std::size_t p = 0; p < wanted.pieces.size(); ++p) {
    const OutputPiece& piece = wanted.pieces[p];
    expect(piece.bytes.size(), out.piece[p].size, "size of a piece");
    if (piece.bytes.empty()) continue;
    expect(piece.address, out.piece[p].address, "address of a piece");
    for (std::size_t i = 0; i < piece.bytes.size(); ++i) expect(piece.bytes[i], out.piece[p].data[i], "byte of a piece");
  }
}

// Every byte that is written, and no other; no row twice.
void FixpipeRtlBench::look_at_l1_rows(const Output* wanted, const VitMoverOut& out) {
  std::map<std::uint64_t, std::uint8_t> bytes, seen;
  std::map<std::uint32_t, int> rows;
  if (wanted != nullptr) {
    for (const OutputPiece& piece : wanted->pieces) {
      for (std::size_t i = 0; i < piece.bytes.size(); ++i) bytes[piece.address + i] = piece.bytes[i];
    }
  }
  for (std::uint32_t w = 0; w < out.writes; ++w) {
    const VitMoverRow& row = out.write[w];
    if (row.space != VIT_L1) continue;
    expect(1, static_cast<std::uint64_t>(++rows[row.address]), "writes of one L1 row");
    for (std::uint32_t i = 0; i < 32; ++i) {
      if (row.enables >> i & 1) seen[row.address + i] = row.data[i];
    }
  }
  expect(bytes.size(), seen.size(), "bytes written to L1");
  for (const auto& [address, byte] : bytes) {
    expect(true, seen.contains(address), "L1 byte written");
    expect(byte, seen[address], "L1 byte");
  }
}

// The output cycle is over: the bytes arrive.
void FixpipeRtlBench::take(const Output& output, const FixpipeAnswers& answers) {
  std::vector<std::uint8_t>& memory = output.to_gm ? memories_.gm : memories_.l1;
  for (const OutputPiece& piece : output.pieces) {
    for (std::size_t i = 0; i < piece.bytes.size(); ++i) memory.at(piece.address + i) = piece.bytes[i];
  }
  if (output.to_gm && output.last_of_fractal) {
    last_acknowledgement_ = std::max(now_ + answers.gm_latency, last_acknowledgement_ + 1);
    Acknowledgement next{last_acknowledgement_, std::nullopt};
    if (output.last_of_instruction) next.ends = output.instruction;
    acknowledgements_.push_back(next);
  }
  if (output.last_of_instruction) finish_moving(output.instruction, !output.to_gm);
}

void FixpipeRtlBench::start(const models::Instruction& instruction) {
  flying_.push_back({started_, true, std::nullopt});
  if (const auto* to_gm = std::get_if<models::Fixpipe>(&instruction)) start_fixpipe(*to_gm);
  if (const auto* to_l1 = std::get_if<models::FixpipeL1>(&instruction)) start_fixpipe(*to_l1);
  if (const auto* copy = std::get_if<models::CopyL1Fb>(&instruction)) start_copy(*copy);
  ++started_;
}

void FixpipeRtlBench::start_fixpipe(const models::FixpipeView& fixpipe) {
  const std::uint64_t fractals = count_fractals(fixpipe);
  next_start_ = moved_ + std::max<std::uint64_t>(settings_.setup, fractals * fractal_beats);
  jobs_.push_back({started_, fixpipe, fractals, 0, moved_ + settings_.latency});
}

void FixpipeRtlBench::start_copy(const models::CopyL1Fb& copy) {
  const std::uint64_t beats = copy.length * 2u;
  next_start_ = moved_ + beats + settings_.fb_tail;
  for (std::uint64_t i = 0; i < beats; ++i) {
    const std::uint64_t written = moved_ + settings_.latency + i;
    l1_reads_[written - 2] = static_cast<std::uint32_t>(copy.src.value() + 32 * i);
    fb_writes_[written] = {started_, static_cast<std::uint32_t>(copy.dst.value() + 32 * i), i + 1 == beats, {}};
  }
}

FixpipeRtlBench::Flight& FixpipeRtlBench::flight(std::uint32_t instruction) {
  return *std::ranges::find(flying_, instruction, &Flight::instruction);
}

void FixpipeRtlBench::finish_moving(std::uint32_t instruction, bool ends) {
  Flight& at = flight(instruction);
  at.moving = false;
  if (ends) at.ends = now_;
}

}  // namespace vitruvian::tests

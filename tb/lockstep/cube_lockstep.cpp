// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/cube_lockstep.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace {

using systemc::Stall;

// One view may be this many cycles behind the other before the run is given up.
constexpr Cycles patience{20'000};

std::string_view stall_name(Stall stall) {
  constexpr std::string_view names[] = {"runs", "waits for a unit flag", "waits for L0C"};
  return names[static_cast<int>(stall)];
}

}  // namespace

LockstepResult LockstepLog::result() const {
  LockstepResult out;
  out.instructions = instructions;
  out.value_mismatches = value_mismatches;
  out.cycle_mismatches = cycle_mismatches;
  out.first_mismatch = first_value + (first_cycle == first_value ? "" : first_cycle);
  return out;
}

// ---------------------------------------------------------------- environment
bool CubeLockstep::SideEnvironment::unit_flag_up(std::uint32_t first, std::uint32_t count, Cycle now) {
  return outer_.environment_->unit_flag_up(first, count, now);
}

void CubeLockstep::SideEnvironment::raise_unit_flags(std::uint32_t first, std::uint32_t count, Cycle now) {
  for (std::uint32_t g = first; g < first + count; ++g) outer_.raised_[side_].insert(g);
  if (side_ == rtl_side) outer_.environment_->raise_unit_flags(first, count, now);
}

bool CubeLockstep::SideEnvironment::fix_takes_l0c(Cycle now) {
  return outer_.environment_->fix_takes_l0c(now);
}

void CubeLockstep::SideEnvironment::retired(std::uint32_t instruction, Cycle end) {
  outer_.retire(side_, instruction, end);
}

// ---------------------------------------------------------------- the block
CubeLockstep::CubeLockstep(const systemc::CubeContext& context, std::unique_ptr<ObservedCube> rtl,
                           const systemc::CubeFactory& make_twin, const LockstepOptions& options,
                           LockstepLog& log)
    : config_{context.chip.cube},
      state_{*context.state},
      shadow_{context.chip, context.state->gm},
      log_{log},
      rtl_{std::move(rtl)},
      twin_{make_twin({context.chip, context.numerics, &shadow_})},
      sides_{{*this, rtl_side}, {*this, twin_side}},
      judge_{context.numerics, context.chip.cube, options.every_beat} {
  rtl_->observe(*this);
}

// What was started and never judged is counted: a lost instruction is not a clean run.
CubeLockstep::~CubeLockstep() {
  for (const auto& record : records_) {
    ++log_.instructions;
    ++log_.cycle_mismatches;
    record->differs(record->rtl_end ? "the RTL ended it, SystemC did not" : "the RTL never ended it");
    if (log_.first_cycle.empty()) log_.first_cycle = judge_.report(*record, std::nullopt, {});
  }
}

void CubeLockstep::connect(systemc::CubeEnvironment& environment) {
  environment_ = &environment;
  rtl_->connect(sides_[rtl_side]);
  twin_->connect(sides_[twin_side]);
}

bool CubeLockstep::ready(Cycle now) {
  const bool rtl = rtl_->ready(now);
  if (!rtl && !twin_ready_ && late_.empty() && twin_->ready(now)) twin_ready_ = now;
  return rtl;
}

void CubeLockstep::start(const models::Mmad& mmad, std::uint32_t instruction, Cycle now) {
  take_contents();
  records_.push_back(std::make_unique<MmadRecord>(mmad, instruction, now, state_, config_));
  MmadRecord& record = *records_.back();
  if (twin_ready_ && *twin_ready_ < now) {
    record.differs(fmt::format("start: expected cycle {} (SystemC), got {} (RTL)", twin_ready_->value(),
                               now.value()));
  }
  twin_ready_.reset();
  rtl_->start(mmad, instruction, now);
  late_.push_back(&record);
  start_twin(now);
}

// L0C as it is when the first mmad starts; from then on only the cube writes it.
void CubeLockstep::take_contents() {
  if (loaded_) return;
  loaded_ = true;
  std::ranges::copy(state_.l0c.bytes(), shadow_.l0c.bytes().begin());
  judged_l0c_.assign(state_.l0c.bytes().begin(), state_.l0c.bytes().end());
}

void CubeLockstep::copy_operands(const MmadRecord& record) {
  const models::Mmad& mmad = record.operands.mmad();
  const auto put = [](models::Buffer& buffer, std::uint64_t at, const std::vector<std::uint8_t>& bytes) {
    if (!bytes.empty()) std::ranges::copy(bytes, buffer.at(at, bytes.size()).begin());
  };
  put(shadow_.l0a, mmad.a.value(), record.operands.bytes_a());
  put(shadow_.l0b, mmad.b.value(), record.operands.bytes_b());
  put(shadow_.bt, mmad.bias.value(), record.operands.bytes_bias());
}

void CubeLockstep::start_twin(Cycle now) {
  if (late_.empty() || sequencer_.record || !twin_->ready(now)) return;
  MmadRecord& record = *late_.front();
  late_.pop_front();
  if (record.start != now) {
    record.differs(fmt::format("start: SystemC was ready in cycle {}, the RTL started in {}", now.value(),
                               record.start.value()));
  }
  copy_operands(record);
  if (!record.grid.empty()) sequencer_ = {&record, now + config_.decode, 0, 0};
  twin_->start(record.operands.mmad(), record.instruction, now);
}

void CubeLockstep::step(Cycle now) {
  rtl_->step(now);
  start_twin(now);
  twin_->step(now);
  follow_sequencer(now);
  compare_cycle(now);
  compare_flags(now);
  judge_done();
  check_progress(now);
}

void CubeLockstep::follow_sequencer(Cycle now) {
  at_hand_.reset();
  if (!sequencer_.record || now < sequencer_.first_slot) return;
  const Stall stall = twin_->stall(now);
  log_.frozen_by_unit_flag += stall == Stall::unit_flag;
  log_.frozen_by_bank += stall == Stall::bank;
  MmadRecord& record = *sequencer_.record;
  const TileGrid& grid = record.grid;
  const std::uint32_t tile = sequencer_.slot / grid.cost;
  if (tile < grid.per_step()) at_hand_ = grid.at(tile, sequencer_.step);
  if (stall != Stall::none) return;
  if (at_hand_ && sequencer_.slot % grid.cost == 0) {
    record.expected.push_back({now + Cycles{grid.cost - 1} + config_.depth, grid.at(tile, sequencer_.step)});
    ++log_.tiles;
  }
  if (++sequencer_.slot < grid.step_slots(sequencer_.step)) return;
  sequencer_.slot = 0;
  if (++sequencer_.step == grid.kt) sequencer_.record = nullptr;
}

// Where SystemC's sequencer is, for reports.
std::string CubeLockstep::hand_text() const {
  if (!at_hand_) return "SystemC between tiles";
  return fmt::format("SystemC at tile i={} j={} l={}", at_hand_->i, at_hand_->j, at_hand_->l);
}

void CubeLockstep::compare_cycle(Cycle now) {
  const bool reads[] = {rtl_->reads_l0c(now), twin_->reads_l0c(now)};
  const Stall stalls[] = {rtl_->stall(now), twin_->stall(now)};
  log_.reads += reads[twin_side];
  MmadRecord* record = newest();
  if (!record) return;
  if (stalls[rtl_side] != stalls[twin_side]) {
    record->differs(fmt::format("in cycle {} ({}) the sequencer {} in SystemC, {} in the RTL", now.value(),
                                hand_text(), stall_name(stalls[twin_side]), stall_name(stalls[rtl_side])));
  }
  if (reads[rtl_side] != reads[twin_side]) {
    record->differs(fmt::format("in cycle {} ({}) L0C is {}read in SystemC, {}read in the RTL", now.value(), hand_text(),
                                reads[twin_side] ? "" : "not ", reads[rtl_side] ? "" : "not "));
  }
}

void CubeLockstep::compare_flags(Cycle now) {
  log_.flags += raised_[twin_side].size();
  if (raised_[rtl_side] != raised_[twin_side]) {
    std::vector<std::uint32_t> odd;
    std::ranges::set_symmetric_difference(raised_[rtl_side], raised_[twin_side], std::back_inserter(odd));
    const auto raiser = std::ranges::find_if(records_, [&](const auto& r) {
      return r->operands.mmad().unit_flag == models::UnitFlag::toggle && !r->grid.empty();
    });
    MmadRecord* record = raiser == records_.end() ? newest() : raiser->get();
    if (record) {
      record->differs(fmt::format("unit flag of {}: {} raises it in cycle {}, the other does not",
                                  describe_granule(record, odd.front()),
                                  raised_[rtl_side].contains(odd.front()) ? "the RTL" : "SystemC",
                                  now.value()));
    } else {
      ++log_.cycle_mismatches;
    }
  }
  for (auto& granules : raised_) granules.clear();
}

std::string CubeLockstep::describe_granule(const MmadRecord* record, std::uint32_t granule) const {
  const TileGrid& grid = record->grid;
  const std::uint32_t byte = granule * 512;
  if (byte < grid.c || byte >= grid.c + grid.bytes()) return fmt::format("granule {} (L0C {:#x})", granule, byte);
  const std::uint32_t fractal = (byte - grid.c) / 1024;
  const std::uint32_t row = fractal % grid.row_fractals * 16 + byte % 1024 / 64;
  const std::uint32_t column = fractal / grid.row_fractals * 16;
  return fmt::format("granule {} (L0C {:#x}, rows {}.., columns {}..; tile i={} j={} l={})", granule, byte, row,
                     column, row / grid.m0, column / grid.n0, grid.kt - 1);
}

void CubeLockstep::settle(std::uint32_t first, std::uint32_t count, Cycle now) {
  rtl_->settle(first, count, now);
  twin_->settle(first, count, now);
}

std::optional<Cycle> CubeLockstep::next_event(Cycle now) {
  if (const auto next = rtl_->next_event(now)) return next;
  if (records_.empty()) return std::nullopt;
  if (twin_->stall(now) == Stall::unit_flag) return twin_->next_event(now);
  return now + Cycles{1};
}

// ---------------------------------------------------------------- what they did
MmadRecord* CubeLockstep::find(std::uint32_t instruction) {
  for (const auto& record : records_) {
    if (record->instruction == instruction) return record.get();
  }
  return nullptr;
}

// Is this the write the mmad owes next, in time or late?
bool CubeLockstep::owes(const MmadRecord& record, Cycle now, std::span<const L0cWord> words) {
  const std::size_t next = record.beats.size();
  if (words.empty() || next >= record.expected.size() || record.expected[next].cycle > now) return false;
  const Tile tile = record.expected[next].tile;
  return words.front().address == record.grid.address(tile.i * record.grid.m0, tile.j * record.grid.n0);
}

// The oldest mmad that owes just this write: a user's cube may be late by more than mmads stand apart. If none does,
// the one that SystemC's timing has writing in this cycle, else the oldest that still may.
MmadRecord& CubeLockstep::writer(Cycle now, std::span<const L0cWord> words) {
  for (const auto& record : records_) {
    if (owes(*record, now, words)) return *record;
  }
  MmadRecord* oldest = nullptr;
  for (const auto& record : records_) {
    const auto beat = std::ranges::lower_bound(record->expected, now, {}, &ExpectedBeat::cycle);
    if (beat != record->expected.end() && beat->cycle == now) return *record;
    if (!oldest && !record->rtl_end && !record->grid.empty()) oldest = record.get();
  }
  ensure(oldest != nullptr, "the cube writes L0C with no mmad in it");
  return *oldest;
}

void CubeLockstep::wrote(Cycle now, std::span<const L0cWord> words) {
  MmadRecord& record = writer(now, words);
  record.beats.push_back({now, record.words.size(), words.size()});
  record.words.insert(record.words.end(), words.begin(), words.end());
  ++log_.beats;
  // Its last write: with fused24 the next mmad may write before this one ends.
  if (record.beats.size() == record.grid.tiles()) keep_image(record.rtl_image, state_, record.grid);
}

void CubeLockstep::keep_image(std::vector<std::uint8_t>& image, const models::CoreState& state,
                              const TileGrid& grid) {
  if (grid.empty()) return;
  const auto bytes = state.l0c.bytes().subspan(grid.c, grid.bytes());
  image.assign(bytes.begin(), bytes.end());
}

void CubeLockstep::retire(Side side, std::uint32_t instruction, Cycle end) {
  MmadRecord* record = find(instruction);
  ensure(record != nullptr, "an mmad retires that was never started");
  (side == rtl_side ? record->rtl_end : record->twin_end) = end;
  if (side == twin_side) keep_image(record->twin_image, shadow_, record->grid);
  if (side == rtl_side && record->rtl_image.empty()) keep_image(record->rtl_image, state_, record->grid);
  if (side == rtl_side) environment_->retired(instruction, end);
}

// In order, so that each is judged on what the one before left; one without tiles leaves nothing.
void CubeLockstep::judge_done() {
  while (!records_.empty() && records_.front()->done()) {
    judge(*records_.front());
    records_.pop_front();
  }
}

void CubeLockstep::judge(MmadRecord& record) {
  ++log_.instructions;
  judge_.cycles(record);
  std::optional<ValueDifference> value;
  std::span<std::uint8_t> before;
  if (!record.grid.empty()) {
    before = std::span{judged_l0c_}.subspan(record.grid.c, record.grid.bytes());
    value = judge_.values(record, before);
  }
  const bool cycle = !record.cycle_difference.empty();
  log_.value_mismatches += value.has_value();
  log_.cycle_mismatches += cycle;
  const bool first = (value && log_.first_value.empty()) || (cycle && log_.first_cycle.empty());
  if (first) {
    const std::string report = judge_.report(record, value, before);
    if (value && log_.first_value.empty()) log_.first_value = report;
    if (cycle && log_.first_cycle.empty()) log_.first_cycle = report;
  }
  if (record.grid.empty()) return;
  // The RTL's values go on in both views, so that the next mmad is judged on its own.
  std::ranges::copy(record.rtl_image, before.begin());
  if (value) std::ranges::copy(record.rtl_image, shadow_.l0c.at(record.grid.c, record.grid.bytes()).begin());
}

void CubeLockstep::check_progress(Cycle now) {
  if (records_.empty()) return;
  MmadRecord& oldest = *records_.front();
  const std::optional<Cycle> first_end = oldest.rtl_end ? oldest.rtl_end : oldest.twin_end;
  if (!first_end || now < *first_end + patience) return;
  throw LockstepStopped{fmt::format("lockstep: {} cycles after the {} ended instruction {}, the {} still has not",
                                    patience.value(), oldest.rtl_end ? "RTL" : "SystemC twin",
                                    oldest.instruction, oldest.rtl_end ? "SystemC twin" : "RTL")};
}

systemc::CubeFactory lockstep_factory(
    std::function<std::unique_ptr<ObservedCube>(const systemc::CubeContext&)> rtl,
    systemc::CubeFactory twin, LockstepOptions options, LockstepLog& log) {
  return [=, &log](const systemc::CubeContext& context) -> std::unique_ptr<systemc::CubeBlock> {
    ensure(context.state != nullptr, "lockstep compares values: they must be on");
    return std::make_unique<CubeLockstep>(context, rtl(context), twin, options, log);
  };
}

}  // namespace vitruvian::tb

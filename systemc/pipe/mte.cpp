// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/mte.h"

#include <algorithm>

namespace vitruvian::systemc {
namespace {

constexpr std::uint64_t fractal = 512, block = 32, bt_unit = 64;

Mte1Timing load_timing(models::L0Buffer to, std::uint64_t fractals, const Mte1Config& config) {
  const BytesPerCycle rate = to == models::L0Buffer::L0A ? config.l0a_rate : config.l0b_rate;
  return {cycles_to_move(Bytes{fractals * fractal}, rate), config.load_tail};
}

// Fractals in one block of a transposing load.
std::uint64_t fractals_in_block(DataType type) { return element_size(type) == 2 ? 1 : 2; }

}  // namespace

void Mover::move(std::uint32_t instruction, Cycle now, Cycle busy, Cycle end) {
  line_.at_least_busy_until(std::max(busy, after(now)), now);
  line_.memory_until(after(end), now);
  end_known(instruction, end);
  if (context_.state == nullptr) return;
  effects_.push({instruction, end});
  wake(effects_.front().at);
}

void Mover::advance(Cycle now) {
  while (!effects_.empty() && effects_.front().at <= now) {
    models::execute(context_.program[effects_.front().instruction], *context_.state, context_.chip,
                    context_.numerics);
    effects_.pop();
  }
  if (!effects_.empty()) wake(effects_.front().at);
}

Mte1Timing mte1_timing(const models::Instruction& instruction, const Mte1Config& config) {
  if (const auto* load = std::get_if<models::Load2d>(&instruction)) {
    return load_timing(load->to, load->repeat, config);
  }
  if (const auto* load = std::get_if<models::Load2dTranspose>(&instruction)) {
    return load_timing(load->to, load->repeat * fractals_in_block(load->dtype), config);
  }
  const auto& copy = std::get<models::CopyL1Bt>(instruction);
  return {cycles_to_move(Bytes{copy.length * bt_unit}, config.bt_rate), Cycles{0}};
}

void Mte1Pipe::begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) {
  const Mte1Config& config = context_.chip.mte1;
  const auto [beats, tail] = mte1_timing(work, config);
  next_start_ = now + std::max(config.setup, beats) + tail;
  const Cycle moved = now + config.latency + beats;  // one past the last beat
  move(instruction, now, moved, moved - Cycles{1});
}

void read_bursts(const models::Instruction& copy, BurstList& list) {
  list.bursts.clear();
  if (const auto* plain = std::get_if<models::CopyGmL1>(&copy)) {
    const Bytes size{plain->block_length * block};
    const Bytes pitch = size + Bytes{plain->src_gap * block};
    GmAddress at = plain->src;
    for (int i = 0; i < plain->block_count; ++i, at = at + pitch) list.add(at, size);
    return;
  }
  const auto& nd = std::get<models::CopyGmL1Nd2nz>(copy);
  const std::uint64_t element = element_size(nd.dtype);
  const Bytes size{nd.d_value * element}, pitch{nd.src_d_value * element};
  for (int i = 0; i < nd.nd_num; ++i) {
    GmAddress at = nd.src + Bytes{i * nd.src_nd_stride * element};
    for (int row = 0; row < nd.n_value; ++row, at = at + pitch) list.add(at, size);
  }
}

Pipe::Hold Mte2Pipe::hold(const models::Instruction&, Cycle now) {
  while (!in_flight_.empty() && in_flight_.front() < now) in_flight_.pop();
  if (now < next_start_) return {next_start_, State::busy};
  if (in_flight_.size() < context_.chip.mte2.in_flight) return {now, State::busy};
  return {after(in_flight_.front()), State::memory};
}

void Mte2Pipe::begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) {
  read_bursts(work, list_);
  if (list_.bursts.empty()) {  // nd_num = 0
    next_start_ = after(now);
    line_.at_least_busy_until(after(now), now);
    return end_known(instruction, now);
  }
  list_.from = now + context_.chip.mte2.request;
  gm_(tlm::TLM_READ_COMMAND, list_);
  const Cycle end = list_.bursts.back().done;
  next_start_ = std::max(now + context_.chip.mte2.setup, list_.left);
  in_flight_.push(end);
  move(instruction, now, list_.left, end);
}

}  // namespace vitruvian::systemc

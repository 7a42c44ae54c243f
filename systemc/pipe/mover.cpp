// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/mover.h"

namespace vitruvian::systemc {

void Mover::move(std::uint32_t instruction, Cycle now, Cycle busy, Cycle end) {
  line_.at_least_busy_until(std::max(busy, after(now)), now);
  line_.memory_until(after(end), now);
  end_known(instruction, end);
  effect_in(instruction, end);
}

void Mover::effect_in(std::uint32_t instruction, Cycle end) {
  if (context_.state == nullptr && !beats_.observed()) return;
  effects_.push({instruction, end});
  wake(effects_.front().at);
}

void Mover::apply_effects(Cycle now) {
  while (!effects_.empty() && effects_.front().at <= now) {
    const models::Instruction& instruction = context_.program[effects_.front().instruction];
    if (context_.state != nullptr) apply(instruction);
    if (beats_.observed()) tell_written(instruction);
    effects_.pop();
  }
  if (!effects_.empty()) wake(effects_.front().at);
}

void Mover::apply(const models::Instruction& instruction) {
  models::execute(instruction, *context_.state, context_.chip, context_.numerics);
}

}  // namespace vitruvian::systemc

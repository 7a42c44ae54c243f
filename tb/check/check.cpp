// SPDX-License-Identifier: Apache-2.0
#include "tb/check/check.h"

#include <memory>

#include "tb/check/deadlock.h"
#include "tb/check/defined_bytes.h"
#include "tb/check/race_finder.h"

namespace vitruvian::tb {
namespace {

class Checks : public OrderListener {
 public:
  Checks(const models::Program& program, const ChipConfig& chip, const OrderCheck& what)
      : program_{program}, machine_{program, chip, *this} {
    if (what.races) races_.emplace(machine_, chip.cube);
    if (what.uninitialised) defined_.emplace(program, chip, what.initial);
    machine_.run(what.progress);
  }

  void touches(std::uint32_t number, const Touched& what) override {
    const auto footprint = models::footprint(program_.instructions[number]);
    if (races_) {
      for_blocks(footprint, what, [&](const Block& b) { races_->access(number, b); });
      if (what.last) races_->close(number);
    }
    if (!defined_) return;
    if (DefinedBytes::is_move(program_.instructions[number])) {
      return defined_->move(number, footprint);
    }
    for_blocks(footprint, what, [&](const Block& b) { defined_->access(number, b); });
    if (what.last) defined_->close(number);
  }

  void raised_twice(std::uint32_t set, std::optional<std::uint32_t> wait) override {
    if (races_) races_->raised_twice(set, wait);
  }
  void left_up(std::uint32_t set) override {
    if (races_) races_->left_up(set);
  }

  OrderFindings findings() const {
    OrderFindings found;
    if (races_) found.races = races_->findings();
    if (defined_) found.uninitialised = defined_->findings();
    if (!machine_.at_end()) found.deadlock = explain_deadlock(machine_);
    return found;
  }

 private:
  const models::Program& program_;
  OrderMachine machine_;
  std::optional<RaceFinder> races_;
  std::optional<DefinedBytes> defined_;
};

}  // namespace

OrderFindings check_order(const models::Program& program, const ChipConfig& chip,
                          const OrderCheck& what) {
  const auto checks = std::make_unique<Checks>(program, chip, what);
  return checks->findings();
}

}  // namespace vitruvian::tb

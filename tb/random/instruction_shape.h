// SPDX-License-Identifier: Apache-2.0
//
// The fields of a random instruction that are no addresses: what tb/random/core_instruction.h puts
// into its ranges. They need not be legal together; whoever draws asks the rules.
#pragma once

#include <cstdint>
#include <limits>

#include "models/arch/chip_config.h"
#include "models/program/instruction.h"
#include "tb/common/random.h"
#include "tb/random/core_instruction.h"

namespace vitruvian::tb {

// Draws sizes, the smaller the more draws did not fit.
class Sizes {
 public:
  Sizes(RandomStream& stream, int shrink) : random{stream}, shrink_{shrink} {}

  // 1 to `most`, often where off-by-ones live: 1, around 8, 16 and 32.
  template <class T = std::uint16_t>
  T size(std::uint64_t most) {
    return narrow<T>(drawn(most));
  }
  // Zero or a few; now and then more.
  template <class T = std::uint16_t>
  T gap() {
    if (shrink_ > 6 || random.chance(1, 3)) return 0;
    return narrow<T>(random.below(random.chance(1, 12) ? 40 : 5));
  }
  template <class T = std::uint16_t>
  T below(std::uint64_t count) {
    return narrow<T>(random.below(count));
  }
  bool chance(std::uint64_t part, std::uint64_t in) { return random.chance(part, in); }

  RandomStream& random;

 private:
  template <class T>
  static T narrow(std::uint64_t value) {
    return static_cast<T>(std::min<std::uint64_t>(value, std::numeric_limits<T>::max()));
  }
  std::uint64_t drawn(std::uint64_t most);
  int shrink_;
};

void shape(models::Scalar& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::LoadScalar& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::SetFlag& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::WaitFlag& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::PipeBarrier& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::Mmad& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::Load2d& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::Load2dTranspose& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::CopyL1Bt& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::Load3d& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::FillL0& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::CopyGmL1& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::CopyGmL1Nd2nz& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::Load2dGm& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::FillL1& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::CopyL1Gm& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::Fixpipe& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::FixpipeL1& i, const ChipConfig& chip, Sizes& sizes);
void shape(models::CopyL1Fb& i, const ChipConfig& chip, Sizes& sizes);

// What a fixpipe reads and how, given the block it takes.
void shape_of_block(models::Fixpipe& i, Sizes& sizes, const OutputBlock& block);
void shape_of_block(models::FixpipeL1& i, Sizes& sizes, const OutputBlock& block);

}  // namespace vitruvian::tb

// SPDX-License-Identifier: Apache-2.0
#include "tb/report/cube_signals.h"

#include "models/program/instruction.h"

namespace vitruvian::tb {
namespace {

constexpr WaveSignal signals[] = {
    {"clock", "clk_i", Radix::binary},
};

WaveValues named(std::string name, std::span<const models::EnumValue> rows) {
  WaveValues values{.name = std::move(name), .rows = {}};
  for (const models::EnumValue& row : rows) values.rows.emplace_back(row.value, row.name);
  return values;
}

}  // namespace

std::span<const WaveSignal> cube_signals() { return signals; }

std::vector<WaveValues> cube_values() {
  return {named("dtype", models::DataType_values), named("init", models::Init_values),
          named("unit_flag", models::UnitFlag_values), named("order", models::Order_values)};
}

}  // namespace vitruvian::tb

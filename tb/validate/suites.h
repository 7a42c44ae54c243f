// SPDX-License-Identifier: Apache-2.0
//
// Measured rows against the model: what each suite may be off, what was fitted to it, and what it would
// say of a row that had not been there.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tb/validate/rows.h"

namespace vitruvian::tb {

// A parameter that was fitted to a suite: a key of the chip file, or of the profile (profile.*), and the
// values a fit tries.
struct Fitted {
  std::string_view key;
  std::uint64_t from, to, step;
};

// What `scored` rows may be off, in percent, on the mean and at worst.
struct Suite {
  std::string_view name, title;
  std::vector<Fitted> fitted;
  std::vector<std::string_view> keys;  // further ones its rows depend on
  double mean_limit, worst_limit;
  std::string_view note;  // how its parameters came about
};
const std::vector<Suite>& suites();

struct Outcome {
  SiliconRow row;
  double modelled = 0;
  double error_percent() const { return 100.0 * (modelled - row.measured) / row.measured; }
};

// Of a suite's scored rows.
struct Errors {
  int rows = 0;
  double mean = 0, worst = 0;  // percent
};

struct SuiteOutcome {
  std::string name;
  const Suite* suite = nullptr;  // null: none of ours
  std::vector<Outcome> rows;
  Errors errors;
  std::optional<Errors> left_out;  // each row predicted by a fit to the others
  bool holds() const {
    return suite == nullptr || (errors.mean <= suite->mean_limit && errors.worst <= suite->worst_limit);
  }
};

// Models every row; with `leave_one_out` refits each suite without each of its rows. Tells `progress`
// the part done, 0 to 1.
std::vector<SuiteOutcome> validate(const std::vector<SiliconRow>& rows, bool leave_one_out,
                                   const std::function<void(double)>& progress = {});

// What a parameter of a suite is now.
std::uint64_t value_of(std::string_view key);

}  // namespace vitruvian::tb

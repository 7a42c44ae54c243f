// SPDX-License-Identifier: Apache-2.0
//
// A workload in the making: tensors get their places in GM, and their numbers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tb/run/workload.h"
#include "tb/run/workload_check.h"
#include "tb/run/workload_inputs.h"

namespace vitruvian::tb {

class WorkloadPlan {
 public:
  explicit WorkloadPlan(const ChipConfig& chip) : chip_{chip} {}

  // A place of its own, at a multiple of 512 B. Throws InputError if GM is full.
  models::Tensor place(const std::string& name, const TensorType& type);

  // What is written to a tensor before the run. widened(): 16-bit numbers as fp32, which is what
  // the bias table holds.
  void fill_with_random(const models::Tensor& tensor, std::uint64_t seed);
  void fill_with(const models::Tensor& tensor, std::vector<std::uint8_t> bytes);

  void expect(ExpectedOutput expected) { contents_->expected.push_back(std::move(expected)); }
  void add(GemmJob job) { contents_->jobs.push_back(std::move(job)); }
  const std::vector<GemmJob>& jobs() const { return contents_->jobs; }

  // Sets the program, fill, judge and macs of `workload` from what was planned. An operator that
  // reads an earlier one's result (`after`[i]) waits for it.
  void finish(Workload& workload, const std::vector<bool>& after, models::Numerics numerics) const;
  // Fill and expected outputs alone: the program is there already.
  void finish(Workload& workload) const;

 private:
  struct Filling {
    models::Tensor tensor;
    std::uint64_t seed = 0;
    std::vector<std::uint8_t> bytes;  // empty: random
  };
  // Shared by the workload's functions, which may be copied and outlive the plan.
  struct Contents {
    std::vector<Filling> fillings;
    std::vector<GemmJob> jobs;
    std::vector<ExpectedOutput> expected;
  };
  const ChipConfig& chip_;
  std::uint64_t end_ = 0;
  std::shared_ptr<Contents> contents_ = std::make_shared<Contents>();
};

// The same numbers in fp32, exactly.
std::vector<std::uint8_t> widened(const TensorValue& value);

}  // namespace vitruvian::tb

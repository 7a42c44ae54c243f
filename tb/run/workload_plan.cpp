// SPDX-License-Identifier: Apache-2.0
#include "tb/run/workload_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace {

constexpr std::uint64_t alignment = 512;  // a line of L2

std::optional<bool> agreement(const std::vector<ExpectedOutput>& expected, const models::Memory& gm,
                              Judgement& judgement) {
  if (expected.empty()) return std::nullopt;
  std::string worst;
  const bool same = agree(expected, gm, worst);
  if (!same) judgement.worst = worst;
  return same;
}

}  // namespace

models::Tensor WorkloadPlan::place(const std::string& name, const TensorType& type) {
  const std::uint64_t start = round_up(end_, alignment), room = chip_.gm.size.value();
  if (type.bytes() > room || start > room - type.bytes()) {
    throw InputError{
        fmt::format("tensor '{}' of {} B does not fit behind {} B of others: GM has {} B (gm.size)",
                    name, type.bytes(), start, room)};
  }
  end_ = start + type.bytes();
  return {name, GmAddress{start}, type.dtype, type.dims};
}

void WorkloadPlan::fill_with_random(const models::Tensor& tensor, std::uint64_t seed) {
  contents_->fillings.push_back({tensor, seed, {}});
}

void WorkloadPlan::fill_with(const models::Tensor& tensor, std::vector<std::uint8_t> bytes) {
  ensure(bytes.size() == tensor.size().value(), "a tensor's numbers have another size");
  contents_->fillings.push_back({tensor, 0, std::move(bytes)});
}

void WorkloadPlan::finish(Workload& workload) const {
  for (const Filling& f : contents_->fillings) workload.initial.push_back(f.tensor);
  workload.fill = [contents = contents_](models::Memory& gm) {
    for (const Filling& f : contents->fillings) {
      const std::span<std::uint8_t> to = gm.at(f.tensor.address, f.tensor.size());
      if (f.bytes.empty()) {
        fill_random(to, f.tensor.dtype, f.seed, f.tensor.name);
      } else {
        std::ranges::copy(f.bytes, to.begin());
      }
    }
  };
  if (contents_->expected.empty()) return;
  workload.judge = [contents = contents_](const models::Memory& gm) {
    Judgement judgement;
    judgement.reference = "none";
    judgement.expected_output = agreement(contents->expected, gm, judgement);
    return judgement;
  };
}

void WorkloadPlan::finish(Workload& workload, const std::vector<bool>& after,
                          models::Numerics numerics) const {
  finish(workload);
  models::ProgramBuilder builder{workload.name, chip_};
  for (std::size_t i = 0; i < contents_->jobs.size(); ++i) {
    const GemmJob& job = contents_->jobs[i];
    if (after[i]) models::order_after_writes(builder);
    models::add_gemm(builder, job.problem, job.tiles, job.batch, chip_);
    workload.macs += job.problem.m * job.problem.n * job.problem.k * job.batch.size();
  }
  workload.program = builder.take();
  workload.judge = [contents = contents_, chip = chip_, numerics](const models::Memory& gm) {
    Judgement judgement = judge_gemms(contents->jobs, chip, numerics, gm);
    judgement.expected_output = agreement(contents->expected, gm, judgement);
    return judgement;
  };
}

std::vector<std::uint8_t> widened(const TensorValue& value) {
  std::vector<std::uint8_t> out(value.type.elements() * 4);
  const auto size = static_cast<std::size_t>(element_size(value.type.dtype));
  for (std::uint64_t i = 0; i < value.type.elements(); ++i) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value.bytes[i * size], size);
    bits = widen(value.type.dtype, bits);
    std::memcpy(&out[i * 4], &bits, 4);
  }
  return out;
}

}  // namespace vitruvian::tb

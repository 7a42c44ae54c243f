// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/verify.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "models/arch/error.h"
#include "models/arch/suggest.h"
#include "models/program/assembler.h"
#include "tb/common/worker_pool.h"
#include "tb/lockstep/verify_program.h"

namespace vitruvian::tb {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kept_failures = 20;

struct Item {
  std::string_view profile;
  Seed seed;
};

const VerifiableBlock& block_named(const std::string& name) {
  const auto found = std::ranges::find(verifiable(), name, &VerifiableBlock::name);
  if (found != verifiable().end()) return *found;
  const auto known = verifiable_blocks();
  throw InputError{fmt::format("unknown block '{}'{}; known: {}", name, did_you_mean(name, known), fmt::join(known, ", "))};
}

std::vector<std::string_view> profiles_of(const VerifyOptions& options) {
  const std::vector<std::string_view> known = block_named(options.block).profiles();
  if (options.profile.empty()) return known;
  if (const auto found = std::ranges::find(known, options.profile); found != known.end()) return {*found};
  throw InputError{fmt::format("profile '{}' of block {} is not one of {}{}", options.profile, options.block, fmt::join(known, ", "),
                               did_you_mean(options.profile, known))};
}

std::vector<Item> items_of(const VerifyOptions& options) {
  std::vector<Item> items;
  for (const std::string_view profile : profiles_of(options)) {
    const std::uint64_t count = options.seed ? 1 : options.seeds;
    for (std::uint64_t i = 0; i < count; ++i) {
      items.push_back({profile, options.seed ? *options.seed : options.first_seed.child(i)});
    }
  }
  return items;
}

std::string reproduce(const VerifyOptions& options, const Item& item) {
  return fmt::format("vitruvian verify --block {} --profile {} --seed {}{}{}", options.block, item.profile,
                     item.seed.text(), options.chip_options.empty() ? "" : " ", options.chip_options);
}

nlohmann::json json_of(const VerifyResult& result) {
  nlohmann::json json{{"seconds", result.seconds}, {"failed", result.failed}};
  for (const VerifyRow& row : result.rows) json["profiles"].push_back(nlohmann::json::parse(to_line({row, ""})));
  for (const VerifyFailure& f : result.failures) {
    json["failures"].push_back({{"profile", f.profile}, {"seed", f.seed.text()}, {"reproduce", f.reproduce}, {"report", f.report}});
  }
  return json;
}

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream file{path};
  file << text;
  if (!file.flush()) throw InputError{fmt::format("{}: cannot be written", path.string())};
}

// verify.json, and for each failure its report and the program it happened in.
void write_results(const VerifyOptions& options, const VerifyResult& result, const ProgramRunner& runner) {
  std::error_code error;
  fs::create_directories(options.out / "failures", error);
  if (error) throw InputError{fmt::format("{}: {}", options.out.string(), error.message())};
  write_file(options.out / "verify.json", json_of(result).dump(2) + "\n");
  for (const VerifyFailure& f : result.failures) {
    const fs::path stem = options.out / "failures" / fmt::format("{}_{}", f.profile, f.seed.text());
    write_file(stem.string() + ".txt", f.reproduce + "\n" + f.report);
    write_file(stem.string() + ".vasm", models::disassemble(models::AssemblyFile{runner.program(f.profile, f.seed), {}}));
  }
}

}  // namespace

std::vector<std::string_view> verifiable_blocks() {
  std::vector<std::string_view> names;
  for (const VerifiableBlock& block : verifiable()) names.push_back(block.name);
  return names;
}

VerifyRow VerifyResult::total() const {
  VerifyRow sum{.profile = "total"};
  for (const VerifyRow& row : rows) sum += row;
  return sum;
}

LockstepResult VerifyResult::lockstep() const {
  const VerifyRow sum = total();
  LockstepResult out;
  out.instructions = sum.instructions;
  out.value_mismatches = sum.value_mismatches;
  out.cycle_mismatches = sum.cycle_mismatches;
  if (!failures.empty()) out.first_mismatch = failures.front().report;
  return out;
}

VerifyResult verify(const VerifyOptions& options) {
  const std::vector<Item> items = items_of(options);
  const auto started = std::chrono::steady_clock::now();
  const std::unique_ptr<ProgramRunner> runner = block_named(options.block).load(options);

  std::map<std::string, VerifyRow> rows;
  std::map<std::uint64_t, VerifyFailure> failures;
  VerifyResult result;
  std::uint64_t done = 0;
  const auto work = [&](std::uint64_t i) {
    ProgramOutcome outcome = runner->run(items[i].profile, items[i].seed);
    outcome.row.profile = items[i].profile;
    outcome.row.programs = 1;
    outcome.row.failures = !outcome.report.empty();
    return to_line(outcome);
  };
  const auto take = [&](const WorkerAnswer& answer) {
    const Item& item = items[answer.item];
    ProgramOutcome outcome;
    if (answer.died.empty()) {
      outcome = from_line(answer.text);
    } else {
      outcome.row.programs = outcome.row.failures = 1;
      outcome.report = fmt::format("the process that ran it: {}\n", answer.died);
    }
    rows[std::string{item.profile}] += outcome.row;
    result.failed += !outcome.report.empty();
    if (!outcome.report.empty()) {
      failures.insert({answer.item, {std::string{item.profile}, item.seed, outcome.report, reproduce(options, item)}});
      if (failures.size() > kept_failures) failures.erase(std::prev(failures.end()));
    }
    if (options.progress) options.progress(++done, items.size());
  };
  run_workers(items.size(), options.jobs, work, take);

  for (const std::string_view profile : profiles_of(options)) {
    const auto row = rows.find(std::string{profile});
    if (row == rows.end()) continue;
    row->second.profile = profile;
    result.rows.push_back(row->second);
  }
  for (auto& [index, failure] : failures) result.failures.push_back(std::move(failure));
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (!options.out.empty()) write_results(options, result, *runner);
  return result;
}

std::string verify_text(const VerifyResult& result) {
  std::string text = fmt::format("{:15}{:>9}{:>13}{:>11}{:>11}{:>11}{:>12}{:>8}{:>8}\n", "profile", "programs", "instructions",
                                 "beats", "unit stall", "L0C stall", "cycles", "values", "cycles");
  std::vector<VerifyRow> rows = result.rows;
  if (rows.size() > 1) rows.push_back(result.total());
  for (const VerifyRow& r : rows) {
    text += fmt::format("{:15}{:>9}{:>13}{:>11}{:>11}{:>11}{:>12}{:>8}{:>8}\n", r.profile, r.programs, r.instructions, r.beats,
                        r.stalled_by_unit_flag, r.stalled_by_bank, r.cycles, r.value_mismatches, r.cycle_mismatches);
  }
  text += fmt::format("The last two columns count what differs. {} of {} programs failed, {:.1f} s.\n", result.failed,
                      result.total().programs, result.seconds);
  if (!result.failures.empty()) {
    const VerifyFailure& first = result.failures.front();
    text += fmt::format("\nFirst failure: {}, seed {}\n{}Repeat it: {}\n", first.profile, first.seed.text(), first.report,
                        first.reproduce);
  }
  return text;
}

}  // namespace vitruvian::tb

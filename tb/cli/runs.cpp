// SPDX-License-Identifier: Apache-2.0
//
// Commands that look at finished runs: compare, report, waves.
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "models/arch/error.h"
#include "tb/cli/commands.h"

namespace vitruvian::tb {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json result_of(const fs::path& folder) {
  const fs::path file = fs::is_directory(folder) ? folder / "result.json" : folder;
  std::ifstream in{file};
  if (!in) throw InputError{fmt::format("{}: no run there (result.json is missing)", folder.string())};
  try {
    return json::parse(in);
  } catch (const json::exception& error) {
    throw InputError{fmt::format("{}: {}", file.string(), error.what())};
  }
}

std::string change(std::int64_t a, std::int64_t b) {
  if (a == b) return "=";
  return a == 0 ? fmt::format("{:+}", b - a) : fmt::format("{:+} ({:+.2f} %)", b - a, 100.0 * static_cast<double>(b - a) / static_cast<double>(a));
}

void compare_line(const std::string& what, std::int64_t a, std::int64_t b) {
  if (a != 0 || b != 0) fmt::print("  {:<22}{:>14}{:>14}  {}\n", what, a, b, change(a, b));
}

std::int64_t at(const json& value, const std::string& key) {
  return value.contains(key) ? value.at(key).get<std::int64_t>() : 0;
}

int compare(const fs::path& left, const fs::path& right) {
  const json a = result_of(left), b = result_of(right);
  try {
    fmt::print("A {}: {} on {}\nB {}: {} on {}\n\n", left.string(), a.at("workload").get<std::string>(), a.at("chip").get<std::string>(),
               right.string(), b.at("workload").get<std::string>(), b.at("chip").get<std::string>());
    fmt::print("  {:<22}{:>14}{:>14}  {}\n", "cycles", "A", "B", "change");
    compare_line("total", at(a, "cycles"), at(b, "cycles"));
    for (const auto& [pipe, states] : a.at("pipes").items()) {
      const json other = b.at("pipes").value(pipe, json::object());
      compare_line(pipe + " busy", at(states, "busy"), at(other, "busy"));
      for (const auto& [cause, cycles] : states.at("stalls").items()) {
        compare_line(pipe + " " + cause, cycles.get<std::int64_t>(), at(other.value("stalls", json::object()), cause));
      }
    }
  } catch (const json::exception& error) {
    throw InputError{fmt::format("a result.json is not of this program's schema: {}", error.what())};
  }
  return exit_right;
}

int report(const fs::path& folder) {
  const json result = result_of(folder);
  try {
    fmt::print("{} on {}: {} cycles, {:.2f} us, utilisation {:.1f} %\n", result.at("workload").get<std::string>(),
               result.at("chip").get<std::string>(), at(result, "cycles"), result.at("time_us").at("total").get<double>(),
               100 * result.at("utilisation").get<double>());
  } catch (const json::exception& error) {
    throw InputError{fmt::format("{}: not of this program's schema: {}", folder.string(), error.what())};
  }
  fmt::print("{}\n", (folder / "report.html").string());
  return exit_right;
}

int waves(const fs::path& folder) {
  const fs::path fst = folder / "waves.fst", view = folder / "waves.gtkw";
  if (!fs::exists(fst)) {
    throw InputError{fmt::format("{}: no waves.fst; run with --rtl cube --waves", folder.string())};
  }
  ::execlp("gtkwave", "gtkwave", fst.c_str(), view.c_str(), static_cast<char*>(nullptr));
  throw InputError{fmt::format("gtkwave cannot be started ({}); install it: apt-get install gtkwave", std::strerror(errno))};
}

}  // namespace

Action make_compare(CLI::App& app) {
  auto left = std::make_shared<std::string>(), right = std::make_shared<std::string>();
  app.add_option("A", *left, "Folder of a run")->required();
  app.add_option("B", *right, "Folder of another")->required();
  return [left, right] { return compare(*left, *right); };
}

Action make_report(CLI::App& app) {
  auto folder = std::make_shared<std::string>();
  app.add_option("RUN_DIR", *folder, "Folder of a run")->required();
  return [folder] { return report(*folder); };
}

Action make_waves(CLI::App& app) {
  auto folder = std::make_shared<std::string>();
  app.add_option("RUN_DIR", *folder, "Folder of a run made with --waves")->required();
  return [folder] { return waves(*folder); };
}

}  // namespace vitruvian::tb

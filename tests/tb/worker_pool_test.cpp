// SPDX-License-Identifier: Apache-2.0
#include "tb/common/worker_pool.h"

#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <string>
#include <unistd.h>

namespace vitruvian::tb {
namespace {

std::map<std::uint64_t, WorkerAnswer> run(std::uint64_t items, unsigned jobs,
                                          const std::function<std::string(std::uint64_t)>& work) {
  std::map<std::uint64_t, WorkerAnswer> answers;
  run_workers(items, jobs, work, [&](const WorkerAnswer& a) { EXPECT_TRUE(answers.insert({a.item, a}).second); });
  return answers;
}

TEST(WorkerPool, AnswersEveryItemOnce) {
  for (const unsigned jobs : {1u, 3u, 8u}) {
    const auto answers = run(20, jobs, [](std::uint64_t i) { return std::to_string(i * i); });
    ASSERT_EQ(answers.size(), 20u);
    for (const auto& [item, answer] : answers) EXPECT_EQ(answer.text, std::to_string(item * item));
  }
  EXPECT_TRUE(run(0, 2, [](std::uint64_t) { return ""; }).empty());
}

TEST(WorkerPool, CarriesLongAnswersWhole) {
  const auto answers = run(3, 2, [](std::uint64_t i) { return std::string(1'000'000, static_cast<char>('a' + i)); });
  EXPECT_EQ(answers.at(2).text, std::string(1'000'000, 'c'));
}

TEST(WorkerPool, AWorkerThatDiesCostsItsOwnItemOnly) {
  const auto answers = run(10, 2, [](std::uint64_t i) {
    if (i == 3) std::raise(SIGKILL);
    if (i == 7) ::_exit(5);
    return std::string{"fine"};
  });
  ASSERT_EQ(answers.size(), 10u);
  EXPECT_EQ(answers.at(3).died, "killed by signal 9 (Killed)");
  EXPECT_EQ(answers.at(7).died, "ended with exit code 5");
  for (const auto& [item, answer] : answers) {
    EXPECT_EQ(answer.text, item == 3 || item == 7 ? "" : "fine");
  }
}

}  // namespace
}  // namespace vitruvian::tb

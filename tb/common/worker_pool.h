// SPDX-License-Identifier: Apache-2.0
//
// Work items spread over forked processes. A worker that dies takes only its own item with it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace vitruvian::tb {

// What a worker made of an item. `died`: why there is no answer, such as "killed by signal 11".
struct WorkerAnswer {
  std::uint64_t item = 0;
  std::string text;
  std::string died;
};

// Runs work(0) .. work(items - 1) in up to `jobs` processes and hands every answer to `take`, in the
// calling process, as it comes. `work` returns one line (no newline in it) and does not throw.
void run_workers(std::uint64_t items, unsigned jobs, const std::function<std::string(std::uint64_t)>& work,
                 const std::function<void(const WorkerAnswer&)>& take);

}  // namespace vitruvian::tb

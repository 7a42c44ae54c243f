// SPDX-License-Identifier: Apache-2.0
//
// An observer that keeps all it is told.
#pragma once

#include <array>
#include <map>
#include <vector>

#include "systemc/observe/observer.h"

namespace vitruvian::tests {

struct RecordedRow {
  std::uint64_t address, size;
  std::vector<std::uint8_t> bytes;
  std::uint64_t end() const { return address + size; }
};
struct RecordedBeat {
  std::uint64_t cycle;
  std::vector<RecordedRow> rows;
};
struct RecordedTimes {
  std::uint64_t issue = ~0ull, start = ~0ull, end = ~0ull;
  friend bool operator==(const RecordedTimes&, const RecordedTimes&) = default;
};

class Recorder final : public systemc::CoreObserver {
 public:
  void issued(std::uint32_t i, models::Pipe pipe, Cycle at) override {
    times[i].issue = at.value();
    pipes[i] = pipe;
  }
  void started(std::uint32_t i, models::Pipe pipe, Cycle at) override {
    times[i].start = at.value();
    wrong_pipe = wrong_pipe || (pipes.contains(i) && pipes[i] != pipe);
  }
  void ended(std::uint32_t i, models::Pipe pipe, Cycle at) override {
    times[i].end = at.value();
    wrong_pipe = wrong_pipe || (pipes.contains(i) && pipes[i] != pipe);
  }
  void state(models::Pipe pipe, systemc::State state, Cycle from, Cycle to) override {
    runs[pipe].push_back({pipe, state, from, to});
  }
  void beat(systemc::Port port, Cycle at, std::span<const systemc::BeatRow> rows) override {
    RecordedBeat beat{at.value(), {}};
    for (const systemc::BeatRow& row : rows) {
      beat.rows.push_back({row.address, row.size, {row.bytes.begin(), row.bytes.end()}});
    }
    beats[static_cast<int>(port)].push_back(std::move(beat));
  }

  const std::vector<RecordedBeat>& of(systemc::Port port) const {
    return beats[static_cast<int>(port)];
  }

  std::map<std::uint32_t, RecordedTimes> times;
  std::map<std::uint32_t, models::Pipe> pipes;
  bool wrong_pipe = false;
  std::map<models::Pipe, std::vector<systemc::Segment>> runs;
  std::array<std::vector<RecordedBeat>, systemc::port_count> beats;
};

}  // namespace vitruvian::tests

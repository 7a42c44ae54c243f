// SPDX-License-Identifier: Apache-2.0
#include "tb/core/core_gm.h"

#include <algorithm>
#include <cstring>

namespace vitruvian::tb {
namespace {

using systemc::GmPort;

constexpr std::uint64_t beat_bytes = 256;
constexpr GmPort read_ports[] = {GmPort::mte2_read, GmPort::s_read}, write_ports[] = {GmPort::fix_write, GmPort::mte3_write};

std::uint64_t first_beat(const VitCoreRead& request) { return request.address / beat_bytes; }
std::uint64_t last_beat(const VitCoreRead& request) { return (request.address + request.size - 1) / beat_bytes; }

}  // namespace

GmVerdict AnsweredGm::read(GmPort port, Cycle offered, const VitCoreRead& request) {
  Count& count = counts_[static_cast<int>(port)];
  const Cycle taken = offered + answers_.wait(port, count.requests);
  const Cycles beats{last_beat(request) - first_beat(request) + 1};
  count.done = std::max(taken + answers_.latency(port, count.requests++), count.done + beats);
  return {taken, count.done};
}

GmVerdict AnsweredGm::write(GmPort port, Cycle offered, const VitCoreWrite& beat) {
  Count& count = counts_[static_cast<int>(port)];
  const Cycle taken = offered + answers_.wait(port, count.requests++);
  if (beat.last) count.done = std::max(taken + answers_.latency(port, count.acknowledged++), count.done + Cycles{1});
  return {taken, count.done};
}

CoreGm::CoreGm(models::Memory& memory, GmOracle& oracle) : memory_{memory}, oracle_{oracle} {}

void CoreGm::before(Cycle now, const VitCoreOut& asked, VitCoreIn& in) {
  for (int p = 0; p < 2; ++p) {
    Read& read = reads_[p];
    if (asked.read[p].valid && !read.verdict) read.verdict = oracle_.read(read_ports[p], now, asked.read[p]);
    in.read_ready[p] = read.verdict && read.verdict->taken == now;
    in.read_data[p] = nullptr;
    if (!read.beats.empty() && read.beats.front().at == now) {
      in.read_data[p] = data(read.beats.front().address);
      read.beats.pop_front();
    }
    Write& write = writes_[p];
    if (asked.write[p].valid && !write.verdict) write.verdict = oracle_.write(write_ports[p], now, asked.write[p]);
    in.write_ready[p] = write.verdict && write.verdict->taken == now;
    in.acknowledge[p] = !write.acknowledgements.empty() && write.acknowledgements.front() == now;
    if (in.acknowledge[p]) write.acknowledgements.pop_front();
  }
}

const std::uint8_t* CoreGm::data(std::uint64_t address) {
  const std::uint64_t left = memory_.size().value() - address;
  if (left >= beat_bytes) return memory_.at(GmAddress{address}, Bytes{beat_bytes}).data();
  std::ranges::copy(memory_.at(GmAddress{address}, Bytes{left}), edge_.begin());
  return edge_.data();
}

void CoreGm::after(const VitCoreIn& in, const VitCoreOut& out) {
  for (int p = 0; p < 2; ++p) {
    if (in.read_ready[p]) {
      Read& read = reads_[p];
      const std::uint64_t last = last_beat(out.read[p]);
      for (std::uint64_t beat = first_beat(out.read[p]); beat <= last; ++beat) {
        read.beats.push_back({read.verdict->done - Cycles{last - beat}, beat * beat_bytes});
      }
      read.verdict.reset();
    }
    if (in.write_ready[p]) {
      Write& write = writes_[p];
      store(out.write[p]);
      if (out.write[p].last) write.acknowledgements.push_back(write.verdict->done);
      write.verdict.reset();
    }
  }
}

void CoreGm::store(const VitCoreWrite& beat) {
  for (int piece = 0; piece < 2; ++piece) {
    if (beat.size[piece] == 0) continue;
    const auto to = memory_.at(GmAddress{beat.address[piece]}, Bytes{beat.size[piece]});
    std::memcpy(to.data(), beat.data[piece], to.size());
  }
}

bool CoreGm::quiet() const {
  return std::ranges::all_of(reads_, [](const Read& r) { return !r.verdict && r.beats.empty(); }) &&
         std::ranges::all_of(writes_, [](const Write& w) { return !w.verdict && w.acknowledgements.empty(); });
}

}  // namespace vitruvian::tb

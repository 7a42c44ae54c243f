// SPDX-License-Identifier: Apache-2.0
#include "tb/core/core_gm.h"

#include <algorithm>
#include <cstring>

namespace vitruvian::tb {
namespace {

constexpr std::uint64_t beat_bytes = 256;

}  // namespace

CoreGm::CoreGm(models::Memory& memory, const systemc::GmAnswers& answers) : memory_{memory}, answers_{answers} {
  using systemc::GmPort;
  reads_[VIT_GM_MTE2].door.port = GmPort::mte2_read;
  reads_[VIT_GM_S].door.port = GmPort::s_read;
  writes_[VIT_GM_FIX].door.port = GmPort::fix_write;
  writes_[VIT_GM_MTE3].door.port = GmPort::mte3_write;
  for (Read& read : reads_) read.door.wait = answers_.wait(read.door.port, 0);
  for (Write& write : writes_) write.door.wait = answers_.wait(write.door.port, 0);
}

void CoreGm::before(Cycle now, VitCoreIn& in) {
  for (int p = 0; p < 2; ++p) {
    Read& read = reads_[p];
    in.read_ready[p] = read.door.ready(now);
    in.read_data[p] = nullptr;
    if (!read.beats.empty() && read.beats.front().at == now) {
      in.read_data[p] = data(read.beats.front().address);
      read.beats.pop_front();
    }
    Write& write = writes_[p];
    in.write_ready[p] = write.door.ready(now);
    in.acknowledge[p] = !write.acknowledgements.empty() && write.acknowledgements.front() == now;
    if (in.acknowledge[p]) write.acknowledgements.pop_front();
  }
}

const std::uint8_t* CoreGm::data(std::uint64_t address) {
  const std::uint64_t left = memory_.size().value() - address;
  if (left >= beat_bytes) return memory_.at(GmAddress{address}, Bytes{beat_bytes}).data();
  const auto bytes = memory_.at(GmAddress{address}, Bytes{left});
  std::ranges::copy(bytes, edge_.begin());
  return edge_.data();
}

void CoreGm::after(Cycle now, const VitCoreIn& in, const VitCoreOut& out) {
  for (int p = 0; p < 2; ++p) {
    if (passes(reads_[p].door, now, out.read[p].valid, in.read_ready[p])) take(reads_[p], now, out.read[p]);
    if (passes(writes_[p].door, now, out.write[p].valid, in.write_ready[p])) take(writes_[p], now, out.write[p]);
  }
}

// Is the request at the door taken? Then the door is ready for the next.
bool CoreGm::passes(Door& door, Cycle now, bool valid, bool ready) const {
  if (!valid) return false;
  if (!ready) {
    if (!door.offered) door.offered = now;
    return false;
  }
  door.offered.reset();
  door.wait = answers_.wait(door.port, ++door.count);
  return true;
}

void CoreGm::take(Read& read, Cycle now, const VitCoreRead& request) {
  const std::uint64_t first = request.address / beat_bytes, last = (request.address + request.size - 1) / beat_bytes;
  const Cycles beats{last - first + 1};
  read.done = std::max(now + answers_.latency(read.door.port, read.door.count - 1), read.done + beats);
  for (std::uint64_t beat = first; beat <= last; ++beat) {
    read.beats.push_back({read.done - Cycles{last - beat}, beat * beat_bytes});
  }
}

void CoreGm::take(Write& write, Cycle now, const VitCoreWrite& beat) {
  for (int piece = 0; piece < 2; ++piece) {
    if (beat.size[piece] == 0) continue;
    const auto to = memory_.at(GmAddress{beat.address[piece]}, Bytes{beat.size[piece]});
    std::memcpy(to.data(), beat.data[piece], to.size());
  }
  if (!beat.last) return;
  const Cycles latency = answers_.latency(write.door.port, write.acknowledged++);
  write.latest = std::max(now + latency, write.latest + Cycles{1});
  write.acknowledgements.push_back(write.latest);
}

bool CoreGm::quiet() const {
  const auto idle = [](const Door& door) { return !door.offered; };
  return std::ranges::all_of(reads_, [&](const Read& r) { return idle(r.door) && r.beats.empty(); }) &&
         std::ranges::all_of(writes_, [&](const Write& w) { return idle(w.door) && w.acknowledgements.empty(); });
}

}  // namespace vitruvian::tb

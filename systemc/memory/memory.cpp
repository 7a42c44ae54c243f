// SPDX-License-Identifier: Apache-2.0
#include "systemc/memory/memory.h"

#include <algorithm>
#include <cstring>

namespace vitruvian::systemc {

void BurstList::add(GmAddress start, Bytes size) {
  std::uint64_t at = start.value();
  const std::uint64_t end = at + size.value();
  while (at < end) {
    const std::uint64_t next = std::min(end, (at / line + 1) * line);
    bursts.push_back({GmAddress{at}, Bytes{next - at}, Cycle{}});
    at = next;
  }
}

Memory::Memory(const sc_core::sc_module_name& name, const ChipConfig& chip,
               models::Memory& contents)
    : sc_module{name}, config_{chip.gm}, clock_{chip.clock_khz}, contents_{contents} {
  socket.register_b_transport(this, &Memory::transport);
}

void Memory::transport(int port, tlm::tlm_generic_payload& access, sc_core::sc_time& delay) {
  if (access.is_read() == access.is_write()) {
    return access.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
  }
  if (ports_.size() <= static_cast<std::size_t>(port)) ports_.resize(port + 1);
  Port& own = ports_[port];
  auto* list = access.get_extension<BurstList>();
  if (list == nullptr) {
    list = &own_;
    own_.from = clock_.cycle_of(sc_core::sc_time_stamp() + delay);
    own_.bursts.clear();
    own_.add(GmAddress{access.get_address()}, Bytes{access.get_data_length()});
  }
  if (list->bursts.empty() || !inside(*list)) {
    return access.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
  if (access.is_read()) {
    pass(*list, {config_.read_rate.value, config_.read_latency, BurstList::sector}, own.read_free);
  } else {
    pass(*list, {config_.write_rate.value, config_.write_latency, 1}, own.write_free);
  }
  move(access);
  delay = clock_.at(list->bursts.back().done) - sc_core::sc_time_stamp();
  access.set_response_status(tlm::TLM_OK_RESPONSE);
}

// G1, G2, G4: bursts follow each other through the port; each is done a latency after it has left.
void Memory::pass(BurstList& list, Direction direction, std::uint64_t& free) const {
  std::uint64_t at = std::max(free, list.from.value() * direction.rate);
  for (Burst& burst : list.bursts) {
    const std::uint64_t first = burst.address.value() / direction.grain;
    const std::uint64_t last = (burst.address + burst.size).value() + direction.grain - 1;
    at += (last / direction.grain - first) * direction.grain;
    list.left = Cycle{ceil_div(at, direction.rate)};
    burst.done = list.left + direction.latency;
  }
  free = at;
}

bool Memory::inside(const BurstList& list) const {
  const std::uint64_t all = contents_.size().value();
  return std::ranges::all_of(list.bursts, [all](const Burst& burst) {
    const std::uint64_t start = burst.address.value(), size = burst.size.value();
    return size <= all && start <= all - size;
  });
}

void Memory::move(tlm::tlm_generic_payload& access) {
  if (access.get_data_ptr() == nullptr) return;
  const auto here = contents_.at(GmAddress{access.get_address()}, Bytes{access.get_data_length()});
  if (access.is_read()) std::memcpy(access.get_data_ptr(), here.data(), here.size());
  if (access.is_write()) std::memcpy(here.data(), access.get_data_ptr(), here.size());
}

}  // namespace vitruvian::systemc

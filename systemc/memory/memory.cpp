// SPDX-License-Identifier: Apache-2.0
#include "systemc/memory/memory.h"

#include <algorithm>
#include <cstring>

namespace vitruvian::systemc {

Memory::Memory(const sc_core::sc_module_name& name, const ChipConfig& chip,
               models::Memory& contents, const GmAnswers* answers)
    : sc_module{name}, config_{chip}, unloaded_{chip.gm}, answers_{answers},
      clock_{chip.clock_khz}, contents_{contents} {
  socket.register_b_transport(this, &Memory::transport);
}

void Memory::transport(int port, tlm::tlm_generic_payload& access, sc_core::sc_time& delay) {
  if (access.is_read() == access.is_write()) {
    return access.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
  }
  while (ports_.size() <= static_cast<std::size_t>(port)) ports_.emplace_back(config_);
  auto* list = access.get_extension<BurstList>();
  if (list == nullptr) {
    cut(access, delay);
    list = &own_;
  }
  if (list->writes() != access.is_write()) {
    return access.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
  }
  // A beat of FIX may have no bytes and still ask for the acknowledgement (G4).
  if ((list->bursts.empty() && !list->writes()) || !inside(*list)) {
    return access.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
  pass(*list, ports_[port]);
  move(access);
  delay = clock_.at(list->done) - sc_core::sc_time_stamp();
  access.set_response_status(tlm::TLM_OK_RESPONSE);
}

void Memory::cut(const tlm::tlm_generic_payload& access, const sc_core::sc_time& delay) {
  own_.clear();
  own_.port = access.is_write() ? GmPort::mte3_write : GmPort::mte2_read;
  own_.from = clock_.cycle_of(sc_core::sc_time_stamp() + delay);
  own_.add(GmAddress{access.get_address()}, Bytes{access.get_data_length()},
           access.is_write() ? Bytes{config_.gm.write_rate.value} : BurstList::line);
}

void Memory::pass(BurstList& list, Ports& ports) const {
  // UnloadedGm is known to the compiler: its answers cost no call.
  if (answers_ == nullptr) return pass(list, ports, unloaded_);
  pass(list, ports, *answers_);
}

template <class Answers>
void Memory::pass(BurstList& list, Ports& ports, const Answers& answers) {
  switch (list.port) {
    case GmPort::mte2_read: return ports.mte2.pass(list, answers);
    case GmPort::s_read: return ports.s.pass(list, answers);
    case GmPort::fix_write: return ports.fix.pass(list, answers);
    case GmPort::mte3_write: return ports.mte3.pass(list, answers);
  }
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

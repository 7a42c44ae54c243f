// SPDX-License-Identifier: Apache-2.0
#include "systemc/core/core_module.h"

#include "models/arch/error.h"

namespace vitruvian::systemc {

void CoreModule::send(BurstList& list) {
  payload_.set_command(list.writes() ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload_.set_address(list.bursts.empty() ? 0 : list.bursts.front().address.value());
  payload_.set_data_length(0);     // the list says what is moved
  payload_.set_data_ptr(nullptr);  // the core moves the bytes itself
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  payload_.set_extension(&list);
  sc_core::sc_time delay = until(list.from);
  gm->b_transport(payload_, delay);
  payload_.clear_extension(&list);
  ensure(payload_.is_response_ok(), "global memory refused a checked access");
}

}  // namespace vitruvian::systemc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

namespace vitruvian::systemc {

// A fresh SystemC kernel for as long as it lives, with a resolution of 1 fs: make it before the
// first module, and let the modules go before it. One at a time.
class Kernel {
 public:
  Kernel() {
    sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = new sc_core::sc_simcontext;
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
  }
  ~Kernel() {
    delete sc_core::sc_curr_simcontext;
    sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = nullptr;
  }
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
};

}  // namespace vitruvian::systemc

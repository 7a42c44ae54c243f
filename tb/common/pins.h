// SPDX-License-Identifier: Apache-2.0
//
// A small Verilated module for a bench: its ports by name, its clock, its assertions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tb/common/pins_block.h"
#include "tb/common/shared_object.h"

namespace vitruvian::tb {

class Pins {
 public:
  // Throws InputError if the file is no such module.
  explicit Pins(const std::filesystem::path& file);
  ~Pins();
  Pins(const Pins&) = delete;
  Pins& operator=(const Pins&) = delete;

  // Bits [lsb, lsb + bits) of a port, up to 57 of them; an unknown name is our bug.
  void set(std::string_view port, std::uint64_t value, unsigned lsb = 0, unsigned bits = 57);
  std::uint64_t get(std::string_view port, unsigned lsb = 0, unsigned bits = 57) const;
  std::span<std::uint8_t> bytes(std::string_view port) const;

  // Lets the logic settle: outputs answer inputs.
  void settle();
  // The clock edge that ends the cycle. Throws std::runtime_error with the text of a failed assertion.
  void clock();
  std::uint64_t cycle() const { return cycle_; }

 private:
  struct Port {
    std::string name;
    std::span<std::uint8_t> bytes;
    unsigned bits;
  };
  const Port& port(std::string_view name) const;

  SharedObject object_;
  VitPins* module_;
  decltype(&vit_pins_destroy) destroy_;
  decltype(&vit_pins_eval) eval_;
  decltype(&vit_pins_failure) failure_;
  std::vector<Port> ports_;
  std::uint64_t cycle_ = 0;
};

}  // namespace vitruvian::tb

// SPDX-License-Identifier: Apache-2.0
#include "tb/common/pins.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "models/arch/error.h"

namespace vitruvian::tb {
Pins::Pins(const std::filesystem::path& file) : object_{file, "module with pins"} {
  decltype(&vit_pins_create) create;
  decltype(&vit_pins_count) count;
  decltype(&vit_pins_pin) pin;
  decltype(&vit_pins_bytes) bytes;
  object_.load("vit_pins_create", create);
  object_.load("vit_pins_count", count);
  object_.load("vit_pins_pin", pin);
  object_.load("vit_pins_bytes", bytes);
  object_.load("vit_pins_destroy", destroy_);
  object_.load("vit_pins_eval", eval_);
  object_.load("vit_pins_failure", failure_);
  module_ = create();
  for (int i = 0; i < count(); ++i) {
    const VitPin p = pin(i);
    // Verilator keeps a port of up to 64 bits in 1, 2, 4 or 8 bytes, a wider one in words of 4.
    const auto bits = static_cast<unsigned>(p.bits);
    const std::size_t size = bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : bits <= 64 ? 8 : (bits + 31) / 32 * 4;
    ports_.push_back({p.name, {bytes(module_, i), size}, bits});
  }
}

Pins::~Pins() { destroy_(module_); }

const Pins::Port& Pins::port(std::string_view name) const {
  const auto found = std::ranges::find(ports_, name, &Port::name);
  ensure(found != ports_.end(), "the module has the port a bench names");
  return *found;
}

void Pins::set(std::string_view name, std::uint64_t value, unsigned lsb, unsigned bits) {
  const Port& p = port(name);
  bits = std::min(bits, p.bits - lsb);
  for (unsigned i = 0; i < bits; ++i) {
    const unsigned at = lsb + i;
    const auto bit = static_cast<std::uint8_t>(1u << at % 8);
    if (value >> i & 1) {
      p.bytes[at / 8] |= bit;
    } else {
      p.bytes[at / 8] &= static_cast<std::uint8_t>(~bit);
    }
  }
}

std::uint64_t Pins::get(std::string_view name, unsigned lsb, unsigned bits) const {
  const Port& p = port(name);
  std::uint64_t value = 0;
  const std::size_t first = lsb / 8;
  std::memcpy(&value, &p.bytes[first], std::min<std::size_t>(8, p.bytes.size() - first));
  return value >> lsb % 8 & ((std::uint64_t{1} << std::min(bits, p.bits - lsb)) - 1);
}

std::span<std::uint8_t> Pins::bytes(std::string_view name) const { return port(name).bytes; }

void Pins::settle() { eval_(module_, 0); }

void Pins::clock() {
  settle();
  eval_(module_, 1);
  if (const char* text = failure_(module_)) throw std::runtime_error{fmt::format("cycle {}: {}", cycle_, text)};
  ++cycle_;
  settle();
}

}  // namespace vitruvian::tb

// SPDX-License-Identifier: Apache-2.0
#include "models/memory/memory.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "models/arch/error.h"

namespace vitruvian::models {

Memory::Memory(Bytes size) : size_{size}, base_{nullptr} {
  // NORESERVE: the host promises no pages, so the range may exceed its memory and swap.
  void* const base = mmap(nullptr, size.value(), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) {
    throw InputError{
        fmt::format("gm.size = {}: the host cannot map a global memory of this size: {}",
                    size.value(), std::strerror(errno))};
  }
  base_ = static_cast<std::uint8_t*>(base);
}

Memory::~Memory() { munmap(base_, size_.value()); }

std::span<std::uint8_t> Memory::at(GmAddress start, Bytes size) {
  ensure(size <= size_ && start.value() <= size_.value() - size.value(),
         "access outside global memory");
  return {base_ + start.value(), size.value()};
}

std::span<const std::uint8_t> Memory::at(GmAddress start, Bytes size) const {
  ensure(size <= size_ && start.value() <= size_.value() - size.value(),
         "access outside global memory");
  return {base_ + start.value(), size.value()};
}

}  // namespace vitruvian::models

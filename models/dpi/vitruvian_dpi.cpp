// SPDX-License-Identifier: Apache-2.0
#include "models/dpi/vitruvian_dpi.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "models/arch/error.h"
#include "models/core/core.h"
#include "models/program/encoding.h"

namespace {

using namespace vitruvian;

struct DpiCore {
  DpiCore(ChipConfig the_chip, models::Numerics rule) : chip{std::move(the_chip)}, numerics{rule} {}
  ChipConfig chip;
  models::Numerics numerics;
  models::Memory gm{chip.gm.size};
  models::CoreState state{chip, gm};
  std::string message;
};

std::string creation_message;

models::Numerics numerics_named(const char* name) {
  const auto* found = std::ranges::find(models::numerics_names, std::string_view{name});
  if (found != std::end(models::numerics_names)) return static_cast<models::Numerics>(found - std::begin(models::numerics_names));
  throw InputError{fmt::format("numerics '{}' is not one of dot24, fused24, tree", name)};
}

// Nothing may be thrown through C: what goes wrong becomes the core's message.
template <class Action>
int guarded(void* core, const Action& action) {
  auto& own = *static_cast<DpiCore*>(core);
  own.message.clear();
  try {
    action(own);
    return 1;
  } catch (const std::exception& error) {
    own.message = error.what();
    return 0;
  }
}

std::span<std::uint8_t> bytes_at(DpiCore& core, int space, std::int64_t address, std::uint64_t size) {
  if (space < 0 || space >= space_count) throw InputError{fmt::format("space {} is not one of 0 to {}", space, space_count - 1)};
  const Space which = static_cast<Space>(space);
  const std::uint64_t room = core.chip.size_of(which).value(), at = static_cast<std::uint64_t>(address);
  if (size > room || at > room - size) throw InputError{fmt::format("{}: byte {:#x} is outside its {} B", name(which), at, room)};
  if (which == Space::GM) return core.gm.at(GmAddress{at}, Bytes{size});
  return core.state.buffer(which).bytes().subspan(at, size);
}

template <class Value>
int write(void* core, int space, std::int64_t address, Value value) {
  return guarded(core, [&](DpiCore& own) { std::memcpy(bytes_at(own, space, address, sizeof value).data(), &value, sizeof value); });
}

template <class Value>
int read(void* core, int space, std::int64_t address, Value* value) {
  return guarded(core, [&](DpiCore& own) { std::memcpy(value, bytes_at(own, space, address, sizeof *value).data(), sizeof *value); });
}

}  // namespace

void* vit_core_create(const char* chip, const char* numerics) {
  creation_message.clear();
  try {
    return new DpiCore{load_chip(chip), numerics_named(numerics)};
  } catch (const std::exception& error) {
    creation_message = error.what();
    return nullptr;
  }
}

void vit_core_destroy(void* core) { delete static_cast<DpiCore*>(core); }

int vit_word_bits(void) { return models::instruction_word_bits; }

int vit_execute(void* core, const std::uint32_t* word) {
  return guarded(core, [&](DpiCore& own) {
    models::InstructionWord bits;
    std::memcpy(bits.data(), word, sizeof bits);
    const models::Instruction instruction = models::decode(bits);
    models::check_instruction(instruction, own.chip);
    models::execute(instruction, own.state, own.chip, own.numerics);
  });
}

int vit_write8(void* core, int space, std::int64_t address, std::uint8_t value) { return write(core, space, address, value); }
int vit_write32(void* core, int space, std::int64_t address, std::uint32_t value) { return write(core, space, address, value); }
int vit_read8(void* core, int space, std::int64_t address, std::uint8_t* value) { return read(core, space, address, value); }
int vit_read32(void* core, int space, std::int64_t address, std::uint32_t* value) { return read(core, space, address, value); }

const char* vit_message(void* core) { return core ? static_cast<DpiCore*>(core)->message.c_str() : creation_message.c_str(); }

// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/assembler_target.h"

#include "models/arch/error.h"
#include "models/program/binary.h"

namespace vitruvian::tests {
namespace {

const ChipConfig chip;

void reads_back(const models::AssemblyFile& file) {
  const std::string text = models::disassemble(file);
  const models::AssemblyFile from_text = models::parse_assembly(text, "again.vasm", chip);
  const models::AssemblyFile from_bytes =
      models::from_binary(models::to_binary(file), "again.vbin", chip);
  ensure(from_text.program.instructions == file.program.instructions, "text changes the program");
  ensure(from_bytes.program.instructions == file.program.instructions,
         "binary changes the program");
  ensure(models::disassemble(from_text) == text && models::disassemble(from_bytes) == text,
         "tensors change on the way");
}

template <class Read>
void attempt(Read read) {
  models::AssemblyFile file;
  try {
    file = read();
  } catch (const InputError&) {
    return;
  }
  reads_back(file);
}

}  // namespace

void try_assembler(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  attempt([&] { return models::parse_assembly(text, "fuzz.vasm", chip); });
  attempt([&] { return models::from_binary({data, size}, "fuzz.vbin", chip); });
}

}  // namespace vitruvian::tests

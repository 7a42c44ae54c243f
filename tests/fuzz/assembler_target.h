// SPDX-License-Identifier: Apache-2.0
//
// What the assembler's fuzzer tries: the bytes as text, and as a binary program.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vitruvian::tests {

// Reads the bytes both ways. What is accepted must print and read back as the same program. Returns
// normally whatever the bytes are: InputError is an answer, anything else ends the process.
void try_assembler(const std::uint8_t* data, std::size_t size);

}  // namespace vitruvian::tests

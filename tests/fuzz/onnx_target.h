// SPDX-License-Identifier: Apache-2.0
//
// What the ONNX reader's fuzzer tries: the bytes as a model, and as a tensor file.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vitruvian::tests {

// Reads the bytes both ways. What is accepted must keep to its own promises. Returns normally
// whatever the bytes are: InputError is an answer, anything else ends the process. True if a model
// was read.
bool try_onnx(const std::uint8_t* data, std::size_t size);

}  // namespace vitruvian::tests

// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer's entry: clang, -DVITRUVIAN_FUZZ=ON. Usage: onnx_fuzz -max_total_time=600 NEW_FOLDER
// tests/fuzz/corpus/onnx
#include "tests/fuzz/onnx_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vitruvian::tests::try_onnx(data, size);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "tests/arch/testfloat.h"

#include <zlib.h>

#include <memory>
#include <sstream>
#include <stdexcept>

namespace vitruvian::tests {

std::vector<TestFloatLine> testfloat(const std::string& name) {
  const std::string path = std::string{VITRUVIAN_TEST_DATA} + "/testfloat/" + name + ".txt.gz";
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file{gzopen(path.c_str(), "rb"), gzclose};
  std::vector<TestFloatLine> lines;
  char text[128];
  while (file && gzgets(file.get(), text, sizeof text) != nullptr) {
    std::istringstream words{text};
    TestFloatLine line;
    for (std::uint32_t word; words >> std::hex >> word;) line.push_back(word);
    lines.push_back(line);
  }
  if (lines.empty()) throw std::runtime_error{"no test vectors in " + path};
  return lines;
}

}  // namespace vitruvian::tests

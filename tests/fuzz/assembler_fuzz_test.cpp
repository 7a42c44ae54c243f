// SPDX-License-Identifier: Apache-2.0
//
// The assembler's fuzz target without libFuzzer: its corpus, and random changes to it.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/fuzz/assembler_target.h"
#include "tests/fuzz/mutate.h"

namespace vitruvian::tests {
namespace {

constexpr tb::Seed seed{0xf022};
constexpr int mutations = 100'000;

std::vector<CorpusFile> corpus() {
  return read_corpus(std::filesystem::path{VITRUVIAN_SOURCE_DIR} / "tests/fuzz/corpus/assembler");
}

std::string hex(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

TEST(AssemblerFuzz, EveryCorpusFileIsReadOrRefused) {
  for (const CorpusFile& file : corpus()) {
    EXPECT_NO_THROW(try_assembler(file.bytes.data(), file.bytes.size())) << file.name;
  }
}

TEST(AssemblerFuzz, RandomChangesAreReadOrRefused) {
  const std::vector<CorpusFile> files = corpus();
  tb::RandomStream random = seed.stream("mutations");
  for (int i = 0; i < mutations; ++i) {
    const std::vector<std::uint8_t> bytes = mutate(files[random.below(files.size())].bytes,
                                                   files[random.below(files.size())].bytes, random);
    ASSERT_NO_THROW(try_assembler(bytes.data(), bytes.size()))
        << "seed " << seed.text() << " case " << i << " bytes " << hex(bytes);
  }
}

}  // namespace
}  // namespace vitruvian::tests

// SPDX-License-Identifier: Apache-2.0
//
// The ONNX reader's fuzz target without libFuzzer: the public models and tensors and what the
// fuzzer found, cut off anywhere, and random changes to them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "models/program/file.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/onnx_target.h"

namespace vitruvian::tests {
namespace {

constexpr tb::Seed seed{0x0717};
constexpr int mutations = 200'000;

std::vector<CorpusFile> corpus() {
  std::vector<CorpusFile> files =
      read_corpus(std::filesystem::path{VITRUVIAN_SOURCE_DIR} / "tests/fuzz/corpus/onnx");
  for (const auto& entry : std::filesystem::recursive_directory_iterator{
           std::filesystem::path{VITRUVIAN_TEST_DATA} / "onnx"}) {
    const auto extension = entry.path().extension();
    if (extension != ".onnx" && extension != ".pb") continue;
    const std::string text = models::read_file(entry.path());
    files.push_back({entry.path().string(), {text.begin(), text.end()}});
  }
  std::ranges::sort(files, {}, &CorpusFile::name);
  return files;
}

std::string hex(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

TEST(OnnxFuzz, PublicFilesCutOffAnywhereAreReadOrRefused) {
  for (const CorpusFile& file : corpus()) {
    for (std::size_t size = 0; size <= file.bytes.size(); ++size) {
      ASSERT_NO_THROW(try_onnx(file.bytes.data(), size)) << file.name << " cut to " << size;
    }
  }
}

TEST(OnnxFuzz, RandomChangesAreReadOrRefused) {
  const std::vector<CorpusFile> files = corpus();
  tb::RandomStream random = seed.stream("mutations");
  int read = 0;
  for (int i = 0; i < mutations; ++i) {
    const std::vector<std::uint8_t> bytes = mutate(files[random.below(files.size())].bytes,
                                                   files[random.below(files.size())].bytes, random);
    ASSERT_NO_THROW(read += try_onnx(bytes.data(), bytes.size()))
        << "seed " << seed.text() << " case " << i << " bytes " << hex(bytes);
  }
  EXPECT_GT(read, mutations / 1000) << "the changes are so coarse that no model is left";
}

}  // namespace
}  // namespace vitruvian::tests

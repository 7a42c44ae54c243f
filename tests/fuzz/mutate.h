// SPDX-License-Identifier: Apache-2.0
//
// A small mutator for replaying fuzz corpora in ordinary tests, without libFuzzer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tb/common/random.h"

namespace vitruvian::tests {

struct CorpusFile {
  std::string name;
  std::vector<std::uint8_t> bytes;
};

// Every file of a folder, sorted by name. The folder must have some.
std::vector<CorpusFile> read_corpus(const std::filesystem::path& folder);

// One to four changes: a bit or byte, a number at a limit, a span cut, doubled or taken from
// `other`.
std::vector<std::uint8_t> mutate(std::vector<std::uint8_t> bytes,
                                 const std::vector<std::uint8_t>& other, tb::RandomStream& random);

}  // namespace vitruvian::tests

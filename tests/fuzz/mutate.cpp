// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/mutate.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

#include "models/arch/error.h"

namespace vitruvian::tests {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct Span {
  std::ptrdiff_t begin, end;
};

Span some_span(const Bytes& bytes, tb::RandomStream& random) {
  const auto begin = static_cast<std::ptrdiff_t>(random.below(bytes.size() + 1));
  const std::uint64_t most =
      std::min<std::uint64_t>(bytes.size() - static_cast<std::size_t>(begin), 40);
  return {begin, begin + static_cast<std::ptrdiff_t>(random.below(most + 1))};
}

void insert_span(Bytes& bytes, const Bytes& from, tb::RandomStream& random) {
  const Span s = some_span(from, random);
  const Bytes piece(from.begin() + s.begin, from.begin() + s.end);
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(random.below(bytes.size() + 1)),
               piece.begin(), piece.end());
}

void insert_number(Bytes& bytes, tb::RandomStream& random) {
  static constexpr std::string_view numbers[] = {"0",
                                                 "1",
                                                 "-1",
                                                 "255",
                                                 "256",
                                                 "4095",
                                                 "4096",
                                                 "65535",
                                                 "65536",
                                                 "4294967295",
                                                 "4294967296",
                                                 "18446744073709551615",
                                                 "18446744073709551616",
                                                 "0xffffffffffff",
                                                 "0x"};
  const std::string_view number = random.pick(numbers);
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(random.below(bytes.size() + 1)),
               number.begin(), number.end());
}

void change_byte(Bytes& bytes, tb::RandomStream& random) {
  if (bytes.empty()) return;
  std::uint8_t& byte = bytes[random.below(bytes.size())];
  byte = random.chance(1, 2) ? static_cast<std::uint8_t>(byte ^ (1u << random.below(8)))
                             : static_cast<std::uint8_t>(random.draw());
}

void change(Bytes& bytes, const Bytes& other, tb::RandomStream& random) {
  switch (random.below(6)) {
    case 0:
      return insert_number(bytes, random);
    case 1:
      return insert_span(bytes, other, random);
    case 2:
      return insert_span(bytes, Bytes{bytes}, random);
    case 3: {
      const Span s = some_span(bytes, random);
      bytes.erase(bytes.begin() + s.begin, bytes.begin() + s.end);
      return;
    }
    default:
      return change_byte(bytes, random);
  }
}

}  // namespace

std::vector<CorpusFile> read_corpus(const std::filesystem::path& folder) {
  std::vector<CorpusFile> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    std::ifstream in{entry.path(), std::ios::binary};
    files.push_back(
        {entry.path().filename().string(), Bytes(std::istreambuf_iterator<char>{in}, {})});
  }
  ensure(!files.empty(), "an empty fuzz corpus");
  std::ranges::sort(files, {}, &CorpusFile::name);
  return files;
}

std::vector<std::uint8_t> mutate(Bytes bytes, const Bytes& other, tb::RandomStream& random) {
  const std::uint64_t changes = 1 + random.below(4);
  for (std::uint64_t i = 0; i < changes; ++i) change(bytes, other, random);
  return bytes;
}

}  // namespace vitruvian::tests

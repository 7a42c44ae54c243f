// SPDX-License-Identifier: Apache-2.0
//
// Small pieces of text: numbers, words, and how a message shows what was written.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vitruvian::models {

inline std::optional<std::uint64_t> parse_digits(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

inline std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  return parse_digits(text, 10);
}

// Decimal, or hex as 0x...; nothing for anything else, or above 2^64 - 1.
inline std::optional<std::uint64_t> parse_number(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) return parse_digits(text.substr(2), 16);
  return parse_decimal(text);
}

inline std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view blank = " \t\r\v\f";
  std::vector<std::string_view> words;
  for (std::size_t at = line.find_first_not_of(blank); at < line.size();) {
    const std::size_t end = std::min(line.find_first_of(blank, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(blank, end);
  }
  return words;
}

// 'text', shortened and with unprintable bytes replaced, for a message.
inline std::string quoted(std::string_view text) {
  constexpr std::size_t most = 40;
  std::string shown{text.substr(0, most)};
  for (char& c : shown) {
    if (c < ' ' || c > '~') c = '?';
  }
  return "'" + shown + (text.size() > most ? "...'" : "'");
}

}  // namespace vitruvian::models

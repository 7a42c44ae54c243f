// SPDX-License-Identifier: Apache-2.0
//
// Random numbers that can be named and repeated. A run has one 64-bit seed, printed in hex. Every use
// takes its own stream, keyed by a name: one more draw in one stream changes no other, so a failing
// seed still means the same program after an unrelated edit.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "models/arch/error.h"

namespace vitruvian::tb {

// A bijection of 64-bit words in which every input bit moves every output bit: the finaliser of
// SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

// A stream of random words. Word number i depends on key and i only.
class RandomStream {
 public:
  constexpr explicit RandomStream(std::uint64_t key) : key_{key} {}

  constexpr std::uint64_t draw() {
    constexpr std::uint64_t odd_constant = 0x9e3779b97f4a7c15ull;  // 2^64 / golden ratio
    return mix(mix(key_ + ++counter_ * odd_constant) ^ key_);
  }

  // Uniform in [0, count); count > 0. Takes one word; its bias is below count / 2^64.
  constexpr std::uint64_t below(std::uint64_t count) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(draw()) * count) >> 64);
  }
  // Uniform in [low, high], both included.
  constexpr std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  // True `part` times in `whole`.
  constexpr bool chance(std::uint64_t part, std::uint64_t whole) { return below(whole) < part; }

  template <class Range>
  constexpr const auto& pick(const Range& choices) {
    return choices[below(std::size(choices))];
  }
  // Index of one of `weights`, each as likely as its weight; they do not sum to zero.
  constexpr std::size_t weighted(std::span<const std::uint32_t> weights) {
    std::uint64_t sum = 0;
    for (const std::uint32_t w : weights) sum += w;
    std::uint64_t left = below(sum);
    std::size_t index = 0;
    while (left >= weights[index]) left -= weights[index++];
    return index;
  }

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

// The seed of a run or of one program of it.
class Seed {
 public:
  constexpr explicit Seed(std::uint64_t value) : value_{value} {}

  constexpr std::uint64_t value() const { return value_; }
  std::string text() const { return fmt::format("0x{:016x}", value_); }

  // The stream of this seed with this name.
  constexpr RandomStream stream(std::string_view name) const {
    return RandomStream{mix(value_ ^ mix(hash(name)))};
  }
  // Seed number `index` of a run that starts from this one; number 0 is this one.
  constexpr Seed child(std::uint64_t index) const {
    return index == 0 ? *this : Seed{mix(value_ + mix(index))};
  }

  // "0x1f" or "31". Throws InputError.
  static Seed parse(std::string_view text) {
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    const std::string_view digits = hex ? text.substr(2) : text;
    std::uint64_t value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) {
      throw InputError{fmt::format("seed '{}' is not a 64-bit number, as in 0x2a or 42", text)};
    }
    return Seed{value};
  }

  friend constexpr bool operator==(Seed, Seed) = default;

 private:
  // FNV-1a.
  static constexpr std::uint64_t hash(std::string_view name) {
    std::uint64_t h = 0xcbf29ce484222325ull;
    for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
    return h;
  }

  std::uint64_t value_;
};

}  // namespace vitruvian::tb

// SPDX-License-Identifier: Apache-2.0
#include "systemc/buffer/l0c.h"

namespace vitruvian::systemc {
namespace {

// Calls `visit(word, mask)` for the bits [first, first + count) until it returns false.
template <class Visit>
bool each_word(std::uint32_t first, std::uint32_t count, Visit visit) {
  const std::uint32_t end = first + count;
  for (std::uint32_t at = first; at < end;) {
    const std::uint32_t in_word = std::min(64 - at % 64, end - at);
    const std::uint64_t ones =
        in_word == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << in_word) - 1;
    if (!visit(at / 64, ones << at % 64)) return false;
    at += in_word;
  }
  return true;
}

}  // namespace

bool Granules::any(std::uint32_t first, std::uint32_t count) const {
  return !each_word(first, count, [&](auto w, auto mask) { return (words_[w] & mask) == 0; });
}
bool Granules::all(std::uint32_t first, std::uint32_t count) const {
  return each_word(first, count, [&](auto w, auto mask) { return (words_[w] & mask) == mask; });
}
void Granules::set(std::uint32_t first, std::uint32_t count) {
  each_word(first, count, [&](auto w, auto mask) { return words_[w] |= mask, true; });
}
void Granules::clear(std::uint32_t first, std::uint32_t count) {
  each_word(first, count, [&](auto w, auto mask) { return words_[w] &= ~mask, true; });
}
void Granules::clear_unless(const Granules& others, std::uint32_t first, std::uint32_t count) {
  each_word(first, count, [&](auto w, auto mask) {
    words_[w] &= ~(mask & ~others.words_[w]);
    return true;
  });
}
void Granules::absorb(Granules& others) {
  for (std::size_t w = 0; w < words_.size(); ++w) {
    words_[w] |= others.words_[w];
    others.words_[w] = 0;
  }
}

bool L0cPort::fix_asks(bool m_reads, Cycle now, Cycle again) {
  if (fix_takes(now) || !m_reads) {
    refused_ = 0;
    return true;
  }
  if (++refused_ == patience_) taken_ = again;
  return false;
}

void UnitFlags::mmad_starts() {
  if (claims_) ahead_.absorb(claimed_);
  claims_ = false;
}

void UnitFlags::claim(std::uint32_t first, std::uint32_t count) {
  claimed_.set(first, count);
  claims_ = true;
}

bool UnitFlags::all_up(std::uint32_t first, std::uint32_t count, Cycle now) {
  settle(now);
  return up_.all(first, count);
}

void UnitFlags::raise(std::uint32_t first, std::uint32_t count, Cycle now) {
  settle(now);
  rises_.push_back({first, count});
  risen_ = now;
}

void UnitFlags::clear(std::uint32_t first, std::uint32_t count) {
  up_.clear(first, count);
  // A flag that is ahead was raised by an earlier mmad: the latest has not even passed its check.
  claimed_.clear_unless(ahead_, first, count);
  ahead_.clear(first, count);
}

// Raises of earlier cycles have become visible.
void UnitFlags::settle(Cycle now) {
  if (rises_.empty() || risen_ == now) return;
  for (const Rise& rise : rises_) up_.set(rise.first, rise.count);
  rises_.clear();
}

}  // namespace vitruvian::systemc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace vitruvian::systemc {

// A first-in first-out queue of plain values that grows when it must and never gives memory back.
template <class T>
class Ring {
 public:
  explicit Ring(std::size_t capacity = 16) {
    std::size_t size = 1;
    while (size < capacity) size *= 2;
    slots_.resize(size);
  }
  bool empty() const { return head_ == tail_; }
  std::size_t size() const { return tail_ - head_; }
  T& front() { return at(0); }
  const T& front() const { return slots_[head_ & (slots_.size() - 1)]; }
  T& back() { return at(size() - 1); }
  // The `i`-th from the front.
  T& at(std::size_t i) { return slots_[(head_ + i) & (slots_.size() - 1)]; }
  const T& at(std::size_t i) const { return slots_[(head_ + i) & (slots_.size() - 1)]; }
  void push(const T& value) {
    if (size() == slots_.size()) grow();
    slots_[tail_++ & (slots_.size() - 1)] = value;
  }
  void pop() { ++head_; }

 private:
  void grow() {
    std::vector<T> larger(slots_.size() * 2);
    for (std::size_t i = 0; i < size(); ++i) larger[i] = at(i);
    tail_ = size();
    head_ = 0;
    slots_.swap(larger);
  }
  std::vector<T> slots_;
  std::size_t head_ = 0, tail_ = 0;
};

}  // namespace vitruvian::systemc

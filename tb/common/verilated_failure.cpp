// SPDX-License-Identifier: Apache-2.0
#include "tb/common/verilated_failure.h"

#include <cstdarg>
#include <cstdio>
#include <string_view>

namespace {

thread_local std::string* failing = nullptr;
thread_local std::string printed;

// "aic.vit_aic.i_l1.Name_A" out of what was printed.
std::string failed_assertion() {
  constexpr std::string_view mark = "Assertion failed in ";
  const std::size_t at = printed.rfind(mark);
  if (at == std::string::npos) return "something";
  const std::size_t begin = at + mark.size();
  return printed.substr(begin, printed.find_first_of(": \n", begin) - begin);
}

}  // namespace

VerilatedFailure::VerilatedFailure(std::string& text) { failing = &text; }
VerilatedFailure::~VerilatedFailure() { failing = nullptr; }

int vit_print(const char* format, ...) {
  char text[1024];
  std::va_list arguments;
  va_start(arguments, format);
  const int size = std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (failing != nullptr) {
    printed += text;
  } else {
    std::fputs(text, stderr);
  }
  return size;
}

void vl_stop(const char* file, int line, const char*) {
  if (failing != nullptr && failing->empty()) {
    *failing = failed_assertion() + " does not hold (" + file + ":" + std::to_string(line) + ")";
  }
  printed.clear();
}
void vl_finish(const char*, int, const char*) {}
void vl_fatal(const char* file, int line, const char* scope, const char* message) {
  if (failing != nullptr) *failing = std::string{message} + " in " + scope + " (" + file + ":" + std::to_string(line) + ")";
}

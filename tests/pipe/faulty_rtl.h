// SPDX-License-Identifier: Apache-2.0
//
// A copy of rtl/ with a fault in it: the checker that does not see it checks nothing.
#pragma once

#include <filesystem>
#include <ostream>
#include <string>

namespace vitruvian::tests {

struct RtlFault {
  const char* name;
  const char* file;     // below rtl/
  const char* find;     // stands there exactly once
  const char* replace;
};
inline void PrintTo(const RtlFault& fault, std::ostream* out) { *out << fault.name; }

// In a directory of its own, removed at the end. Throws std::runtime_error unless `find` stands once in the file.
class FaultyRtl {
 public:
  explicit FaultyRtl(const RtlFault& fault);
  ~FaultyRtl();
  FaultyRtl(const FaultyRtl&) = delete;
  FaultyRtl& operator=(const FaultyRtl&) = delete;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace vitruvian::tests

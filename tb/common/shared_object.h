// SPDX-License-Identifier: Apache-2.0
//
// A Verilated block's shared object, open as long as this lives.
#pragma once

#include <filesystem>

namespace vitruvian::tb {

class SharedObject {
 public:
  // Throws InputError if the file cannot be opened. `what` it should be, for messages: "cube core block".
  SharedObject(const std::filesystem::path& file, const char* what);
  ~SharedObject();
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

  const std::filesystem::path& file() const { return file_; }
  // Fills in a pointer to the function of this name; throws InputError if there is none.
  template <class Function>
  void load(const char* name, Function& function) const {
    function = reinterpret_cast<Function>(find(name));
  }

 private:
  void* find(const char* name) const;

  std::filesystem::path file_;
  const char* what_;
  void* handle_;
};

}  // namespace vitruvian::tb

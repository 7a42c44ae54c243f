// SPDX-License-Identifier: Apache-2.0
#include "tb/report/output_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, std::string_view reason) {
  throw InputError{fmt::format("cannot write {}: {}", path.string(), reason)};
}

// A write may take less than it was given; the last error may only show at close.
int write_and_close(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int error = written < 0 ? errno : EIO;
      ::close(file);
      return error;
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::close(file) == 0 ? 0 : errno;
}

// Empty if all went well, else the reason.
std::string reason_not_written(const fs::path& path, std::string_view content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  const int error = file < 0 ? errno : write_and_close(file, content);
  return error == 0 ? "" : std::strerror(error);
}

// Files standing beside their places; what was not renamed is removed again.
class Staged {
 public:
  explicit Staged(fs::path folder) : folder_{std::move(folder)} {}
  Staged(const Staged&) = delete;
  Staged& operator=(const Staged&) = delete;
  ~Staged() {
    std::error_code ignored;
    for (const Entry& entry : entries_) fs::remove(entry.beside, ignored);
  }

  void add(const OutputFile& file) {
    const fs::path place = folder_ / file.name;
    if (fs::is_directory(place)) refuse(place, "a folder stands there");
    entries_.push_back({folder_ / fmt::format(".{}.{}.tmp", file.name, ::getpid()), place});
    const std::string reason = reason_not_written(entries_.back().beside, file.content);
    if (!reason.empty()) refuse(place, reason);
  }

  void rename_all() {
    while (!entries_.empty()) {
      std::error_code error;
      fs::rename(entries_.back().beside, entries_.back().place, error);
      if (error) refuse(entries_.back().place, error.message());
      entries_.pop_back();
    }
  }

 private:
  struct Entry {
    fs::path beside, place;
  };
  fs::path folder_;
  std::vector<Entry> entries_;
};

}  // namespace

void write_whole(const fs::path& path, std::string_view content) {
  const std::string reason = reason_not_written(path, content);
  if (!reason.empty()) refuse(path, reason);
}

void prepare_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw InputError{fmt::format("cannot make folder {}: {}", folder.string(), error.message())};
  if (!fs::is_directory(folder)) refuse(folder, "it is not a folder");
  Staged{folder}.add({"probe", "vitruvian\n"});
}

void write_files(const fs::path& folder, std::span<const OutputFile> files) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw InputError{fmt::format("cannot make folder {}: {}", folder.string(), error.message())};
  Staged staged{folder};
  for (const OutputFile& file : files) staged.add(file);
  staged.rename_all();
}

}  // namespace vitruvian::tb

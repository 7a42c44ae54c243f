// SPDX-License-Identifier: Apache-2.0
//
// Files of a run's folder, written whole or not at all.
#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace vitruvian::tb {

struct OutputFile {
  std::string name;  // in the folder, without a path
  std::string content;
};

// Creates the folder if it is absent and shows that a file can be made in it. Throws InputError
// with path and reason. Called before a run, so that a long one does not end at a folder it cannot
// use.
void prepare_folder(const std::filesystem::path& folder);

// Writes every file beside its place, then renames all. If one cannot be written (folder not
// writable, disk full) nothing of this call is left, earlier files stand unchanged, and an
// InputError with path and reason is thrown.
void write_files(const std::filesystem::path& folder, std::span<const OutputFile> files);

// Writes `content` to `path` (created or emptied). Throws InputError with path and reason; what was
// written so far stays, so callers other than write_files want write_files.
void write_whole(const std::filesystem::path& path, std::string_view content);

}  // namespace vitruvian::tb

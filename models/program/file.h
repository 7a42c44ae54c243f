// SPDX-License-Identifier: Apache-2.0
//
// Whole files, in one go.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace vitruvian::models {

// Throws InputError naming the file and why it cannot be read.
std::string read_file(const std::filesystem::path& path);

// Replaces the file at once: it is written beside its place and renamed, so that nobody ever sees a
// half of it, and a failure leaves what was there. Throws InputError naming the file and the cause.
void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);

}  // namespace vitruvian::models

// SPDX-License-Identifier: Apache-2.0
//
// Programs in text, looked over by tb/check.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "models/program/assembler.h"
#include "tb/check/check.h"

namespace vitruvian::tests {

// The chip of these tests.
const ChipConfig& check_chip();

models::AssemblyFile assembled(std::string_view text);

// Races, uninitialised bytes and deadlocks of a program; its input tensors are what GM holds.
tb::OrderFindings looked_over(const models::AssemblyFile& file);
tb::OrderFindings looked_over(std::string_view text);

// How many races the text has; a deadlock counts as a failure of the test.
std::uint64_t races_in(std::string_view text);
// The first one in words, or "".
std::string first_race(std::string_view text);

// Instructions; each touches what its comment says.
inline constexpr std::string_view copy_in =  // MTE2: GM 0x0.. -> L1 0x0..
    "copy_gm_l1 dst=0 src=0 block_length=16\n";
inline constexpr std::string_view load_a =  // MTE1: L1 0x0.. -> L0A 0x0..
    "load2d to=L0A dst=0 src=0 repeat=1 dtype=f16\n";
inline constexpr std::string_view multiply =  // M: L0A 0, L0B 0 -> L0C 0
    "mmad c=0 a=0 b=0 m=16 n=16 k=16 dtype=f16 init=zero\n";
inline constexpr std::string_view store =  // FIX: L0C 0.. -> GM 0x2000..
    "fixpipe dst=0x2000 src=0 m=16 n=16 src_stride=16 dst_stride=16 acc=f32 nz2nd=1\n";
inline constexpr std::string_view store_l1 =  // FIX: L0C 0.. -> L1 0x0..
    "fixpipe_l1 dst=0 src=0 m=16 n=16 src_stride=16 dst_stride=32 acc=f32\n";
inline constexpr std::string_view copy_out =  // MTE3: L1 0x0.. -> GM 0x2000..
    "copy_l1_gm dst=0x2000 src=0 block_length=16\n";
inline constexpr std::string_view copy_back =  // MTE2: GM 0x2000.. -> L1 0x4000..
    "copy_gm_l1 dst=0x4000 src=0x2000 block_length=16\n";
inline constexpr std::string_view table =  // FIX: L1 0x0.. -> FB 0x0..
    "copy_l1_fb dst=0 src=0 length=1\n";

// set_flag and wait_flag of event 0, pipe_barrier, texts one behind the other.
std::string flag(std::string_view from, std::string_view to);
std::string barrier(std::string_view on);
std::string joined(std::initializer_list<std::string_view> parts);
// An mmad, a fixpipe of what it leaves, an mmad on the same place, with these unit flags.
std::string handed(std::string_view mmad, std::string_view fixpipe, std::string_view again);

}  // namespace vitruvian::tests

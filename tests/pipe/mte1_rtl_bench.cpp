// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/mte1_rtl_bench.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <variant>

namespace vitruvian::tests {
namespace {

using models::CopyL1Bt;
using models::FillL0;
using models::L0Buffer;
using models::Load2d;
using models::Load2dTranspose;
using models::Load3d;
using u64 = std::uint64_t;
using i64 = std::int64_t;

constexpr u64 row = 32, fractal = 512;
constexpr u64 read_lead = 20;  // M4

// Elements of a type in a row of 32 B.
u64 c0_of(DataType type) {
  switch (type) {
    case DataType::s4: return 64;
    case DataType::s8: return 32;
    case DataType::f32: return 8;
    default: return 16;
  }
}

int space_of(L0Buffer to) { return to == L0Buffer::L0A ? VIT_L0A : VIT_L0B; }

// Rows of X by the definition of load3d (docs/isa.md), a row of 32 B at a time.
struct Map {
  const Load3d& load;
  i64 height = out(load.l1_h + load.pad_top + load.pad_bottom, load.filter_h, load.dilation_h, load.stride_h);
  i64 width = out(load.l1_w + load.pad_left + load.pad_right, load.filter_w, load.dilation_w, load.stride_w);

  static i64 out(i64 padded, i64 filter, i64 dilation, i64 stride) { return (padded - ((filter - 1) * dilation + 1)) / stride + 1; }
  bool beyond(u64 m) const { return static_cast<i64>(m) >= height * width; }
  // Byte of L1 of X[m, k * C0 ..]; none for padding.
  std::optional<u64> row_at(u64 m, u64 k) const {
    if (beyond(m)) return std::nullopt;
    const i64 ho = static_cast<i64>(m) / width, wo = static_cast<i64>(m) % width;
    const i64 kw = static_cast<i64>(k % load.filter_w), kh = static_cast<i64>(k / load.filter_w % load.filter_h);
    const i64 c1 = static_cast<i64>(k / load.filter_w / load.filter_h);
    const i64 h = ho * load.stride_h - load.pad_top + kh * load.dilation_h, w = wo * load.stride_w - load.pad_left + kw * load.dilation_w;
    if (h < 0 || h >= load.l1_h || w < 0 || w >= load.l1_w) return std::nullopt;
    return load.src.value() + static_cast<u64>((c1 * load.l1_h + h) * load.l1_w + w) * row;
  }
};

// A row of a source fractal: its byte of L1, or none.
using RowOf = std::optional<u64>;
RowOf source_row(const Load2d& load, u64 number, u64 r) { return load.src.value() + number * load.src_stride * fractal + r * row; }
RowOf source_row(const Load2dTranspose& load, u64 number, u64 r) {
  const u64 block = load.dtype == DataType::s4 ? 4 : load.dtype == DataType::s8 || load.dtype == DataType::f32 ? 2 : 1;
  return load.src.value() + (number / block * load.src_stride * block + number % block) * fractal + r * row;
}
RowOf source_row(const FillL0&, u64, u64) { return std::nullopt; }
RowOf source_row(const Load3d& load, u64 number, u64 r) {
  const u64 c0 = c0_of(load.dtype), across = load.k_extension / c0;
  return Map{load}.row_at(load.m_start + number / across * 16 + r, load.k_start / c0 + number % across);
}

// Where destination fractal `number` stands.
u64 destination(const Load2d& load, u64 number) { return load.dst.value() + number * (1 + u64{load.dst_gap}) * fractal; }
u64 destination(const Load2dTranspose& load, u64 number) {
  const u64 block = load.dtype == DataType::s4 ? 4 : load.dtype == DataType::s8 || load.dtype == DataType::f32 ? 2 : 1;
  return load.dst.value() + (number / block * (1 + u64{load.dst_gap}) + number % block * (1 + u64{load.dst_frac_gap})) * fractal;
}
u64 destination(const FillL0& fill, u64 number) {
  return fill.dst.value() + (number / fill.block_length * (u64{fill.block_length} + fill.dst_gap) + number % fill.block_length) * fractal;
}
u64 destination(const Load3d& load, u64 number) {
  const u64 across = load.k_extension / c0_of(load.dtype), down = load.m_extension / 16, m1 = number / across, k1 = number % across;
  const bool columns_first = load.to == L0Buffer::L0B || load.transpose != 0;
  return load.dst.value() + (columns_first ? k1 * down + m1 : m1 * across + k1) * fractal;
}

u64 fractals(const Load2d& load) { return load.repeat; }
u64 fractals(const Load2dTranspose& load) { return load.repeat * (load.dtype == DataType::s4 ? 4u : load.dtype == DataType::s8 || load.dtype == DataType::f32 ? 2u : 1u); }
u64 fractals(const FillL0& fill) { return u64{fill.repeat} * fill.block_length; }
u64 fractals(const Load3d& load) { return load.m_extension / 16 * (load.k_extension / c0_of(load.dtype)); }

}  // namespace

Mte1RtlBench::Mte1RtlBench(const tb::MoverLibrary& library, const Mte1Settings& settings, const ChipConfig& chip, models::CoreState& golden)
    : settings_{settings}, chip_{chip}, golden_{golden},
      mover_{library, {{"setup", settings.setup}, {"load_tail", settings.load_tail}, {"latency", settings.latency}}} {
  const VitMoverParameters& built = library.parameters();
  rates_[VIT_L0A] = built.l0a_rate, rates_[VIT_L0B] = built.l0b_rate, rates_[VIT_BT] = row;
  images_[VIT_L0A].resize(built.l0a_bytes);
  images_[VIT_L0B].resize(built.l0b_bytes);
  images_[VIT_BT].resize(built.bt_bytes);
}

bool Mte1RtlBench::cycle(const models::Instruction* head) {
  const bool starts = head != nullptr && now() >= next_start_;
  coverage_.back_to_back += starts && now() == next_start_ && now() > 0;
  VitMoverIn in{};
  if (any_read_) in.l1 = rows_read_.data();
  const VitMoverOut& out = mover_.cycle(head, in, {});
  if (starts) start(*head);
  look_at_states(out, head, starts);
  look_at_reads(out);
  look_at_writes(out);
  if (!jobs_.empty() && end_of(jobs_.front()) == now()) {
    last_end_ = now();
    jobs_.pop_front();
  }
  mover_.next();
  return starts;
}

void Mte1RtlBench::start(const models::Instruction& instruction) {
  Job job;
  job.instruction = instruction;
  job.start = now();
  plan(job);
  models::execute(instruction, golden_, chip_, models::Numerics::dot24);
  const auto memory = (job.space == VIT_L0A ? golden_.l0a : job.space == VIT_L0B ? golden_.l0b : golden_.bt).bytes();
  for (const Beat& beat : job.beats) {
    const auto at = memory.begin() + static_cast<std::ptrdiff_t>(beat.destination);
    job.bytes.insert(job.bytes.end(), at, at + static_cast<std::ptrdiff_t>(job.rate));
  }
  const u64 tail = job.space == VIT_BT ? 0 : settings_.load_tail;
  next_start_ = now() + std::max<u64>(settings_.setup, job.beats.size()) + tail;
  ++coverage_.starts;
  coverage_.beats += job.beats.size();
  jobs_.push_back(std::move(job));
  coverage_.most_in_flight = std::max<u64>(coverage_.most_in_flight, jobs_.size());
}

void Mte1RtlBench::plan(Job& job) {
  std::visit([&](const auto& instruction) {
    using T = std::decay_t<decltype(instruction)>;
    if constexpr (std::is_same_v<T, CopyL1Bt>) {
      job.space = VIT_BT, job.rate = row;
      for (u64 i = 0; i < instruction.length * 2u; ++i) {
        job.beats.push_back({1, {instruction.src.value() + i * row}, instruction.dst.value() + i * row});
      }
    } else if constexpr (requires { fractals(instruction); }) {
      job.space = space_of(instruction.to), job.rate = rates_[job.space];
      const u64 rows = job.rate / row;
      for (u64 number = 0; number < fractals(instruction); ++number) {
        for (u64 first = 0; first < 16; first += rows) {
          Beat beat{0, {}, destination(instruction, number) + first * row};
          for (u64 i = 0; i < rows; ++i) {
            const RowOf from = source_row(instruction, number, first + i);
            if (from) beat.rows |= 1u << i, beat.source[i] = *from;
          }
          job.beats.push_back(beat);
        }
      }
    } else {
      throw std::runtime_error{"no instruction of MTE1"};
    }
    count(instruction, job);
  }, job.instruction);
}

template <class T>
void Mte1RtlBench::count(const T& instruction, const Job& job) {
  constexpr bool kinds[] = {std::is_same_v<T, Load2d>, std::is_same_v<T, Load2dTranspose>, std::is_same_v<T, CopyL1Bt>, std::is_same_v<T, Load3d>, std::is_same_v<T, FillL0>};
  for (int i = 0; i < 5; ++i) coverage_.kinds[i] += kinds[i];
  if constexpr (std::is_same_v<T, Load2dTranspose>) ++coverage_.turned_types[static_cast<int>(instruction.dtype)];
  if constexpr (std::is_same_v<T, Load3d>) {
    ++coverage_.turned_maps[instruction.to == L0Buffer::L0B ? 2 : instruction.transpose];
    for (const Beat& beat : job.beats) coverage_.padded_rows += job.rate / row - std::popcount(beat.rows);
    const Map map{instruction};
    coverage_.beyond_rows += map.beyond(instruction.m_start + instruction.m_extension - 1);
    coverage_.wrapped_beats += map.width < 8;
  }
}

const Mte1RtlBench::Beat* Mte1RtlBench::beat_in(std::uint64_t ahead, const Job** of) const {
  for (const Job& job : jobs_) {
    const u64 first = job.start + settings_.latency, at = now() + ahead;
    if (at < first) return nullptr;
    if (at - first >= job.beats.size()) continue;
    *of = &job;
    return &job.beats[at - first];
  }
  return nullptr;
}

void Mte1RtlBench::look_at_states(const VitMoverOut& out, const models::Instruction* head, bool starts) {
  if (head != nullptr) mover_.expect(starts, out.ready, "ready");
  mover_.expect(!jobs_.empty() && end_of(jobs_.front()) == now(), out.done, "done");
  mover_.expect(!jobs_.empty(), out.busy, "busy");
  mover_.expect(0, out.noop, "noop");
  mover_.expect(0, out.memory, "memory");
  mover_.expect(0, out.stall, "stall");
  mover_.expect(0, out.held, "held");
}

void Mte1RtlBench::look_at_reads(const VitMoverOut& out) {
  const Job* job = nullptr;
  const Beat* beat = beat_in(read_lead, &job);
  mover_.expect(beat ? beat->rows : 0, out.l1_mask, "rows read");
  any_read_ = beat != nullptr && beat->rows != 0;
  if (!any_read_) return;
  for (u64 i = 0; i < 8; ++i) {
    std::uint8_t* to = &rows_read_[i * row];
    if (beat->rows >> i & 1) {
      mover_.expect(beat->source[i], out.l1_address[i], "address of a row read");
      std::memcpy(to, golden_.l1.at(beat->source[i], row).data(), row);
    } else {  // not asked for: anything
      std::memset(to, static_cast<int>(0xa5 ^ now()), row);
    }
  }
}

void Mte1RtlBench::look_at_writes(const VitMoverOut& out) {
  const Job* job = nullptr;
  const Beat* beat = beat_in(0, &job);
  mover_.expect(beat ? job->rate / row : 0, out.writes, "rows written");
  if (beat == nullptr) return;
  const std::uint8_t* bytes = &job->bytes[static_cast<std::size_t>(beat - job->beats.data()) * job->rate];
  for (u64 i = 0; i < out.writes; ++i) {
    const VitMoverRow& seen = out.write[i];
    mover_.expect(job->space, seen.space, "memory written");
    mover_.expect(beat->destination + i * row, seen.address, "address of a row written");
    mover_.expect(0xffff'ffff, seen.enables, "bytes of a row written");
    for (u64 b = 0; b < row && std::memcmp(bytes + i * row, seen.data, row) != 0; ++b) {
      mover_.expect(bytes[i * row + b], seen.data[b], "a byte of a row written");
    }
    std::memcpy(&images_[job->space].at(seen.address), seen.data, row);
  }
}

}  // namespace vitruvian::tests

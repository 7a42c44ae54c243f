// SPDX-License-Identifier: Apache-2.0
//
// Workloads as the user writes them: read, filled, run on models/core and judged.
#include "tb/run/workload.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "models/arch/error.h"
#include "models/core/core.h"
#include "models/program/file.h"
#include "tb/run/run.h"
#include "tb/run/tensor_file.h"
#include "tb/run/workload_check.h"
#include "tb/run/workload_inputs.h"
#include "tests/onnx/model_builder.h"

namespace vitruvian::tb {
namespace {

ChipConfig chip() { return load_chip("ascend910b1"); }

// A folder of its own that is gone afterwards.
class Folder {
 public:
  Folder()
      : path_{std::filesystem::temp_directory_path() /
              fmt::format("vitruvian_workload_{}_{}", getpid(), counter_++)} {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  static inline int counter_ = 0;
  std::filesystem::path path_;
};

void write_text(const std::string& text, const std::filesystem::path& path) {
  models::write_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

struct Outcome {
  Judgement judgement;
  std::vector<std::uint8_t> output;
};

Outcome run(const Workload& workload, const ChipConfig& on,
            models::Numerics numerics = models::Numerics::dot24) {
  models::Memory gm{on.gm.size};
  workload.fill(gm);
  models::CoreState state{on, gm};
  models::run(workload.program, state, on, numerics);
  Outcome outcome;
  if (workload.judge) outcome.judgement = workload.judge(gm);
  const auto bytes = gm.at(workload.outputs[0].address, workload.outputs[0].size());
  outcome.output.assign(bytes.begin(), bytes.end());
  return outcome;
}

Outcome run(const std::string& text, const WorkloadOptions& options = {}) {
  const ChipConfig on = chip();
  return run(make_workload(text, on, options), on, options.numerics);
}

std::string refusal(const std::string& text, const WorkloadOptions& options = {}) {
  try {
    make_workload(text, chip(), options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << text << "' lacks '" << part << "'";
}

std::filesystem::path onnx_case(const std::string& name) {
  return std::filesystem::path{VITRUVIAN_TEST_DATA} / "onnx" / name;
}

TEST(Workload, MatmulOfEveryTypeAndOutputIsWithinItsBound) {
  for (const char* types :
       {"dtype=fp16", "dtype=fp16,out=fp16", "dtype=fp16,out=bf16", "dtype=bf16,out=bf16",
        "dtype=bf16,out=fp16", "dtype=fp32", "dtype=fp32,out=fp16", "dtype=hf32",
        "dtype=hf32,out=bf16", "dtype=int4", "dtype=int4,out=fp16", "dtype=int4,out=int8",
        "dtype=int8",        "dtype=int8,out=int32", "dtype=int8,out=fp16", "dtype=int8,out=int8",
        "dtype=int8,out=int8,scale=0.0009765625"}) {
    for (const char* more : {"", ",bias=1", ",relu=1,transA=1", ",bias=1,relu=1,transB=1"}) {
      const bool int4 = std::string_view{types}.starts_with("dtype=int4");  // rows of it are even
      const std::string text = fmt::format("matmul:M=70,N={},K={},{}{}", int4 ? 46 : 45,
                                           int4 ? 134 : 133, types, more);
      const Judgement judgement = run(text).judgement;
      EXPECT_LE(judgement.error_over_bound, 1) << text << ": " << judgement.worst;
      EXPECT_EQ(judgement.reference, "full");
      EXPECT_FALSE(judgement.expected_output.has_value());
    }
  }
}

TEST(Workload, EveryNumericsRuleIsWithinItsBound) {
  for (const auto numerics :
       {models::Numerics::dot24, models::Numerics::fused24, models::Numerics::tree}) {
    const Judgement judgement =
        run("matmul:M=33,N=65,K=500,dtype=fp16", {.seed = 3, .inputs = {}, .numerics = numerics})
            .judgement;
    EXPECT_LE(judgement.error_over_bound, 1) << judgement.worst;
    EXPECT_GT(judgement.error_over_bound, 0);
  }
}

TEST(Workload, OneWrongBitInTheOutputIsSeen) {
  const ChipConfig on = chip();
  for (const char* text :
       {"matmul:M=20,N=30,K=40,dtype=fp16", "matmul:M=20,N=30,K=40,dtype=int8",
        "matmul:M=20,N=30,K=40,dtype=int8,out=int8", "matmul:M=20,N=30,K=40,dtype=int8,out=fp16"}) {
    const Workload workload = make_workload(text, on, {});
    models::Memory gm{on.gm.size};
    workload.fill(gm);
    models::CoreState state{on, gm};
    models::run(workload.program, state, on, models::Numerics::dot24);
    ASSERT_LE(workload.judge(gm).error_over_bound, 1);
    const bool floating = workload.outputs[0].dtype == DataType::f32;
    auto bytes = gm.at(workload.outputs[0].address, workload.outputs[0].size());
    bytes[floating ? 4 * 77 + 1 : 4 * 77] ^=
        floating ? 0x80 : 0x01;  // 2^-8 of an fp32, one of an integer
    const Judgement judgement = workload.judge(gm);
    EXPECT_GT(judgement.error_over_bound, 1) << text;
    if (workload.outputs[0].dtype == DataType::f32) expect_part(judgement.worst, "row 2 column 17");
  }
}

TEST(Workload, TheSeedDecidesTheInputs) {
  const std::string text = "matmul:M=16,N=16,K=16,dtype=fp16";
  EXPECT_EQ(run(text, {.seed = 5}).output, run(text, {.seed = 5}).output);
  EXPECT_NE(run(text, {.seed = 5}).output, run(text, {.seed = 6}).output);
}

TEST(Workload, LargeProductsAreSampledAtCornersAndTileBoundaries) {
  const auto lines = sample_lines(5000, {128, 64}, 64, "x");
  EXPECT_EQ(lines.size(), 64u);
  for (const std::uint64_t line : {0, 4999, 15, 16, 63, 64, 127, 128, 4991, 4992}) {
    EXPECT_TRUE(std::ranges::binary_search(lines, line)) << line;
  }
  EXPECT_EQ(sample_lines(10, {128}, 64, "x").size(), 10u);
}

TEST(Workload, MistakesInTheTextAreNamedWithWhatIsAllowed) {
  expect_part(refusal("matmull:M=1,N=1,K=1"), "did you mean 'matmul'");
  expect_part(refusal("conv:M=1"), ".onnx");
  expect_part(refusal("matmul"), "matmul:M=");
  expect_part(refusal("matmul:M=1,N=1"), "K is missing");
  expect_part(refusal("matmul:M=1,N=1,K=1,dtyp=fp16"), "did you mean 'dtype'");
  expect_part(refusal("matmul:M=1,N=1,K=1,dtype=fp17"), "fp16, bf16, fp32, hf32, int8, int4");
  expect_part(refusal("matmul:M=0,N=1,K=1"), "from 1 to 1048576");
  expect_part(refusal("matmul:M=-4,N=1,K=1"), "from 1 to 1048576");
  expect_part(refusal("matmul:M=1048577,N=1,K=1"), "from 1 to 1048576");
  expect_part(refusal("matmul:M=99999999999999999999,N=1,K=1"), "from 1 to 1048576");
  expect_part(refusal("matmul:M=1.5,N=1,K=1"), "whole number");
  expect_part(refusal("matmul:M=1,N=1,K=1,M=2"), "M is given twice");
  expect_part(refusal("matmul:M=1,N=1,K=1,bias"), "bias has no value");
  expect_part(refusal("matmul:M=1,N=1,K=1,bias=maybe"), "must be 0 or 1");
  expect_part(refusal("matmul:M=1,N=1,K=1,out=int8"), "fp32, fp16, bf16");
  expect_part(refusal("matmul:M=1,N=1,K=1,dtype=int8,out=fp32"), "int32, fp16, int8");
  expect_part(refusal("matmul:M=1,N=1,K=1,scale=2"), "dtype=int8");
  expect_part(refusal("matmul:M=1,N=1,K=1,dtype=int8,out=int8,scale=0.1"), "10 fraction bits");
  expect_part(refusal("matmul:M=64,N=64,K=64,l0=128x128"), "three sizes");
  expect_part(refusal("matmul:M=64,N=64,K=64,l0=20x16x16"), "m = 20");
  expect_part(refusal("matmul:M=1048576,N=1048576,K=1"), "gm.size");
  expect_part(refusal("matmul:M=1,N=1,K=1,"), "'' is not one of");
  expect_part(refusal("nothing.onnx"), "nothing.onnx");
  expect_part(refusal("nothing.vasm"), "nothing.vasm");
}

TEST(Workload, TilesMayBeChosen) {
  const Workload workload = make_workload(
      "matmul:M=64,N=64,K=64,dtype=fp16,l1=64x32x32,l0=32\u00d732\u00d716", chip(), {});
  std::size_t mmads = 0;
  for (const auto& i : workload.program.instructions) {
    mmads += std::holds_alternative<models::Mmad>(i);
  }
  EXPECT_EQ(mmads, 2u * 2 * 4);
  EXPECT_EQ(workload.macs, 64u * 64 * 64);
}

TEST(Workload, AThousandCubedKeepsTheCubeBusy) {
  const ChipConfig on = chip();
  const struct {
    const char* dtype;
    double cycles, least;
    // A row of a panel pays for whole lines of GM (docs/timing.md, G1), however short it is.
  } rows[] = {{"fp16", 262144, 0.925},
              {"bf16", 262144, 0.925},
              {"int8", 131072, 0.86},
              {"int4,transB=1", 65536, 0.9},
              {"int4", 65536, 0.55},
              {"fp32", 1048576, 0.98},
              {"hf32", 524288, 0.97}};
  for (const auto& row : rows) {
    const std::string text = fmt::format("matmul:M=1024,N=1024,K=1024,dtype={}", row.dtype);
    const Cycles cycles = cycles_of(make_workload(text, on, {}).program, on);
    EXPECT_GE(row.cycles / static_cast<double>(cycles.value()), row.least) << text;
  }
}

TEST(Workload, ChosenTilesAreNearlyAsFastAsEstimated) {
  const ChipConfig on = chip();
  // 1000: rows of 2000 B begin anywhere in a line; the estimate takes the average.
  for (const auto& [size, off] : {std::pair<std::uint64_t, double>{256, 0.06}, {512, 0.06}, {1000, 0.1}, {2048, 0.06}}) {
    models::GemmProblem p{.m = size, .n = size, .k = size};
    const double estimate = models::estimate_gemm(p, models::choose_gemm_tiles(p, on), on).cycles;
    const std::string text = fmt::format("matmul:M={},N={},K={},dtype=fp16", size, size, size);
    const auto cycles =
        static_cast<double>(cycles_of(make_workload(text, on, {}).program, on).value());
    EXPECT_NEAR(estimate / cycles, 1, off) << text;
  }
}

TEST(Workload, PublicOnnxCasesGiveTheirExpectedOutputs) {
  for (const char* name :
       {"test_matmul_2d", "test_matmul_4d", "test_gemm_default_no_bias",
        "test_gemm_default_vector_bias", "test_gemm_transposeB", "test_Linear"}) {
    const WorkloadOptions options{.seed = 1, .inputs = onnx_case(name) / "test_data_set_0"};
    const Judgement judgement = run((onnx_case(name) / "model.onnx").string(), options).judgement;
    ASSERT_TRUE(judgement.expected_output.has_value()) << name;
    EXPECT_TRUE(*judgement.expected_output) << name << ": " << judgement.worst;
    EXPECT_LE(judgement.error_over_bound, 1) << name << ": " << judgement.worst;
  }
}

TEST(Workload, PublicOnnxModelsRunOnRandomInputsToo) {
  for (const char* name : {"test_matmul_2d", "test_matmul_4d", "test_Linear"}) {
    const Judgement judgement = run((onnx_case(name) / "model.onnx").string()).judgement;
    EXPECT_LE(judgement.error_over_bound, 1) << name << ": " << judgement.worst;
  }
}

TEST(Workload, AWrongExpectedOutputIsSeen) {
  const Folder folder;
  const auto from = onnx_case("test_matmul_2d") / "test_data_set_0";
  for (const char* file : {"input_0.pb", "input_1.pb"}) {
    std::filesystem::copy_file(from / file, folder / file);
  }
  TensorValue output = read_tensor_file(from / "output_0.pb");
  output.bytes[4 * 5 + 2] ^= 0x40;
  write_tensor_file(folder / "output_0.npy", output);
  const Judgement judgement = run((onnx_case("test_matmul_2d") / "model.onnx").string(),
                                  {.seed = 1, .inputs = folder.path()})
                                  .judgement;
  EXPECT_EQ(judgement.expected_output, false);
  expect_part(judgement.worst, "element 5");
}

TEST(Workload, WrongInputFilesAreRefusedByName) {
  const std::string model = (onnx_case("test_matmul_2d") / "model.onnx").string();
  const auto from = onnx_case("test_matmul_2d") / "test_data_set_0";
  const Folder folder;
  const WorkloadOptions options{.seed = 1, .inputs = folder.path()};
  expect_part(refusal(model, {.seed = 1, .inputs = folder / "none"}), "not a folder");
  expect_part(refusal(model, options), "input_0.pb or .npy is missing");
  std::filesystem::copy_file(from / "input_0.pb", folder / "input_0.pb");
  std::filesystem::copy_file(from / "input_0.pb", folder / "input_1.pb");
  expect_part(refusal(model, options), "input_1.pb: holds fp32 [3, 4], 'b' is fp32 [4, 3]");
  TensorValue b = read_tensor_file(from / "input_1.pb");
  write_tensor_file(folder / "input_1.npy", b);
  expect_part(refusal(model, options), "which of the two");
  std::filesystem::remove(folder / "input_1.pb");
  EXPECT_EQ(refusal(model, options), "");
  b.type.dtype = DataType::s32;
  write_tensor_file(folder / "input_1.npy", b);
  expect_part(refusal(model, options), "int32");
  write_tensor_file(folder / "input_2.npy", b);
  expect_part(refusal(model, options), "input_2.npy: there are only 2 inputs");
  std::filesystem::remove(folder / "input_2.npy");
  write_text("junk", folder / "input_1.npy");
  expect_part(refusal(model, options), "input_1.npy: not a .npy file");
}

TEST(Workload, MatmulTakesInputFiles) {
  const Folder folder;
  const TensorValue ones{"", {DataType::s8, {4, 8}}, std::vector<std::uint8_t>(32, 1)};
  const TensorValue twos{"", {DataType::s8, {8, 3}}, std::vector<std::uint8_t>(24, 2)};
  TensorValue sums{"", {DataType::s32, {4, 3}}, std::vector<std::uint8_t>(48)};
  for (std::size_t i = 0; i < 48; i += 4) sums.bytes[i] = 16;
  write_tensor_file(folder / "input_0.npy", ones);
  write_tensor_file(folder / "input_1.npy", twos);
  write_tensor_file(folder / "output_0.npy", sums);
  const std::string text = "matmul:M=4,N=3,K=8,dtype=int8";
  EXPECT_EQ(run(text, {.seed = 1, .inputs = folder.path()}).judgement.expected_output, true);
  sums.bytes[44] = 17;
  write_tensor_file(folder / "output_0.npy", sums);
  EXPECT_EQ(run(text, {.seed = 1, .inputs = folder.path()}).judgement.expected_output, false);
}

TEST(Workload, Int4ComesFromFilesOfInt8) {
  const Folder folder;
  TensorValue a{"", {DataType::s8, {1, 2}}, {0xf8, 7}};  // -8, 7
  const TensorValue b{"", {DataType::s8, {2, 2}}, {1, 0xff, 2, 3}};
  const TensorValue sums{"", {DataType::s32, {1, 2}}, {6, 0, 0, 0, 29, 0, 0, 0}};
  write_tensor_file(folder / "input_0.npy", a);
  write_tensor_file(folder / "input_1.npy", b);
  write_tensor_file(folder / "output_0.npy", sums);
  const std::string text = "matmul:M=1,N=2,K=2,dtype=int4";
  const WorkloadOptions options{.seed = 1, .inputs = folder.path()};
  EXPECT_EQ(run(text, options).judgement.expected_output, true);
  a.bytes[1] = 8;
  write_tensor_file(folder / "input_0.npy", a);
  expect_part(refusal(text, options), "element 1 is 8; an int4 is -8 to 7");
}

TEST(Workload, RowsOfInt4AreWholeBytes) {
  expect_part(refusal("matmul:M=4,N=5,K=4,dtype=int4"), "a row of B in memory has 5 elements");
  EXPECT_EQ(refusal("matmul:M=3,N=5,K=4,dtype=int4,transB=1"), "");
}

TEST(Workload, AChainOfOperatorsWaitsForItsResultsAndIsJudgedOneByOne) {
  const Folder folder;
  tests::ModelBuilder model;
  model.input("x", {35, 40})
      .constant("w", {40, 50}, 0.5f)
      .constant("v", {50, 20}, 0.25f)
      .constant("c", {20}, 3.0f);
  model.output("y", {35, 20});
  model.node("MatMul", {"x", "w"}, "h");
  model.node("Gemm", {"h", "v", "c"}, "y");
  write_text(model.bytes(), folder / "chain.onnx");
  const Workload workload = make_workload((folder / "chain.onnx").string(), chip(), {});
  const auto waits =
      std::ranges::count_if(workload.program.instructions, [](const models::Instruction& i) {
        const auto* wait = std::get_if<models::WaitFlag>(&i);
        return wait && wait->from == models::Pipe::FIX;
      });
  EXPECT_EQ(waits, 1);
  const Judgement judgement = run((folder / "chain.onnx").string()).judgement;
  EXPECT_LE(judgement.error_over_bound, 1) << judgement.worst;
}

TEST(Workload, HalfPrecisionModelsKeepTheirBiasExactly) {
  const Folder folder;
  constexpr int f16 = onnx::TensorProto::FLOAT16, bf16 = onnx::TensorProto::BFLOAT16;
  for (const int type : {f16, bf16}) {
    tests::ModelBuilder model;
    model.input("a", {9, 33}, type)
        .input("b", {33, 21}, type)
        .input("c", {21}, type)
        .output("y", {9, 21}, type);
    model.node("Gemm", {"a", "b", "c"}, "y");
    write_text(model.bytes(), folder / "half.onnx");
    const Judgement judgement = run((folder / "half.onnx").string()).judgement;
    EXPECT_LE(judgement.error_over_bound, 1) << judgement.worst;
    EXPECT_GT(judgement.error_over_bound, 0.1) << "rounding to 16 bits shows";
  }
}

TEST(Workload, AssemblyFilesRunWithTheirTensors) {
  const Folder folder;
  write_text(
      ".tensor a 0 f16 16x16 in iota\n.tensor b 0x1000 f16 16x16 in ones\n.tensor c 0x2000 f32 "
      "16x16 out\n"
      "copy_gm_l1_nd2nz dst=0x0 src=0x0 n_value=16 d_value=16 src_d_value=16 dst_c0_stride=16 "
      "dtype=f16\n"
      "copy_gm_l1_nd2nz dst=0x200 src=0x1000 n_value=16 d_value=16 src_d_value=16 dst_c0_stride=16 "
      "dtype=f16\n"
      "set_flag from=MTE2 to=MTE1 id=0\nwait_flag from=MTE2 to=MTE1 id=0\n"
      "load2d to=L0A dst=0 src=0x0 repeat=1 dtype=f16\nload2d to=L0B dst=0 src=0x200 repeat=1 "
      "transpose=1 dtype=f16\n"
      "set_flag from=MTE1 to=M id=0\nwait_flag from=MTE1 to=M id=0\n"
      "mmad c=0 a=0 b=0 m=16 n=16 k=16 dtype=f16 init=zero\nset_flag from=M to=FIX id=0\nwait_flag "
      "from=M to=FIX id=0\n"
      "fixpipe dst=0x2000 src=0 m=16 n=16 src_stride=16 dst_stride=16 acc=f32 nz2nd=1\n",
      folder / "p.vasm");
  const Workload workload = make_workload((folder / "p.vasm").string(), chip(), {});
  EXPECT_FALSE(workload.judge);
  EXPECT_EQ(workload.macs, 4096u);
  const Outcome outcome = run(workload, chip());
  float first = 0;
  std::memcpy(&first, outcome.output.data(), 4);
  EXPECT_EQ(first, 120);  // 0 + 1 + ... + 15
}

TEST(TensorFile, ColumnMajorAndAllVersionsOfNpyAreRead) {
  TensorValue value{"", {DataType::f16, {2, 3}}, {}};
  for (std::uint8_t i = 0; i < 12; ++i) value.bytes.push_back(i);
  const std::string bytes = to_npy(value, "x");
  EXPECT_EQ((bytes.find('\n') + 1) % 64, 0u);
  EXPECT_EQ(parse_npy(bytes, "x").bytes, value.bytes);
  EXPECT_EQ(parse_npy(bytes, "x").type, value.type);
  std::string turned = bytes;
  turned.replace(turned.find("False"), 5, "True ");
  // (0,0) (1,0) (0,1) (1,1) (0,2) (1,2) in the file
  EXPECT_EQ(parse_npy(turned, "x").bytes,
            (std::vector<std::uint8_t>{0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11}));
  std::string wide = bytes;
  wide[6] = 2;
  wide.insert(10, 2, '\0');
  EXPECT_EQ(parse_npy(wide, "x").bytes, value.bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(parse_npy(bytes.substr(0, size), "x"), InputError);
  }
  const TensorValue scalar{"", {DataType::f32, {}}, {0, 0, 0x80, 0x3f}};
  EXPECT_EQ(parse_npy(to_npy(scalar, "x"), "x").type, scalar.type);
  const TensorValue vector{"", {DataType::f32, {1}}, {0, 0, 0x80, 0x3f}};
  EXPECT_EQ(parse_npy(to_npy(vector, "x"), "x").type, vector.type);
  EXPECT_THROW(to_npy({"", {DataType::bf16, {1}}, {0, 0}}, "x"), InputError);
}

TEST(RandomInputs, LookLikeUniformNumbersWithEveryFractionBit) {
  std::vector<std::uint8_t> bytes(2 * 65536);
  fill_random(bytes, DataType::f16, 1, "A");
  double sum = 0, squares = 0;
  std::uint32_t ones = 0, zeros = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const std::uint32_t bits = bytes[i] | bytes[i + 1] << 8;
    const double x = to_float(DataType::f16, bits);
    ones |= bits;
    zeros |= ~bits;
    sum += x;
    squares += x * x;
    ASSERT_LT(std::abs(x), 1);
  }
  EXPECT_NEAR(sum / 65536, 0, 0.01);
  EXPECT_NEAR(squares / 65536, 1.0 / 3, 0.01);
  EXPECT_EQ(ones & 0x3ff, 0x3ffu);
  EXPECT_EQ(zeros & 0x3ff, 0x3ffu);
}

}  // namespace
}  // namespace vitruvian::tb

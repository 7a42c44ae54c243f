// SPDX-License-Identifier: Apache-2.0
//
// The user's mistakes: a message that names what is wrong and what is allowed, exit code 2, nothing left.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/cli/program.h"

namespace vitruvian::tests {
namespace {

namespace fs = std::filesystem;

struct Mistake {
  std::string arguments;
  std::string says;  // a part of the message
};

std::string onnx(const std::string& test) { return std::string{VITRUVIAN_TEST_DATA} + "/onnx/" + test + "/model.onnx"; }

void expect_refused(const Mistake& mistake) {
  const ScratchFolder scratch;
  const Outcome outcome = vitruvian_program("run " + mistake.arguments + " --out " + scratch / "run");
  EXPECT_EQ(outcome.code, 2) << mistake.arguments << "\n" << outcome.text;
  EXPECT_NE(outcome.text.find(mistake.says), std::string::npos) << mistake.arguments << "\n" << outcome.text;
  EXPECT_TRUE(fs::is_empty(scratch.path())) << mistake.arguments << " left something";
}

TEST(BadInput, AWorkloadThatIsNoneIsNamedWithTheNearest) {
  expect_refused({"matmull:M=1", "did you mean 'matmul'?"});
  expect_refused({"pool2d:N=1", "'pool2d:N=1' is none we know"});
  expect_refused({"conv2d:N=1", "conv2d: C is missing"});
  expect_refused({"''", "workload '' is none we know"});
}

TEST(BadInput, AKeyIsNamedWithWhatIsAllowed) {
  expect_refused({"matmul:M=16,N=16,K=16,dtypo=fp16", "did you mean 'dtype'?"});
  expect_refused({"matmul:M=16,N=16,dtype=fp16", "K is missing"});
  expect_refused({"matmul:M=16,M=16,N=16,K=16,dtype=fp16", "M"});
  expect_refused({"matmul:M=16,N=16,K=16,dtype=fp8", "not one of fp16, bf16, fp32, hf32, int8, int4"});
  expect_refused({"matmul:M=16,N=16,K=16,dtype=fp16,relu=2", "relu=2"});
  expect_refused({"matmul:M=16,N=16,K=16,dtype=fp16,out=int8", "out=int8"});
  expect_refused({"matmul:M=16,N=16,K=16,dtype=fp16,l0=128x256", "l0=128x256"});
}

TEST(BadInput, SizesOfZeroBelowAndBeyondAreRefused) {
  for (const char* size : {"0", "-1", "1048577", "99999999999999999999", "1.5", "", "0x10", "ten"}) {
    expect_refused({std::string{"matmul:M="} + size + ",N=16,K=16,dtype=fp16", "from 1 to 1048576"});
  }
  expect_refused({"matmul:M=1000000,N=1000000,K=1000000,dtype=fp16", "does not fit"});
}

TEST(BadInput, OptionsThatContradictOrDoNotExistAreRefused) {
  const std::string matmul = "matmul:M=16,N=16,K=16,dtype=fp16 ";
  expect_refused({matmul + "--chip ascend910", "known: ascend910b1"});
  expect_refused({matmul + "--set bufers.l1=1", "did you mean 'buffers.l1'?"});
  expect_refused({matmul + "--set buffers.l1", "expected key=value"});
  expect_refused({matmul + "--set cube.m=12", "cube.m = 12 is not one of 8, 16, 32"});
  expect_refused({matmul + "--rtl vector", "there are: core, cube, mte1, mte2, mte3, fix"});
  expect_refused({matmul + "--rtl cube,mte4", "'mte4' is not a block with RTL"});
  expect_refused({matmul + "--rtl cube,", "'' is not a block with RTL"});
  expect_refused({matmul + "--rtl core,mte1", "name it alone"});
  expect_refused({matmul + "--rtl mte1 --waves", "add --rtl cube"});
  expect_refused({matmul + "--lockstep", "add --rtl cube"});
  expect_refused({matmul + "--waves", "add --rtl cube"});
  expect_refused({matmul + "--rtl cube --waves=10", "FROM:TO"});
  expect_refused({matmul + "--rtl cube --waves=10:10", "FROM must be below TO"});
  expect_refused({matmul + "--rtl cube --timing-only", "exclude each other"});
  expect_refused({matmul + "--numerics dot25", "did you mean 'dot24'?"});
  expect_refused({matmul + "--seed one", "'one' is not a whole number"});
  expect_refused({matmul + "--check race", "'race' is not one of races, uninit, bits (did you mean 'races'?)"});
  expect_refused({matmul + "--check races,,bits", "'' is not one of races, uninit, bits"});
  expect_refused({matmul + "--check bits --timing-only", "does not go with --timing-only"});
  expect_refused({matmul + "--inputs /nowhere", "/nowhere"});
  expect_refused({matmul + "--unknown", "--unknown"});
}

TEST(BadInput, OnnxFilesThatAreBrokenOrNotSupportedAreRefusedByName) {
  const ScratchFolder scratch;
  std::ofstream{scratch / "empty.onnx"};
  std::ofstream{scratch / "text.onnx"} << "not a model";
  std::ofstream cut{scratch / "cut.onnx", std::ios::binary};
  std::ifstream whole{onnx("test_matmul_2d"), std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{whole}, {}};
  cut << bytes.substr(0, bytes.size() / 2);
  cut.close();
  for (const char* name : {"empty.onnx", "text.onnx", "cut.onnx"}) expect_refused({scratch / name, name});
  expect_refused({"/nowhere/model.onnx", "cannot be read"});
  expect_refused({onnx("test_relu"), "operator Relu not supported; supported are MatMul, Gemm"});
  expect_refused({onnx("test_gemm_alpha"), "alpha = 0.5 is not supported"});
}

TEST(BadInput, InputsOfAnotherShapeAreRefused) {
  const std::string other = std::string{VITRUVIAN_TEST_DATA} + "/onnx/test_gemm_transposeB/test_data_set_0";
  expect_refused({onnx("test_matmul_2d") + " --inputs " + other, "input_2.pb: there are only 2 inputs"});
}

TEST(BadInput, AnAssemblyErrorNamesFileLineAndField) {
  const ScratchFolder scratch;
  std::ofstream{scratch / "bad.vasm"} << "scalar cost=1\nmmad c=0 a=0 b=0 m=5000 n=16 k=16 dtype=f16\n";
  expect_refused({scratch / "bad.vasm", "bad.vasm:2: mmad: m = 5000 is outside 0..4095 rows"});
}

TEST(BadInput, AnUnknownCommandIsNamedWithTheNearest) {
  const Outcome outcome = vitruvian_program("validat");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.text.find("did you mean 'validate'?"), std::string::npos) << outcome.text;
}

TEST(BadInput, AFolderThatCannotBeWrittenIsNamedAndNothingIsLeft) {
  const ScratchFolder scratch;
  const std::string matmul = "run matmul:M=16,N=16,K=16,dtype=fp16 --out ";
  for (const std::string& place : {std::string{"/proc/run"}, std::string{"/dev/null/run"}}) {
    const Outcome outcome = vitruvian_program(matmul + place);
    EXPECT_EQ(outcome.code, 2) << outcome.text;
    EXPECT_NE(outcome.text.find(place), std::string::npos) << outcome.text;
  }
  std::ofstream{scratch / "mine.txt"} << "keep";
  const Outcome outcome = vitruvian_program(matmul + scratch.path().string());
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.text.find("something other than a run"), std::string::npos) << outcome.text;
  EXPECT_TRUE(fs::exists(scratch / "mine.txt"));
}

// A file size limit stands for a full disk: writes fail half way.
TEST(BadInput, AFullDiskLeavesTheFormerRunAndNothingHalfWritten) {
  const ScratchFolder scratch;
  const std::string run = "run matmul:M=64,N=64,K=64,dtype=fp16 --out " + scratch / "run";
  ASSERT_EQ(vitruvian_program(run).code, 0);
  const auto former = fs::last_write_time(scratch / "run/result.json");
  const Outcome outcome = vitruvian_program(run, "ulimit -f 16; trap '' XFSZ;");
  EXPECT_EQ(outcome.code, 2) << outcome.text;
  const std::string says = scratch / "run/trace.json" + ": File too large";
  EXPECT_NE(outcome.text.find(says), std::string::npos) << outcome.text;
  EXPECT_EQ(fs::last_write_time(scratch / "run/result.json"), former);
  EXPECT_EQ(std::distance(fs::directory_iterator{scratch.path()}, fs::directory_iterator{}), 1);
}

}  // namespace
}  // namespace vitruvian::tests

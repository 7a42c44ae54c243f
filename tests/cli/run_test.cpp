// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace vitruvian::tests {
namespace {

using nlohmann::json;

json run(const std::string& arguments, const ScratchFolder& scratch, int code = 0) {
  const Outcome outcome = vitruvian_program("run " + arguments + " --out " + scratch / "run");
  EXPECT_EQ(outcome.code, code) << arguments << "\n" << outcome.text;
  std::ifstream in{scratch / "run/result.json"};
  return json::parse(in);
}

TEST(Run, EveryDtypeIsRightOnEveryByteWithOddShapesTransposesBiasAndRelu) {
  const ScratchFolder scratch;
  for (const char* dtype : {"fp16", "bf16", "fp32", "hf32", "int8", "int4"}) {
    for (const char* rest : {"", ",transA=1", ",transB=1", ",transA=1,transB=1", ",bias=1,relu=1"}) {
      // Two int4 fill a byte, so rows of it are even.
      const std::string sizes = std::string{dtype} == "int4" ? "M=62,N=84,K=98" : "M=61,N=83,K=97";
      const json result = run("matmul:" + sizes + ",dtype=" + dtype + rest, scratch);
      EXPECT_EQ(result["check"]["bit_exact"], true) << dtype << rest;
      EXPECT_LE(result["check"]["error_over_bound"], 1.0) << dtype << rest;
    }
  }
}

TEST(Run, SizesFromOneToLargerThanL1AreRight) {
  const ScratchFolder scratch;
  for (const char* shape : {"M=1,N=1,K=1", "M=1,N=300,K=500", "M=300,N=1,K=77", "M=17,N=19,K=23", "M=640,N=512,K=1030"}) {
    const json result = run(std::string{"matmul:"} + shape + ",dtype=fp16", scratch);
    EXPECT_EQ(result["check"]["bit_exact"], true) << shape;
  }
}

TEST(Run, OtherCubeShapesRunTheSameWorkloads) {
  const ScratchFolder scratch;
  std::uint64_t cycles = 0;
  for (const char* shape : {"--set cube.m=32", "", "--set cube.m=8 --set cube.k=8 --set cube.n=8"}) {
    const json result = run(std::string{"matmul:M=100,N=90,K=80,dtype=bf16 "} + shape, scratch);
    EXPECT_EQ(result["check"]["bit_exact"], true) << shape;
    EXPECT_GE(result["cycles"], cycles) << shape;
    cycles = result["cycles"];
  }
}

TEST(Run, TheSameSeedGivesTheSameRunAndTimingOnlyTheSameCycles) {
  const ScratchFolder scratch;
  const std::string matmul = "matmul:M=128,N=128,K=128,dtype=fp16 ";
  const json first = run(matmul + "--seed 0x2a", scratch), again = run(matmul + "--seed 42", scratch);
  EXPECT_EQ(first["check"]["max_abs_error"], again["check"]["max_abs_error"]);
  EXPECT_NE(first["check"]["max_abs_error"], run(matmul + "--seed 43", scratch)["check"]["max_abs_error"]);
  EXPECT_EQ(first["cycles"], run(matmul + "--timing-only", scratch)["cycles"]);
}

TEST(Run, BusyAndStallsOfEachPipeAddUpToTheCycles) {
  const ScratchFolder scratch;
  const json result = run("matmul:M=200,N=300,K=400,dtype=fp16", scratch);
  for (const auto& [pipe, states] : result["pipes"].items()) {
    std::uint64_t sum = states["busy"];
    for (const auto& [cause, cycles] : states["stalls"].items()) sum += cycles.get<std::uint64_t>();
    EXPECT_EQ(sum, result["cycles"]) << pipe;
  }
  EXPECT_FALSE(result["pipes"].contains("V"));
}

TEST(Run, TheRtlCubeInLockstepAgreesInValuesAndCyclesAndLeavesAWaveform) {
  const ScratchFolder scratch;
  const std::string matmul = "matmul:M=70,N=90,K=130,dtype=fp16 ";
  const json rtl = run(matmul + "--rtl cube --lockstep --waves=0:1500", scratch);
  EXPECT_EQ(rtl["rtl"]["blocks"], json::array({"cube"}));
  EXPECT_GT(rtl["rtl"]["lockstep"]["instructions"], 0);
  EXPECT_EQ(rtl["rtl"]["lockstep"]["value_mismatches"], 0);
  EXPECT_EQ(rtl["rtl"]["lockstep"]["cycle_mismatches"], 0);
  EXPECT_EQ(rtl["check"]["bit_exact"], true);
  EXPECT_TRUE(std::filesystem::exists(scratch / "run/waves.fst"));
  EXPECT_TRUE(std::filesystem::exists(scratch / "run/waves.gtkw"));
  EXPECT_EQ(rtl["cycles"], run(matmul, scratch)["cycles"]);
}

TEST(Run, RtlMoversInLockstepTakeTheSameCycles) {
  const ScratchFolder scratch;
  const std::string matmul = "matmul:M=70,N=90,K=130,dtype=fp16 ";
  const json alone = run(matmul, scratch);
  for (const std::string blocks : {"mte1", "mte2", "mte3,fix", "cube,mte1,mte2,mte3,fix"}) {
    const json rtl = run(matmul + "--lockstep --rtl " + blocks, scratch);
    EXPECT_EQ(rtl["rtl"]["lockstep"]["instructions"], rtl["instructions"]);
    EXPECT_EQ(rtl["rtl"]["lockstep"]["value_mismatches"], 0);
    EXPECT_EQ(rtl["rtl"]["lockstep"]["cycle_mismatches"], 0);
    EXPECT_EQ(rtl["check"]["bit_exact"], true);
    EXPECT_EQ(rtl["cycles"], alone["cycles"]);
    EXPECT_EQ(rtl["pipes"], alone["pipes"]);
  }
  EXPECT_EQ(run(matmul + "--rtl fix,mte2", scratch)["rtl"]["blocks"], json::array({"mte2", "fix"}));
}

TEST(Run, APublicOnnxCaseAgreesWithItsExpectedOutputAndADamagedOneIsExitOne) {
  const ScratchFolder scratch;
  const std::string data = std::string{VITRUVIAN_TEST_DATA} + "/onnx/test_gemm_default_vector_bias";
  EXPECT_EQ(run(data + "/model.onnx --inputs " + data + "/test_data_set_0", scratch)["check"]["expected_output"], true);
  const std::string copy = scratch / "data";
  std::filesystem::copy(data + "/test_data_set_0", copy);
  std::filesystem::permissions(copy + "/output_0.pb", std::filesystem::perms::owner_all);
  std::fstream file{copy + "/output_0.pb", std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(-1, std::ios::end);
  file.put('\x7e');  // the last float becomes huge
  file.close();
  EXPECT_EQ(run(data + "/model.onnx --inputs " + copy, scratch, 1)["check"]["expected_output"], false);
}

// A wait that nobody answers: explained, not a hang; and an event raised twice.
TEST(Run, ADeadlockAndADoubleSetAreExplainedWithExitOne) {
  const ScratchFolder scratch;
  std::ofstream{scratch / "dead.vasm"} << "wait_flag from=MTE1 to=M id=3\n";
  const Outcome dead = vitruvian_program("run " + scratch / "dead.vasm" + " --out " + scratch / "run");
  EXPECT_EQ(dead.code, 1) << dead.text;
  EXPECT_NE(dead.text.find("wait_flag from=MTE1 to=M id=3"), std::string::npos) << dead.text;
  std::ofstream{scratch / "twice.vasm"} << "set_flag from=MTE1 to=M id=3\nset_flag from=MTE1 to=M id=3\n";
  const Outcome twice = vitruvian_program("run " + scratch / "twice.vasm" + " --out " + scratch / "run");
  EXPECT_EQ(twice.code, 1) << twice.text;
  EXPECT_FALSE(std::filesystem::exists(scratch / "run"));
}

// The correct program of docs/assembly.md, and what is left of it without its second wait.
TEST(Run, ACheckFindsTheRaceOfAMissingWaitAndNothingInARightProgram) {
  const ScratchFolder scratch;
  const std::string text =
      ".tensor a 0x0000 f16 16x16 in\n.tensor b 0x1000 f16 16x16 in\n.tensor c 0x2000 f32 16x16 out\n"
      "copy_gm_l1_nd2nz dst=0 src=0 n_value=16 d_value=16 src_d_value=16 dst_c0_stride=16 dtype=f16\n"
      "copy_gm_l1_nd2nz dst=0x200 src=0x1000 n_value=16 d_value=16 src_d_value=16 dst_c0_stride=16 dtype=f16\n"
      "set_flag from=MTE2 to=MTE1 id=0\nwait_flag from=MTE2 to=MTE1 id=0\n"
      "load2d to=L0A dst=0 src=0 repeat=1 dtype=f16\n"
      "load2d to=L0B dst=0 src=0x200 repeat=1 transpose=1 dtype=f16\n"
      "set_flag from=MTE1 to=M id=0\nwait_flag from=MTE1 to=M id=0\n"
      "mmad c=0 a=0 b=0 m=16 n=16 k=16 dtype=f16 init=zero\n"
      "set_flag from=M to=FIX id=0\nwait_flag from=M to=FIX id=0\n"
      "fixpipe dst=0x2000 src=0 m=16 n=16 src_stride=16 dst_stride=16 acc=f32 nz2nd=1\n";
  std::ofstream{scratch / "right.vasm"} << text;
  const json right = run(scratch / "right.vasm" + " --check races,uninit,bits", scratch);
  EXPECT_EQ(right["check"]["races"]["count"], 0);
  EXPECT_EQ(right["check"]["uninitialised"]["count"], 0);
  EXPECT_TRUE(right["check"]["deadlock"].is_null());
  EXPECT_EQ(right["check"]["bit_exact"], true);

  std::string wrong = text;
  wrong.erase(wrong.find("set_flag from=MTE1 to=M"), sizeof "set_flag from=MTE1 to=M id=0\nwait_flag from=MTE1 to=M id=0\n" - 1);
  std::ofstream{scratch / "wrong.vasm"} << wrong;
  const json found = run(scratch / "wrong.vasm" + " --timing-only --check races", scratch, 1);
  ASSERT_EQ(found["check"]["races"]["count"], 2);  // L0A and L0B
  const json& first = found["check"]["races"]["first"][0];
  EXPECT_EQ(first["first_does"], "write");
  EXPECT_EQ(first["second_does"], "read");
  EXPECT_EQ(first["where"], (json{{"space", "L0A"}, {"from", 0}, {"to", 512}, {"bytes", 512}}));
  EXPECT_GT(found["cycles"], 0);
  EXPECT_EQ(run(scratch / "wrong.vasm" + " --timing-only", scratch)["check"]["races"], nullptr);  // not asked for
}

TEST(Run, ACheckedProgramThatCannotEndLeavesAResultThatSaysWhy) {
  const ScratchFolder scratch;
  std::ofstream{scratch / "dead.vasm"} << "wait_flag from=MTE1 to=M id=3\n";
  const json dead = run(scratch / "dead.vasm" + " --check races", scratch, 1);
  EXPECT_NE(dead["check"]["deadlock"].get<std::string>().find("chain: M waits for nobody"), std::string::npos);
  EXPECT_EQ(dead["cycles"], 0);
  EXPECT_TRUE(std::filesystem::exists(scratch / "run/report.html"));
  std::ofstream{scratch / "twice.vasm"} << "set_flag from=MTE1 to=M id=3\nset_flag from=MTE1 to=M id=3\n";
  const json twice = run(scratch / "twice.vasm" + " --check races", scratch, 1);
  EXPECT_EQ(twice["check"]["races"]["first"][0]["kind"], "raised_twice");
  EXPECT_NE(twice["check"]["fault"].get<std::string>().find("instruction"), std::string::npos);
}

TEST(Validate, EveryRowIsWithinItsLimit) {
  const double any = 1e9;
  const struct { const char* suite; int rows; double worst, mean; } limits[] = {
      {"mmad", 12, 3, 3}, {"local_copies", 29, 1, 1}, {"l0c_gm", 21, any, 10},
      {"gm_l1", 26, any, 10}, {"gm_l0", 15, any, 10}, {"matmul", 28, any, 10}};
  const Outcome outcome = vitruvian_program("validate --csv");
  ASSERT_EQ(outcome.code, 0);
  for (const auto& limit : limits) {
    std::istringstream lines{outcome.text};
    double sum = 0, worst = 0;
    int rows = 0;
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with(std::string{limit.suite} + ",")) continue;
      if (line.find(",yes,") == std::string::npos) continue;
      const double error = std::abs(std::stod(line.substr(line.rfind(',') + 1)));
      sum += error;
      worst = std::max(worst, error);
      ++rows;
    }
    EXPECT_EQ(rows, limit.rows) << limit.suite;
    EXPECT_LE(worst, limit.worst) << limit.suite;
    EXPECT_LE(sum / rows, limit.mean) << limit.suite;
  }
}

TEST(Validate, ItsPageIsFresh) {
  const Outcome outcome = vitruvian_program("validate --markdown");
  EXPECT_EQ(outcome.code, 0);
  std::ifstream page{std::string{VITRUVIAN_SOURCE_DIR} + "/docs/validation.md"};
  EXPECT_EQ(outcome.text, (std::string{std::istreambuf_iterator<char>{page}, {}}))
      << "docs/validation.md is written by `vitruvian validate --markdown`";
}

TEST(Validate, ASuiteThatIsOffByMoreThanItsLimitIsAnswerNo) {
  const ScratchFolder scratch;
  const auto validate = [&](const char* name, const char* cycles) {
    std::ofstream{scratch / name} << "suite,row,chip,clock_mhz,scored,source,unit,measured\n"
                                  << "mmad,back_to_back m=32 n=64 k=16,ascend910b1,1850,yes,here,cycles," << cycles << "\n";
    return vitruvian_program("validate --rows " + scratch / name);
  };
  EXPECT_EQ(validate("near.csv", "10").code, 0);
  EXPECT_EQ(validate("off.csv", "11").code, 1);
}

TEST(Help, FitsAScreenForEveryCommand) {
  for (const char* command : {"", "run", "compare", "chips", "validate", "asm", "disasm", "verify", "waves", "report", "completion"}) {
    const Outcome outcome = vitruvian_program(std::string{command} + " --help");
    EXPECT_EQ(outcome.code, 0) << command;
    EXPECT_LE(std::ranges::count(outcome.text, '\n'), 45) << command;
  }
}

TEST(Completion, IsAcceptedByBashAndKnowsTheOptions) {
  const ScratchFolder scratch;
  ASSERT_EQ(vitruvian_program("completion > " + scratch / "c.bash").code, 0);
  EXPECT_EQ(std::system(("bash -c 'source " + scratch / "c.bash" + " && COMP_WORDS=(vitruvian run --lock) COMP_CWORD=2 && _vitruvian && "
                         "[ \"${COMPREPLY[0]}\" = --lockstep ]'").c_str()), 0);
}

}  // namespace
}  // namespace vitruvian::tests

// SPDX-License-Identifier: Apache-2.0
#include "tb/report/output_files.h"

#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/arch/error.h"
#include "tb/report/report.h"
#include "tests/tb/report/synthetic.h"

namespace vitruvian::tb {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class OutputFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "vitruvian_output_XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder); }

  static std::set<std::string> names_in(const fs::path& path) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator{path}) names.insert(entry.path().filename());
    return names;
  }
  static std::string text_of(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  template <class Call>
  static std::string refusal(Call call) {
    try {
      call();
    } catch (const InputError& error) {
      return error.what();
    }
    return "not refused";
  }

  fs::path folder;
};

TEST_F(OutputFiles, AreWrittenWholeIntoAFolderMadeForThem) {
  const std::string big(3'000'000, 'x');
  write_files(folder / "a/b", std::vector<OutputFile>{{"one", "1\n"}, {"two", big}});
  EXPECT_EQ(names_in(folder / "a/b"), (std::set<std::string>{"one", "two"}));
  EXPECT_EQ(text_of(folder / "a/b/one"), "1\n");
  EXPECT_EQ(text_of(folder / "a/b/two"), big);
}

TEST_F(OutputFiles, TakeThePlaceOfEarlierOnes) {
  write_files(folder, std::vector<OutputFile>{{"one", "old and longer"}});
  write_files(folder, std::vector<OutputFile>{{"one", "new"}});
  EXPECT_EQ(text_of(folder / "one"), "new");
}

TEST_F(OutputFiles, AFolderInTheWayIsNamedAndNothingIsLeft) {
  fs::create_directories(folder / "two");
  const std::string what = refusal([&] {
    write_files(folder, std::vector<OutputFile>{{"one", "1"}, {"two", "2"}});
  });
  EXPECT_THAT(what, HasSubstr((folder / "two").string()));
  EXPECT_EQ(names_in(folder), (std::set<std::string>{"two"}));
}

TEST_F(OutputFiles, AFileWhereTheFolderShouldBeIsNamed) {
  std::ofstream{folder / "file"} << "x";
  const std::string path = (folder / "file/out").string();
  EXPECT_THAT(refusal([&] { prepare_folder(path); }), HasSubstr(path + ": Not a directory"));
  EXPECT_THAT(refusal([&] {
                write_files(path, std::vector<OutputFile>{{"one", "1"}});
              }),
              HasSubstr(path));
  EXPECT_THAT(refusal([&] { prepare_folder(folder / "file"); }), HasSubstr("file"));
}

TEST_F(OutputFiles, AFolderThatTakesNoFilesIsRefusedBeforeTheRun) {
  // /proc takes no files from anyone, root included.
  EXPECT_THAT(refusal([] { prepare_folder("/proc/self"); }), HasSubstr("/proc/self"));
}

TEST_F(OutputFiles, PreparingAFolderLeavesNothingInIt) {
  prepare_folder(folder / "new");
  EXPECT_TRUE(names_in(folder / "new").empty());
}

TEST_F(OutputFiles, AFullDeviceIsReportedWithItsReason) {
  EXPECT_THAT(refusal([] { write_whole("/dev/full", "text"); }),
              HasSubstr("/dev/full: No space left on device"));
}

TEST_F(OutputFiles, AFileTooLargeForItsLimitLeavesTheEarlierRunUntouched) {
  write_report(synthetic_run({.tiles = 2}), folder);
  const std::string before = text_of(folder / "result.json");
  const rlimit old = [] {
    rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    return limit;
  }();
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{20'000, old.rlim_max};  // result.json fits, trace.json does not
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string what = refusal([&] { write_report(synthetic_run({.tiles = 3}), folder); });
  setrlimit(RLIMIT_FSIZE, &old);
  EXPECT_THAT(what, HasSubstr((folder / "trace.json").string() + ": File too large"));
  EXPECT_EQ(names_in(folder), (std::set<std::string>{"report.html", "result.json", "trace.json"}));
  EXPECT_EQ(text_of(folder / "result.json"), before);
}

TEST_F(OutputFiles, AFullDiskLeavesNothingHalfWritten) {
  if (::mount("none", folder.c_str(), "tmpfs", 0, "size=96k") != 0)
    GTEST_SKIP() << "cannot mount a small tmpfs here";
  const std::string what = refusal([&] { write_report(synthetic_run({.tiles = 20}), folder); });
  const auto names = names_in(folder);
  ::umount(folder.c_str());
  EXPECT_THAT(what, HasSubstr("No space left on device"));
  EXPECT_TRUE(names.empty());
}

}  // namespace
}  // namespace vitruvian::tb

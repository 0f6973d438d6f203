#include "snn/train/run_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

#include "snn/text/error.h"
#include "support/error_of.h"
#include "support/temporary_directory.h"

namespace snn {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class RunDirectoryTest : public testing::Test {
 protected:
  static void write(const fs::path& path, const std::string& text = "") {
    std::ofstream(path) << text;
  }

  // Makes a run whose checkpoint was saved `hour` hours after that of the first run.
  void leave_run(const std::string& name, int hour) {
    const RunDirectory run = RunDirectory::create(out_, name, "mnist");
    write(run.config());
    write(run.log());
    write(run.last());
    static const auto start = fs::file_time_type::clock::now() - std::chrono::hours(1000);
    fs::last_write_time(run.last(), start + std::chrono::hours(hour));
  }

  // The path of the newest unfinished run.
  std::optional<fs::path> newest() const {
    const auto run = RunDirectory::open_unfinished(out_);
    return run ? std::optional(run->path()) : std::nullopt;
  }

  TemporaryDirectory folder_;
  fs::path out_ = folder_.path() / "runs";
};

TEST_F(RunDirectoryTest, HasItsFilesInPlace) {
  const RunDirectory run = RunDirectory::create(out_, "a", "mnist");
  EXPECT_EQ(run.path(), out_ / "a");
  EXPECT_EQ(run.config(), out_ / "a/config.yaml");
  EXPECT_EQ(run.metrics(), out_ / "a/metrics.csv");
  EXPECT_EQ(run.summary(), out_ / "a/summary.json");
  EXPECT_EQ(run.log(), out_ / "a/train.log");
  EXPECT_EQ(run.last(), out_ / "a/checkpoints/last.safetensors");
  EXPECT_EQ(run.best(), out_ / "a/checkpoints/best.safetensors");
  EXPECT_TRUE(fs::is_directory(out_ / "a/checkpoints"));
}

TEST_F(RunDirectoryTest, NumbersRunsWithoutAName) {
  EXPECT_EQ(RunDirectory::next_path(out_, "", "mnist"), out_ / "mnist-0001");
  EXPECT_FALSE(fs::exists(out_));
  EXPECT_EQ(RunDirectory::create(out_, "", "mnist").path(), out_ / "mnist-0001");
  EXPECT_EQ(RunDirectory::create(out_, "", "mnist").path(), out_ / "mnist-0002");
  EXPECT_EQ(RunDirectory::create(out_, "", "fashion").path(), out_ / "fashion-0001");
  fs::create_symlink("nowhere", out_ / "mnist-0003");
  write(out_ / "mnist-0004");
  EXPECT_EQ(RunDirectory::next_path(out_, "", "mnist"), out_ / "mnist-0005");
  fs::remove_all(out_ / "mnist-0001");
  EXPECT_EQ(RunDirectory::create(out_, "", "mnist").path(), out_ / "mnist-0001");
}

TEST_F(RunDirectoryTest, NeverTakesAnExistingName) {
  leave_run("a", 0);
  write(out_ / "file");
  fs::create_symlink("nowhere", out_ / "link");
  fs::create_directory(out_ / "own");
  write(out_ / "own/config.yaml");
  for (const std::string name : {"a", "file", "link", "own"}) {
    const auto create = [&] { RunDirectory::create(out_, name, "mnist"); };
    EXPECT_THAT(error_of(ExitCode::kUsage, create),
                HasSubstr((out_ / name).string() + " already exists; choose another name"));
    const auto look = [&] { RunDirectory::next_path(out_, name, "mnist"); };
    EXPECT_EQ(error_of(ExitCode::kUsage, look), error_of(ExitCode::kUsage, create));
  }
}

// A process that was killed before the first checkpoint leaves such a folder.
TEST_F(RunDirectoryTest, TakesOverAFolderInWhichNothingWasDone) {
  fs::create_directories(out_ / "empty");
  { const RunDirectory run = RunDirectory::create(out_, "a", "mnist"); }
  EXPECT_EQ(RunDirectory::next_path(out_, "a", "mnist"), out_ / "a");
  write(out_ / "a/train.log");
  write(out_ / "a/config.yaml");
  write(out_ / "a/checkpoints/last.safetensors.tmp");
  for (const char* name : {"empty", "a"}) {
    const auto create = [&] { RunDirectory::create(out_, name, "mnist"); };
    {
      const RunDirectory run = RunDirectory::create(out_, name, "mnist");
      EXPECT_EQ(run.path(), out_ / name);
      EXPECT_TRUE(fs::is_directory(run.last().parent_path()));
      EXPECT_EQ(fs::read_symlink(out_ / "latest"), name);
      EXPECT_THAT(error_of(ExitCode::kUsage, create), HasSubstr("another process is training"));
    }
    write(out_ / name / "summary.json");
    EXPECT_THAT(error_of(ExitCode::kUsage, create), HasSubstr("already exists"));
  }
}

TEST_F(RunDirectoryTest, SaysWhereItCannotBeMade) {
  write(folder_.path() / "file");
  const auto create = [&] { RunDirectory::create(folder_.path() / "file" / "runs", "a", "mnist"); };
  EXPECT_THAT(error_of(ExitCode::kUsage, create),
              HasSubstr("out-dir: cannot create " + (folder_.path() / "file/runs").string()));
  const auto create_long = [&] { RunDirectory::create(out_, std::string(300, 'x'), "mnist"); };
  EXPECT_THAT(error_of(ExitCode::kUsage, create_long), HasSubstr("File name too long"));
}

TEST_F(RunDirectoryTest, IsLockedAsLongAsItLives) {
  const fs::path path = out_ / "a";
  const auto open = [&] { RunDirectory::open(path); };
  {
    const RunDirectory run = RunDirectory::create(out_, "a", "mnist");
    EXPECT_EQ(error_of(ExitCode::kUsage, open),
              path.string() + ": another process is training in it");
  }
  {
    RunDirectory run = RunDirectory::open(path);
    EXPECT_NE(error_of(ExitCode::kUsage, open), "no error");
    const RunDirectory moved = std::move(run);
    EXPECT_NE(error_of(ExitCode::kUsage, open), "no error");
  }
  EXPECT_EQ(error_of(ExitCode::kUsage, open), "no error");
}

TEST_F(RunDirectoryTest, OpensOnlyFolders) {
  write(folder_.path() / "file");
  for (const char* name : {"file", "none"}) {
    const fs::path path = folder_.path() / name;
    EXPECT_THAT(error_of(ExitCode::kUsage, [&] { RunDirectory::open(path); }),
                HasSubstr(path.string() + ": "));
  }
}

TEST_F(RunDirectoryTest, PointsLatestAtTheNewestRun) {
  RunDirectory::create(out_, "a", "mnist");
  EXPECT_EQ(fs::read_symlink(out_ / "latest"), "a");
  RunDirectory::create(out_, "", "mnist");
  EXPECT_EQ(fs::read_symlink(out_ / "latest"), "mnist-0001");
  // No temporary link is left.
  EXPECT_EQ(std::distance(fs::directory_iterator(out_), {}), 3);
}

TEST_F(RunDirectoryTest, LeavesALatestThatIsTheUsersOwn) {
  fs::create_directories(out_ / "latest");
  RunDirectory::create(out_, "a", "mnist");
  EXPECT_FALSE(fs::is_symlink(out_ / "latest"));
}

// Otherwise a run started in the meantime would get the files of this one.
TEST_F(RunDirectoryTest, StaysWhereItIsWhenLatestMovesOn) {
  RunDirectory::create(out_, "a", "mnist");
  fs::create_directory_symlink("latest", out_ / "link");
  for (const fs::path& link : {out_ / "latest", out_ / "latest/", out_ / "link"}) {
    EXPECT_EQ(RunDirectory::open(link).path(), out_ / "a") << link;
  }
}

TEST_F(RunDirectoryTest, DoesNotFollowLinksInACircle) {
  fs::create_directories(out_);
  fs::create_directory_symlink("b", out_ / "a");
  fs::create_directory_symlink("a", out_ / "b");
  EXPECT_NE(error_of(ExitCode::kUsage, [&] { RunDirectory::open(out_ / "a"); }), "no error");
}

TEST_F(RunDirectoryTest, IsFoundFromItsCheckpoints) {
  leave_run("a", 0);
  EXPECT_EQ(run_of_checkpoint(out_ / "a/checkpoints/best.safetensors"), out_ / "a");
  EXPECT_EQ(run_of_checkpoint(out_ / "a/last.safetensors"), std::nullopt);
  EXPECT_EQ(run_of_checkpoint("last.safetensors"), std::nullopt);
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  EXPECT_EQ(run_of_checkpoint("runs/a/checkpoints/last.safetensors"), "runs/a");
  fs::current_path(out_ / "a");
  EXPECT_EQ(run_of_checkpoint("checkpoints/last.safetensors"), ".");
  fs::current_path(before);
}

// A last checkpoint makes a folder a run, or a best one if the last is lost; the user's own files
// do not.
TEST_F(RunDirectoryTest, IsWhateverHasACheckpointToGoOnFrom) {
  fs::create_directories(out_ / "own/checkpoints");
  for (const char* file : {"checkpoints/own.safetensors", "config.yaml", "metrics.csv"}) {
    write(out_ / "own" / file);
    EXPECT_EQ(run_of_checkpoint(out_ / "own/checkpoints/own.safetensors"), std::nullopt) << file;
    EXPECT_FALSE(is_run(out_ / "own")) << file;
  }
  EXPECT_EQ(newest(), std::nullopt);
  for (const char* file : {"last", "best"}) {
    const fs::path checkpoint = out_ / "own/checkpoints" / (std::string(file) + ".safetensors");
    write(checkpoint);
    EXPECT_EQ(run_of_checkpoint(checkpoint), out_ / "own");
    EXPECT_EQ(newest(), out_ / "own");
    fs::remove(checkpoint);
  }
}

TEST_F(RunDirectoryTest, RemovesWhatAKillLeft) {
  leave_run("a", 0);
  fs::create_directories(out_ / "a/pictures");
  for (const char* file : {"config.yaml.tmp", "checkpoints/best.safetensors.tmp",
                           "pictures/loss.svg.tmp", "notes.tmp", "own.txt.tmp"}) {
    write(out_ / "a" / file);
  }
  fs::create_directory_symlink("a", out_ / ".a.link");
  RunDirectory::open(out_ / "a");
  EXPECT_FALSE(fs::exists(out_ / "a/config.yaml.tmp"));
  EXPECT_FALSE(fs::exists(out_ / "a/checkpoints/best.safetensors.tmp"));
  EXPECT_FALSE(fs::exists(out_ / "a/pictures/loss.svg.tmp"));
  EXPECT_FALSE(fs::is_symlink(out_ / ".a.link"));
  EXPECT_TRUE(fs::exists(out_ / "a/notes.tmp") && fs::exists(out_ / "a/own.txt.tmp"));
}

TEST_F(RunDirectoryTest, IsFoundFromWithinItsCheckpoints) {
  leave_run("a", 0);
  const fs::path before = fs::current_path();
  fs::current_path(out_ / "a/checkpoints");
  for (const char* path : {"last.safetensors", "./last.safetensors"}) {
    const auto run = run_of_checkpoint(path);
    EXPECT_TRUE(run && fs::equivalent(*run, out_ / "a")) << path;
  }
  fs::current_path(before);
}

TEST_F(RunDirectoryTest, FindsTheNewestUnfinishedRun) {
  EXPECT_EQ(newest(), std::nullopt);
  leave_run("b", 2);
  leave_run("a", 3);
  leave_run("c", 1);
  EXPECT_EQ(newest(), out_ / "a");
  write(out_ / "a/summary.json");
  EXPECT_EQ(newest(), out_ / "b");
  {
    const RunDirectory in_use = RunDirectory::open(out_ / "b");
    EXPECT_EQ(newest(), out_ / "c");
  }
  EXPECT_EQ(newest(), out_ / "b");
  fs::remove(out_ / "b/checkpoints/last.safetensors");
  write(out_ / "stray");
  EXPECT_EQ(newest(), out_ / "c");
  leave_run("d", 1);
  EXPECT_EQ(newest(), out_ / "d") << "equal times go by name";
  write(out_ / "c/summary.json");
  write(out_ / "d/summary.json");
  EXPECT_EQ(newest(), std::nullopt);
}

TEST_F(RunDirectoryTest, OffersTheCheckpointThatItsSummaryReports) {
  leave_run("a", 0);
  const fs::path last = out_ / "a/checkpoints/last.safetensors";
  const fs::path best = out_ / "a/checkpoints/best.safetensors";
  EXPECT_EQ(find_checkpoint(out_ / "a", true), last);
  write(out_ / "a/summary.json", R"({"reported_checkpoint": "checkpoints/best.safetensors"})");
  EXPECT_EQ(find_checkpoint(out_ / "a", true), best);
  EXPECT_EQ(find_checkpoint(out_ / "a", false), last);
  EXPECT_EQ(find_checkpoint(last, true), last);
  EXPECT_EQ(find_checkpoint("no/such.safetensors", true), "no/such.safetensors");
}

TEST_F(RunDirectoryTest, RefusesToGuessACheckpoint) {
  leave_run("a", 0);
  const auto find = [&](const fs::path& path) {
    return error_of(ExitCode::kCheckpoint, [&] { find_checkpoint(path, true); });
  };
  EXPECT_THAT(find(out_), HasSubstr(out_.string() + ": not the folder of a run"));
  for (const char* text : {"", "{", "[]", "{}", R"({"reported_checkpoint": 1})"}) {
    write(out_ / "a/summary.json", text);
    EXPECT_THAT(find(out_ / "a"), HasSubstr("summary.json: damaged")) << text;
  }
}

}  // namespace
}  // namespace snn

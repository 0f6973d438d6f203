// Kills, full disks and failing calls at every point at which a run or a sweep changes a file. The
// remaining files must always suffice to resume to the same result.
//
// SNN_FAULT_STRIDE=1 tries every call (minutes); by default every 16th is tried.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "cli/program_test.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

long stride() {
  const char* text = std::getenv("SNN_FAULT_STRIDE");
  const long number = text == nullptr ? 0 : std::atol(text);
  return number > 0 ? number : 16;
}

class Faults : public ProgramTest {
 protected:
  // Injects the fault `what` into call number `first` of its kind in the started program.
  static ProcessOptions injecting(const std::string& call, long first, const std::string& what,
                                  const std::string& program = "snn-train") {
    ProcessOptions options;
    options.environment = {{"LD_PRELOAD", SNN_INJECT_LIBRARY},
                           {"SNN_INJECT", call + ":" + std::to_string(first) + ":" + what},
                           {"SNN_INJECT_PROGRAM", program}};
    return options;
  }

  static Words job(const std::string& name) {
    return small_training() + Words{"--validation", "20", "--tensorboard", "-q",
                                    "--run-name",   name, "--resume",      "auto"};
  }

  fs::path run_folder(const std::string& name) const { return path("runs") / name; }
  fs::path last(const std::string& name) const {
    return run_folder(name) / "checkpoints/last.safetensors";
  }
  fs::path best(const std::string& name) const {
    return run_folder(name) / "checkpoints/best.safetensors";
  }

  // Trains runs/unbroken without faults; returns the number of calls that change files.
  long train_unbroken() const {
    ProcessOptions options = injecting("any", 0, "count");
    options.environment.emplace_back("SNN_INJECT_COUNT", path("count").string());
    const ProcessResult result = train(job("unbroken"), options);
    EXPECT_EQ(result.code, 0) << result.err;
    return std::atol(bytes_of(path("count")).c_str());
  }

  // Expects the run to end as if nothing had happened, without incomplete files.
  void expect_to_complete(const std::string& name) const {
    const bool is_done = fs::exists(run_folder(name) / "summary.json");
    const ProcessResult result = train(job(name));
    EXPECT_TRUE(result.code == 0 || (is_done && result.code == 2)) << result.code << result.err;
    EXPECT_EQ(bytes_of(last(name)), bytes_of(last("unbroken")));
    EXPECT_EQ(bytes_of(best(name)), bytes_of(best("unbroken")));
    const auto summary = parse(bytes_of(run_folder(name) / "summary.json"));
    const auto expected = parse(bytes_of(run_folder("unbroken") / "summary.json"));
    EXPECT_EQ(summary["test_accuracy"], expected["test_accuracy"]);
    EXPECT_EQ(summary["outcome"], "finished");
    for (const auto& entry : fs::recursive_directory_iterator(run_folder(name))) {
      EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
    }
  }

  void expect_to_survive(const std::string& what, long first, long calls, long step) const {
    for (long at = first; at <= calls; at += step) {
      const std::string name = "at-" + std::to_string(at);
      SCOPED_TRACE(what + " at call " + std::to_string(at));
      const ProcessResult result = train(job(name), injecting("any", at, what));
      EXPECT_THAT(result.err, Not(HasSubstr("internal error")));
      if (what == "kill") {
        EXPECT_TRUE(result.code == -SIGKILL || result.code == 0) << result.code;
      } else {
        EXPECT_THAT(result.code, testing::AnyOf(0, 1, 2)) << result.err;
        // A failure must be reported.
        if (result.code != 0) {
          EXPECT_THAT(result.err, HasSubstr("snn-train: "));
        } else {
          EXPECT_EQ(bytes_of(last(name)), bytes_of(last("unbroken")));
        }
      }
      expect_to_complete(name);
      if (HasFailure()) return;
      fs::remove_all(run_folder(name));
    }
  }
};

TEST_F(Faults, AKillAtAnyCallLosesNothing) {
  const long calls = train_unbroken();
  ASSERT_GT(calls, 40);
  expect_to_survive("kill", 1, calls, stride());
}

TEST_F(Faults, AnyCallThatFailsOnceIsSurvived) {
  const long calls = train_unbroken();
  long first = 1;
  for (const char* error : {"ENOSPC", "EIO", "EACCES", "EINTR", "short"}) {
    expect_to_survive(error, first, calls, 2 * stride());
    first = first % stride() + 3;  // each fault is tried at other calls
  }
}

TEST_F(Faults, ADiskThatIsFullFromAnyCallOnLosesNothing) {
  const long calls = train_unbroken();
  for (const char* error : {"ENOSPC+", "EROFS+"}) {
    expect_to_survive(error, 5, calls, 2 * stride());
  }
}

TEST_F(Faults, ASweepThatIsKilledAtAnyCallGoesOn) {
  const auto words = [&](const std::string& folder) {
    return small_training() + Words{"--set",       "beta=0.5,0.9",
                                    "-q",          "--no-report",
                                    "--out-dir",   folder,
                                    "--snn-train", SNN_TRAIN_BINARY,
                                    "-j",          "1"};
  };
  // Times, memory and speed differ between runs.
  const auto results = [&](const std::string& folder) {
    std::string text = bytes_of(path(folder) / "sweep.csv");
    std::vector<std::string> kept;
    const auto lines = split(text, '\n');
    const auto names = split(lines[0], ',');
    for (const std::string& line : lines) {
      const auto cells = split(line, ',');
      for (std::size_t i = 0; i < std::min(cells.size(), names.size()); ++i) {
        const bool is_timed = names[i] == "seconds" || names[i].ends_with("_per_second") ||
                              names[i] == "peak_memory_mb";
        if (!is_timed) kept.push_back(cells[i]);
      }
    }
    return kept;
  };
  ProcessOptions counting = injecting("any", 0, "count", "snn-sweep");
  counting.environment.emplace_back("SNN_INJECT_COUNT", path("count").string());
  const ProcessResult unbroken = sweep(words("unbroken"), counting);
  ASSERT_EQ(unbroken.code, 0) << unbroken.err;
  const long calls = std::atol(bytes_of(path("count")).c_str());
  ASSERT_GT(calls, 10);
  for (long at = 1; at <= calls; at += stride()) {
    const std::string name = "at-" + std::to_string(at);
    SCOPED_TRACE(name);
    const ProcessResult killed = sweep(words(name), injecting("any", at, "kill", "snn-sweep"));
    EXPECT_EQ(killed.code, -SIGKILL);
    const ProcessResult again = sweep(words(name));
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_EQ(results(name), results("unbroken"));
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace snn::cli

#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cli/program_test.h"
#include "snn/train/checkpoint.h"

namespace snn::cli {

/// Tests of runs in runs/NAME.
class RunTest : public ProgramTest {
 protected:
  /// Trains in runs/NAME and expects success.
  ProcessResult train_as(const std::string& name, const Words& more = {}) const {
    ProcessResult result = train(small_training() + more + Words{"--run-name", name});
    EXPECT_EQ(result.code, 0) << result.err;
    return result;
  }

  ProcessResult resume(const std::string& name, const Words& more = {}) const {
    return train(Words{"--data-dir", fixture(), "--resume", "runs/" + name} + more);
  }

  std::string checkpoint_path(const std::string& run, const std::string& name = "last") const {
    return "runs/" + run + "/checkpoints/" + name + ".safetensors";
  }
  std::string last(const std::string& run) const { return bytes_of(path(checkpoint_path(run))); }
  std::string log(const std::string& run) const {
    return bytes_of(path("runs/" + run + "/train.log"));
  }

  /// The lines of metrics.csv without the last two columns, which depend on time.
  std::vector<std::string> timeless_metrics(const std::string& run) const {
    std::vector<std::string> lines;
    for (std::string line : split(bytes_of(path("runs/" + run + "/metrics.csv")), '\n')) {
      for (int column = 0; column < 2 && !line.empty(); ++column) line.resize(line.rfind(','));
      lines.push_back(line);
    }
    EXPECT_GE(lines.size(), 3u);
    return lines;
  }

  /// Trains as runs/NAME for longer than a test takes, and calls `act` when the line of `epoch`
  /// shows that training is in progress.
  ProcessResult interrupt(const std::string& name, const std::function<void(pid_t)>& act,
                          const std::string& preparation = ":", const Words& more = {},
                          int epoch = 1) const {
    ProcessOptions options;
    bool is_done = false;
    options.on_err = [&](pid_t child, const std::string& err) {
      if (is_done || err.find(" " + std::to_string(epoch) + "/3000 ") == std::string::npos) return;
      is_done = true;
      act(child);
    };
    return train_after(preparation,
                       small_training() + Words{"-e", "3000", "--run-name", name} + more, options);
  }

  /// Finishes the epoch in which runs/NAME was interrupted, and expects the same files as without
  /// an interruption.
  void expect_to_go_on(const std::string& name, const Words& words) const {
    const std::string checkpoint = checkpoint_path(name);
    const Progress progress = load_checkpoint(path(checkpoint)).progress;
    ASSERT_GE(progress.epoch, 1);
    const std::string epochs = std::to_string(progress.epoch + 1);
    const ProcessResult resumed = train(words + Words{"-e", epochs});
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_THAT(resumed.err, testing::HasSubstr("resuming " + checkpoint + " after epoch "));
    train_as(name + "-unbroken", {"-e", epochs});
    EXPECT_EQ(last(name), last(name + "-unbroken"));
    EXPECT_EQ(timeless_metrics(name), timeless_metrics(name + "-unbroken"));
  }
};

}  // namespace snn::cli

// The reaction of the programs to signals that ask them to end.

#include "cli/run_test.h"
#include "system/end_signals.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

using Signals = RunTest;

// The signals are those of a closing terminal, of a batch system before the time limit, and of a
// limit on processor time.
TEST_F(Signals, LeaveACheckpointWhicheverTheyAre) {
  for (const int signal : {SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU}) {
    const std::string name = signal_name(signal);
    const ProcessResult result = interrupt(name, [signal](pid_t child) { ::kill(child, signal); });
    EXPECT_EQ(result.code, 128 + signal) << result.err;
    EXPECT_THAT(result.err, HasSubstr("warning: interrupted by " + name + " in epoch "));
    EXPECT_THAT(log(name), HasSubstr(" warning interrupted by " + name + " in epoch "));
    EXPECT_GE(load_checkpoint(path(checkpoint_path(name))).progress.epoch, 1);
  }
  expect_to_go_on("SIGHUP", {"--data-dir", fixture(), "--resume", "runs/SIGHUP"});
}

// Both signals are sent while the program is stopped, so that both are pending when it continues.
TEST_F(Signals, StayIgnoredWhereTheyWere) {
  const auto act = [](pid_t child) {
    ::kill(child, SIGSTOP);
    ::kill(child, SIGHUP);
    ::kill(child, SIGTERM);
    ::kill(child, SIGCONT);
  };
  const ProcessResult result = interrupt("a", act, "trap '' HUP");  // as nohup does
  EXPECT_EQ(result.code, 143);
  EXPECT_THAT(result.err, HasSubstr("interrupted by SIGTERM"));
}

// The kernel sends SIGXCPU every second, and a closing terminal may send SIGHUP twice.
TEST_F(Signals, OfQueuesAndTerminalsMayComeTwice) {
  const auto act = [](pid_t child) {
    ::kill(child, SIGSTOP);
    ::kill(child, SIGHUP);
    ::kill(child, SIGXCPU);
    ::kill(child, SIGCONT);
  };
  EXPECT_THAT(interrupt("a", act).err, HasSubstr("interrupted by SIG"));
}

TEST_F(Signals, TellAPersonWhatTheyLeadTo) {
  ProcessOptions options{.on_terminal = true, .environment = {{"TERM", "xterm"}}};
  bool is_done = false;
  options.on_err = [&](pid_t child, const std::string& err) {
    if (is_done || err.find(" 1/3000 ") == std::string::npos) return;
    is_done = true;
    ::kill(child, SIGINT);
  };
  const ProcessResult result =
      train(small_training() + Words{"-e", "3000", "--run-name", "a"}, options);
  EXPECT_EQ(result.code, 130);
  EXPECT_THAT(result.err, HasSubstr("stopping after this batch and a checkpoint"));
}

// The limit on the file size, in blocks of 512 bytes, is less than a checkpoint of 190 kB.
TEST_F(Signals, OfFilesThatAreTooLargeAreErrors) {
  const ProcessResult result =
      train_after("ulimit -f 100", small_training() + Words{"--run-name", "a"});
  EXPECT_EQ(result.code, 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("last.safetensors: File too large\n"));
  EXPECT_THAT(log("a"), HasSubstr(" error cannot write runs/a/checkpoints/last.safetensors: "));
  EXPECT_TRUE(fs::is_empty(path("runs/a/checkpoints")));
}

TEST_F(Signals, PassThroughASweep) {
  bool is_done = false;
  ProcessOptions options;
  options.on_err = [&](pid_t child, const std::string& err) {
    if (is_done || err.find("runs in s") == std::string::npos) return;
    is_done = true;
    while (!fs::exists(path("s/runs/seed=1/metrics.csv"))) sched_yield();
    ::kill(child, SIGHUP);
  };
  const ProcessResult result = sweep({"--data-dir", fixture(), "--hidden", "20", "-T", "5", "-b",
                                      "2", "-e", "3000", "--seeds", "2", "--out-dir", "s"},
                                     options);
  EXPECT_EQ(result.code, 128 + SIGHUP) << result.err;
  EXPECT_THAT(result.err, HasSubstr("stopping: each run writes a checkpoint first\n"));
  EXPECT_THAT(result.err, Not(HasSubstr("failed")));
  EXPECT_THAT(bytes_of(path("s/logs/seed=1.log")), HasSubstr("interrupted by SIGHUP"));
  EXPECT_THAT(bytes_of(path("s/sweep.csv")), HasSubstr("interrupted"));
}

}  // namespace
}  // namespace snn::cli

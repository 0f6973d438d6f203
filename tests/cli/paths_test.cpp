// Paths that a shell would expand, and printed commands that users paste into one.

#include <gmock/gmock.h>

#include "cli/program_test.h"

namespace snn::cli {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class Paths : public ProgramTest {
 protected:
  // Sets `home` as the home folder.
  ProcessOptions at_home() const { return {.environment = {{"HOME", path("home").string()}}}; }
};

TEST_F(Paths, LeadHome) {
  fs::create_directory(path("home"));
  write_text(path("x.yaml"), "out-dir: ~/runs\n");
  const Words quick = small_training() + Words{"-e", "1", "-q", "--run-name", "x"};
  ASSERT_EQ(train(quick + Words{"--config", "x.yaml"}, at_home()).code, 0);
  EXPECT_TRUE(fs::exists(path("home/runs/x/summary.json")));
  const ProcessResult tested =
      eval({"~/runs/x", "--predictions=~/p.csv", "--data-dir", fixture()}, at_home());
  EXPECT_EQ(tested.code, 0) << tested.err;
  EXPECT_TRUE(fs::exists(path("home/p.csv")));
  EXPECT_EQ(report({"~/runs/x", "--out=~/r.html"}, at_home()).code, 0);
  EXPECT_TRUE(fs::exists(path("home/r.html")));
  EXPECT_EQ(neuron({"--svg=~/n.svg", "--csv=~/n.csv"}, at_home()).code, 0);
  EXPECT_TRUE(fs::exists(path("home/n.csv")));
  const ProcessResult resumed =
      train({"--resume=~/runs/x", "-e", "2", "--data-dir", fixture(), "-q"}, at_home());
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(sweep(Words{"--seeds", "2", "--out-dir=~/s", "--dry-run"}, at_home()).code, 0);
  EXPECT_THAT(sweep({"--seeds", "2", "--out-dir=~/s", "--dry-run"}, at_home()).out,
              HasSubstr("2 runs in " + path("home/s").string()));
  EXPECT_FALSE(fs::exists(path("~")));
}

TEST_F(Paths, AreRefusedWhereOnlyAShellExpandsThem) {
  const ProcessResult result = train({"--out-dir=$HOME/x"}, at_home());
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("--out-dir: expected a path, found '$HOME/x'"));
  EXPECT_THAT(result.err, HasSubstr("write " + path("home").string() + "/x"));
  EXPECT_THAT(sweep({"--seeds", "2", "--out-dir", "$HOME/s"}).err,
              HasSubstr("--out-dir: expected a path"));
  EXPECT_FALSE(fs::exists(path("$HOME")));
}

// The command that follows `marker` in a text.
std::string command_after(const std::string& text, const std::string& marker) {
  const std::size_t at = text.find(marker);
  EXPECT_NE(at, std::string::npos) << text;
  if (at == std::string::npos) return "false";
  const std::size_t first = at + marker.size();
  return text.substr(first, text.find('\n', first) - first);
}

TEST_F(Paths, GoOnWithTheCommandThatIsShown) {
  const fs::path folder = path("it's a $(touch oops) folder");
  fs::create_directory(folder);
  // The program is called by a path, as in a build folder.
  fs::create_directory(folder / "build dir");
  fs::create_symlink(SNN_TRAIN_BINARY, folder / "build dir/snn-train");
  const Words long_training = small_training() + Words{"-e", "3000", "--no-report", "-j", "1"};
  ProcessOptions options{.folder = folder, .environment = {{"SNN_DATA_DIR", ""}}};
  bool is_sent = false;
  options.on_err = [&](pid_t process, const std::string& err) {
    if (is_sent || err.find(" 1/3000 ") == std::string::npos) return;
    ::kill(process, SIGTERM);
    is_sent = true;
  };
  const ProcessResult stopped = run_process(
      Words{"build dir/snn-train"} + long_training + Words{"--out-dir", "my runs"}, options);
  ASSERT_EQ(stopped.code, 143) << stopped.err;
  const std::string command = command_after(stopped.err, "resume with: ");
  EXPECT_THAT(command, testing::StartsWith("'build dir/snn-train' "));
  options.on_err = {};
  const ProcessResult shown = run_process({"/bin/sh", "-c", command + " --print-config"}, options);
  EXPECT_EQ(shown.code, 0) << command << '\n' << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("out-dir: 'my runs'\n"));
  EXPECT_FALSE(fs::exists(folder / "oops"));
}

TEST_F(Paths, LeadToTheScriptThatFetchesData) {
  const ProcessResult result = train({"--data-dir", "no such folder"});
  EXPECT_EQ(result.code, 3);
  const std::string script = SNN_SOURCE_DIR "/scripts/get-data.sh";
  if (std::string(SNN_TRAIN_BINARY).find(SNN_SOURCE_DIR) == 0) {
    const std::size_t at = result.err.find("scripts/get-data.sh");
    ASSERT_NE(at, std::string::npos) << result.err;
    const std::size_t first = result.err.rfind(' ', at) + 1;
    const fs::path shown = result.err.substr(first, at + 19 - first);
    EXPECT_TRUE(fs::equivalent(path("") / shown, script)) << shown;
  }
  EXPECT_THAT(result.err, HasSubstr(" mnist 'no such folder"));
}

TEST_F(Paths, AreThoseOfTheProgramAsItWasCalled) {
  fs::create_directory(path("bin"));
  fs::create_symlink(SNN_REPORT_BINARY, path("bin/snn-report"));
  const ProcessResult result = run_process({"bin/snn-report"}, {.folder = path("")});
  EXPECT_THAT(result.err, HasSubstr("try: bin/snn-report runs/latest\n"));
}

}  // namespace
}  // namespace snn::cli

// Tests the text passed to shells and to Slurm, and the sharing of cores.

#include "sweep/execute.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "support/error_of.h"
#include "support/temporary_directory.h"
#include "text/shell.h"

namespace snn {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(ShareOf, FillsTheCoresAndNoMore) {
  for (int cores = 1; cores <= 40; ++cores) {
    for (int jobs = 1; jobs <= cores; ++jobs) {
      int left = cores;
      for (int slots = jobs; slots > 0; --slots) {
        const int threads = share_of(left, slots);
        EXPECT_GE(threads, 1);
        EXPECT_LE(threads, (cores + jobs - 1) / jobs);
        left -= threads;
      }
      EXPECT_EQ(left, 0) << cores << " cores, " << jobs << " jobs";
    }
  }
}

// The output of a shell that echoes a line.
std::string echoed(const std::string& line) {
  TemporaryDirectory folder;
  const fs::path out = folder.path() / "out";
  EXPECT_EQ(std::system((line + " >" + out.string()).c_str()), 0);
  std::ifstream stream(out);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(ShellLine, IsReadBackAsItWas) {
  const std::vector<std::string> words = {"a b", "",    "it's",       "$HOME", "[{\"a\":1}]",
                                          "*",   "x=y", "two\nlines", "\\",    "0.5"};
  std::string expected;
  for (const std::string& word : words) expected += "<" + word + ">";
  std::vector<std::string> line = {"printf", "<%s>"};
  line.insert(line.end(), words.begin(), words.end());
  EXPECT_EQ(echoed(shell_line(line)), expected);
  EXPECT_EQ(shell_line({"snn-train", "--beta", "0.5", "--run-name", "beta=0.5_seed=1"}),
            "snn-train --beta 0.5 --run-name beta=0.5_seed=1");
}

class Templates : public testing::Test {
 protected:
  Templates() {
    Definition definition;
    definition.name = "my sweep";
    apply_set("beta=0.1,0.2,0.3,0.4,0.5", definition);
    plan = make_plan(definition);
    for (const std::size_t run : {0, 1, 2, 4}) {
      tasks.push_back({run, {"/bin/snn train", "--beta", "it's"}});
    }
  }

  Plan plan;
  SweepFiles files{"sweeps/x"};
  Signals signals;
  Execution execution{plan, files, signals};
  std::vector<Task> tasks;
};

TEST_F(Templates, AreFilled) {
  EXPECT_EQ(filled_template("nice {command} # {name} {index} {slot} {log} {\"a\": 1} ${HOME} {A}",
                            tasks[3], 7, execution),
            "nice '/bin/snn train' --beta 'it'\\''s' # beta=0.5_seed=1 4 7 "
            "sweeps/x/logs/beta=0.5_seed=1.log {\"a\": 1} ${HOME} {A}");
  tasks[0].command = {"/bin/pwd"};
  EXPECT_EQ(echoed("cd / && " + filled_template("sh -c {quoted}", tasks[0], 1, execution)),
            fs::current_path().string() + "\n");
}

TEST_F(Templates, AreChecked) {
  EXPECT_EQ(
      template_problem("ssh node{slot} {quoted} '{\"spec\": {x}}' ${home}"),
      "unknown placeholder {x}; expected {command}, {quoted}, {name}, {index}, {slot}, {log}");
  EXPECT_EQ(template_problem("ssh node{slot} {quoted} ${home}"), "");
  EXPECT_EQ(template_problem("{comand}"),
            "unknown placeholder {comand} (did you mean 'command'?); expected {command}, {quoted}, "
            "{name}, {index}, {slot}, {log}");
  EXPECT_EQ(template_problem("true"), "expected {command} or {quoted} in it, found neither");
}

TEST_F(Templates, MakeAJobArray) {
  execution.jobs = 3;
  execution.threads = 2;
  const std::string script = slurm_script(tasks, execution);
  EXPECT_THAT(script, HasSubstr("#SBATCH --job-name='my sweep'\n"));
  EXPECT_THAT(script, HasSubstr("#SBATCH --array=0-2,4%3\n"));
  EXPECT_THAT(script, HasSubstr("#SBATCH --cpus-per-task=2\n"));
  EXPECT_THAT(script,
              HasSubstr("  4)\n    name=beta=0.5_seed=1\n    set -- '/bin/snn train' --beta "
                        "'it'\\''s' ;;\n"));
  execution.jobs = 0;
  execution.threads = 0;
  const std::string shared = slurm_script(tasks, execution);
  EXPECT_THAT(shared, HasSubstr("#SBATCH --array=0-2,4\n"));
  EXPECT_THAT(shared, HasSubstr("--beta 'it'\\''s' --threads 1 ;;\n"));
}

// A directive is a comment for the shell and ends with its line.
TEST_F(Templates, LetNoNameOutOfALineOfTheJobArray) {
  plan.name = "a\n#\ntouch PWNED";
  EXPECT_EQ(error_of(ExitCode::kUsage, [&] { slurm_script(tasks, execution); }),
            "slurm.sh: '--job-name='a?#?touch PWNED'' has a line break or another control "
            "character; rename it, or choose another --out-dir");
  plan.name = "a";
  files = SweepFiles("s\ntouch PWNED");
  EXPECT_THAT(error_of([&] { slurm_script(tasks, execution); }), HasSubstr("has a line break"));
  files = SweepFiles("50%j");
  EXPECT_THAT(slurm_script(tasks, execution), HasSubstr("/50%%j/logs/slurm-%A_%a.out"));
}

}  // namespace
}  // namespace snn

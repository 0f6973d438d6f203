#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "cli/output_file.h"
#include "snn/text/text.h"
#include "support/error_of.h"
#include "support/temporary_directory.h"

namespace snn::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Program program(const std::string& positional = "") {
  Program program;
  program.name = "snn-train";
  program.summary = "Trains spiking neural networks.";
  program.positional = positional;
  program.positional_help = "A run";
  for (const Option& option : options()) program.options.push_back(&option);
  program.actions = {{"config", "FILE", "Read options from a file"},
                     {"split", "train|test", "A part", {"train", "test"}},
                     {"dry-run", "", "Write nothing"}};
  program.footer = "Examples:\n  snn-train --beta 0.9\n";
  return program;
}

struct Reading {
  bool goes_on = false;
  CommandLine line;
  Settings settings;
  std::string output;
};

Reading read(std::vector<const char*> words, const std::string& positional = "") {
  words.insert(words.begin(), "snn-train");
  Reading reading;
  testing::internal::CaptureStdout();
  reading.goes_on = read_command_line(program(positional), static_cast<int>(words.size()),
                                      words.data(), "snn-train 1.2.3", reading.line);
  reading.output = testing::internal::GetCapturedStdout();
  apply_flags(reading.line, reading.settings);
  return reading;
}

Config config_of(const std::vector<const char*>& words) {
  const Reading reading = read(words);
  EXPECT_THAT(reading.settings.problems, IsEmpty());
  return reading.settings.config;
}

std::vector<std::string> problems(const std::vector<const char*>& words,
                                  const std::string& positional = "") {
  return read(words, positional).settings.problems;
}

TEST(CommandLine, SetsNothingByItself) {
  const Reading reading = read({});
  EXPECT_TRUE(reading.goes_on);
  EXPECT_EQ(reading.settings.config, Config{});
  EXPECT_THAT(reading.settings.origin, IsEmpty());
  EXPECT_THAT(reading.settings.problems, IsEmpty());
}

TEST(CommandLine, ReadsValuesInEverySpelling) {
  EXPECT_EQ(config_of({"--steps", "7"}).steps, 7);
  EXPECT_EQ(config_of({"--steps=7"}).steps, 7);
  EXPECT_EQ(config_of({"-T", "7"}).steps, 7);
  EXPECT_EQ(config_of({"-T7"}).steps, 7);
  EXPECT_EQ(config_of({"-T=7"}).steps, 7);
  EXPECT_THAT(config_of({"--hidden", "800,400"}).hidden, ElementsAre(800, 400));
  EXPECT_THAT(config_of({"--hidden", "[800,400]"}).hidden, ElementsAre(800, 400));
  EXPECT_THAT(config_of({"--hidden", "none"}).hidden, IsEmpty());
  EXPECT_EQ(config_of({"--out-dir", "a=b,c"}).out_dir, "a=b,c");
  EXPECT_EQ(config_of({"--out-dir=--x"}).out_dir, "--x");
  EXPECT_EQ(config_of({"--out-dir", "{}"}).out_dir, "{}");
}

TEST(CommandLine, ReadsEveryOptionOfTheTable) {
  for (const Option& option : options()) {
    const std::string flag = "--" + option.name;
    const std::string text = option.format(Config{});
    const Reading reading = read({flag.c_str(), text.c_str()});
    EXPECT_THAT(reading.settings.problems, IsEmpty()) << flag;
    EXPECT_EQ(reading.settings.origin.at(option.name), flag);
    EXPECT_EQ(reading.settings.config, Config{}) << flag;
  }
}

TEST(CommandLine, KeepsTheLastOfRepeatedFlags) {
  EXPECT_EQ(config_of({"--steps", "7", "-T8", "--steps=9"}).steps, 9);
  EXPECT_FALSE(config_of({"--json", "--no-json"}).json);
}

TEST(CommandLine, TakesNoValueForANegatedSwitch) {
  EXPECT_THAT(problems({"--no-learn-beta=true"}), ElementsAre("--no-learn-beta: takes no value"));
}

TEST(CommandLine, KeepsEmptyValues) {
  EXPECT_EQ(config_of({"--out-dir", ""}).out_dir, "");
  const Reading reading = read({"--out-dir=", "run1"}, "RUN");
  EXPECT_EQ(reading.settings.config.out_dir, "");
  EXPECT_EQ(reading.line.positional, "run1");
}

TEST(CommandLine, ReadsSwitches) {
  EXPECT_TRUE(config_of({"--json"}).json);
  EXPECT_TRUE(config_of({"-q"}).quiet);
  EXPECT_TRUE(config_of({"--json", "true"}).json);
  EXPECT_FALSE(config_of({"--progress", "false"}).progress);
  EXPECT_FALSE(config_of({"--progress=false"}).progress);
  EXPECT_FALSE(config_of({"--no-progress"}).progress);
  EXPECT_EQ(option_text(config_of({"--learn-beta"}), "learn-beta"), "true");
  EXPECT_EQ(option_text(config_of({"--learn-beta", "true,false"}), "learn-beta"), "true,false");
  EXPECT_EQ(option_text(config_of({"--no-reset-delay"}), "reset-delay"), "false");
  EXPECT_THAT(problems({"--learn-beta", "true,fasle"}),
              ElementsAre("--learn-beta: expected true or false, found 'fasle'"));
}

TEST(CommandLine, NeverTakesThePositionalArgumentForASwitchsValue) {
  for (const std::vector<const char*>& words : {std::vector<const char*>{"--json", "run1"},
                                                {"run1", "--json"},
                                                {"-q", "--json", "run1"},
                                                {"--no-progress", "--json", "--", "run1"},
                                                {"--json", "true", "run1"}}) {
    const Reading reading = read(words, "RUN");
    EXPECT_EQ(reading.line.positional, "run1");
    EXPECT_TRUE(reading.settings.config.json);
    EXPECT_THAT(reading.settings.problems, IsEmpty());
  }
  EXPECT_EQ(read({"--", "--json"}, "RUN").line.positional, "--json");
}

TEST(CommandLine, LetsNegativeNumbersReachTheRangeCheck) {
  EXPECT_THAT(problems({"--lr", "-1", "--beta", "-.5", "-e", "-3"}),
              testing::UnorderedElementsAre("--lr: expected a number > 0, found '-1'",
                                            "--beta: expected a number in [0, 1], found '-.5'",
                                            "--epochs: expected an integer in [1, 1000000], "
                                            "found '-3'"));
}

TEST(CommandLine, ReportsUnknownFlags) {
  EXPECT_THAT(problems({"--bata", "0.9"}),
              ElementsAre("--bata: unknown option (did you mean --beta?)"));
  EXPECT_THAT(
      problems({"--bata=0.9", "--dry-rum", "-z", "--no-progres", "--no-lr"}),
      ElementsAre("--bata: unknown option (did you mean --beta?)",
                  "--dry-rum: unknown option (did you mean --dry-run?)", "-z: unknown option",
                  "--no-progres: unknown option (did you mean --no-progress?)",
                  "--no-lr: unknown option"));
}

TEST(CommandLine, ReportsMissingValues) {
  EXPECT_THAT(problems({"--seed", "--json", "--beta"}),
              ElementsAre("--seed: expected INT >= 0, found nothing",
                          "--beta: expected REAL,... in [0, 1], found nothing"));
}

TEST(CommandLine, ReportsExcessArguments) {
  EXPECT_THAT(problems({"run1"}), ElementsAre("run1: unexpected argument"));
  EXPECT_THAT(problems({"run1"}, "RUN"), IsEmpty());
  EXPECT_THAT(problems({"run1", "run2"}, "RUN"), ElementsAre("run2: unexpected argument"));
  EXPECT_THAT(problems({"beta=0.9"}),
              ElementsAre("beta=0.9: unexpected argument (did you mean --beta=0.9?)"));
}

TEST(CommandLine, ReadsActions) {
  const Reading reading = read({"--config", "-", "--dry-run"});
  EXPECT_EQ(reading.line.get("config"), "-");
  EXPECT_TRUE(reading.line.has("dry-run"));
  EXPECT_FALSE(reading.line.has("split"));
  EXPECT_EQ(reading.line.get("split"), "");
  EXPECT_FALSE(read({"--no-dry-run"}).line.has("dry-run"));
  EXPECT_THAT(problems({"--dry-run=maybe"}),
              ElementsAre("--dry-run: expected true or false, found 'maybe'"));
}

TEST(CommandLine, PrintsHelpAndVersionAndStops) {
  for (const char* flag : {"--help", "-h"}) {
    const Reading reading = read({"--bata", flag});
    EXPECT_FALSE(reading.goes_on);
    EXPECT_EQ(reading.output, help_text(program()));
  }
  const Reading reading = read({"--version"});
  EXPECT_FALSE(reading.goes_on);
  EXPECT_EQ(reading.output, "snn-train 1.2.3\n");
}

TEST(HelpText, NamesEveryFlagWithItsDefault) {
  const std::string help = help_text(program("RUN"));
  EXPECT_THAT(help, testing::StartsWith("Trains spiking neural networks.\n\n"
                                        "Usage: snn-train RUN [flags]\n  RUN "));
  EXPECT_THAT(help, testing::EndsWith("Examples:\n  snn-train --beta 0.9\n"));
  EXPECT_THAT(help, testing::ContainsRegex("  -T, --steps INT +Time steps T \\(.*\\) \\[25\\]\n"));
  EXPECT_THAT(help, HasSubstr("\nNetwork"));
  for (const Option& option : options()) {
    EXPECT_THAT(help, HasSubstr((option.is_switch ? "--[no-]" : "--") + option.name));
  }
  for (const std::string& line : split(help, '\n')) EXPECT_LE(line.size(), 100u) << line;
}

TEST(OptionsAsMarkdown, HasARowOfFourCellsForEachOption) {
  const std::string table = options_as_markdown();
  EXPECT_THAT(table, HasSubstr("| `-T`, `--steps` | `INT in [1, 100000]` | `25` | Time steps T |"));
  EXPECT_THAT(table, HasSubstr("`mnist\\|fashion-mnist`"));
  for (const std::string& line : split(table, '\n')) {
    if (line.empty()) continue;
    int bars = 1;
    for (std::size_t i = 1; i < line.size(); ++i) bars += line[i] == '|' && line[i - 1] != '\\';
    EXPECT_EQ(bars, 5) << line;
  }
}

std::string text_of(const std::string& path) {
  std::ifstream file(SNN_SOURCE_DIR "/" + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Readme, ShowsTheExampleThatIsBuilt) {
  const std::string example = text_of("examples/train_minimal.cpp");
  ASSERT_FALSE(example.empty());
  EXPECT_NE(text_of("README.md").find("```cpp\n" + example + "```"), std::string::npos)
      << "README.md is to show examples/train_minimal.cpp as it is";
}

TEST(OptionsAsMarkdown, IsTheTableOfTheReadme) {
  constexpr std::string_view kBegin = "<!-- options -->\n", kEnd = "<!-- /options -->";
  const std::string readme = text_of("README.md");
  const std::size_t begin = readme.find(kBegin), end = readme.find(kEnd);
  ASSERT_TRUE(begin < end && end < readme.size())
      << "README.md has no table between " << kBegin << " and " << kEnd;
  const std::size_t first = begin + kBegin.size();
  EXPECT_TRUE(readme.substr(first, end - first) == options_as_markdown())
      << "README.md is to have exactly this between " << kBegin << "and " << kEnd << ":\n\n"
      << options_as_markdown();
}

// Runs `command` and returns its output.
std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  std::array<char, 256> buffer;
  while (fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) output += buffer.data();
  return output;
}

bool has_shell(const std::string& shell) {
  return std::system(("command -v " + shell + " >/dev/null 2>&1").c_str()) == 0;
}

// Writes the completion script into `folder` and returns its path.
std::string script_in(const TemporaryDirectory& folder, const char* shell) {
  const std::string path = (folder.path() / shell).string();
  std::ofstream(path) << completion_script(program(), shell);
  return path;
}

TEST(Completion, CompletesInBash) {
  if (!has_shell("bash")) GTEST_SKIP() << "no bash";
  const TemporaryDirectory folder;
  const std::string script = script_in(folder, "bash");
  // The completions offered for the last of `words`.
  const auto offered = [&](const std::string& words) {
    return output_of("bash -c 'source " + script + " && COMP_WORDS=(" + words +
                     ") && COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) && _snn_train && "
                     "echo \"${COMPREPLY[*]}\"' 2>&1");
  };
  EXPECT_EQ(offered("snn-train --epo"), "--epochs\n");
  EXPECT_EQ(offered("snn-train --no-p"), "--no-progress\n");
  EXPECT_EQ(offered("snn-train --dataset \"\""), "mnist fashion-mnist\n");
  EXPECT_EQ(offered("snn-train --dataset fa"), "fashion-mnist\n");
  EXPECT_EQ(offered("snn-train --dataset ="), "mnist fashion-mnist\n");
  EXPECT_EQ(offered("snn-train --dataset = fa"), "fashion-mnist\n");
  EXPECT_EQ(offered("snn-train --split te"), "test\n");
  EXPECT_EQ(offered("snn-train --completion z"), "zsh\n");
  EXPECT_EQ(offered("snn-train --out-dir x"), "\n");  // bash itself then offers files
  EXPECT_THAT(completion_script(program(), "bash"),
              HasSubstr("complete -o default -F _snn_train snn-train\n"));
}

TEST(Completion, IsValidZsh) {
  EXPECT_THAT(completion_script(program(), "zsh"), HasSubstr("compdef _snn_train snn-train\n"));
  if (!has_shell("zsh")) GTEST_SKIP() << "no zsh";
  const TemporaryDirectory folder;
  EXPECT_EQ(output_of("zsh -n " + script_in(folder, "zsh") + " 2>&1"), "");
}

TEST(Completion, IsPrintedOnRequest) {
  const Reading reading = read({"--completion", "bash"});
  EXPECT_FALSE(reading.goes_on);
  EXPECT_EQ(reading.output, completion_script(program(), "bash"));
  EXPECT_THAT(problems({"--completion", "fish"}),
              ElementsAre("--completion: expected bash or zsh, found 'fish'"));
}

TEST(ReadText, ReadsFilesWhole) {
  const TemporaryDirectory folder;
  const std::string path = (folder.path() / "x").string();
  const std::string text("a\0b\r\n", 5);
  std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(read_text(path), text);
}

TEST(ReadText, SaysWhatItCannotRead) {
  EXPECT_EQ(error_of([] { read_text("/no/such/file"); }),
            "cannot read '/no/such/file': No such file or directory");
  EXPECT_EQ(error_of([] { read_text("/"); }), "cannot read '/': it is a folder");
}

TEST(WriteText, LeavesNoPartOfAFile) {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "table.csv";
  // A limit on the file size stands in for a full disk.
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string error = error_of([&] { write_text(path, std::string(100'000, 'x')); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(error, "cannot write " + path.string() + ": File too large");
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace snn::cli

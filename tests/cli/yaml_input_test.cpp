// Files of options as people write them, and as nobody should.

#include <gmock/gmock.h>

#include "cli/program_test.h"

namespace snn::cli {
namespace {

using testing::HasSubstr;

class YamlInput : public ProgramTest {
 protected:
  ProcessResult print(const std::string& yaml) const {
    write_text(path("x.yaml"), yaml);
    return train({"--config", "x.yaml", "--print-config"});
  }
};

TEST_F(YamlInput, TakesTheBooleansOfYamlAndPython) {
  const std::pair<const char*, const char*> cases[] = {
      {"tensorboard: True", "tensorboard: true\n"},
      {"tensorboard: TRUE\nreset_delay: FALSE", "reset-delay: false\n"},
      {"tensorboard: yes\nprogress: no\nquiet: off", "progress: false\n"},
      {"report: Off", "report: false\n"},
      {"learn-beta: [True, No]", "learn-beta: [true, false]\n"},
      {"layers: [{linear: {outputs: 10, bias: No}, leaky: {learn-beta: True, reset: Zero}}]",
       "linear: {outputs: 10, bias: false}\n"}};
  for (const auto& [yaml, line] : cases) {
    const ProcessResult result = print(yaml);
    EXPECT_EQ(result.code, 0) << yaml << result.err;
    EXPECT_THAT(result.out, HasSubstr(line));
  }
}

TEST_F(YamlInput, TakesNullAsNotGiven) {
  const std::string defaults = train({"--print-config"}).out;
  EXPECT_EQ(print("run-name: ~\nresume: null\ndata-dir:\nbeta: Null\nhidden:\n").out, defaults);
}

TEST_F(YamlInput, MergesMaps) {
  const ProcessResult result = print(
      "base: &base {epochs: 3, hidden: 20, lr: 0.5}\n"
      "more: &more {learning_rate: 0.25, beta: 0.5, epochs: 4}\n"
      "<<: [*base, *more]\n"
      "hidden_size: 30\n");
  EXPECT_EQ(result.code, 0) << result.err;
  for (const char* line : {"epochs: 3\n", "hidden: 30\n", "lr: 0.5\n", "beta: 0.5\n"}) {
    EXPECT_THAT(result.out, HasSubstr(line));
  }
  EXPECT_THAT(print("<<: 5").err, HasSubstr("<<: expected a map or a list of maps, found '5'"));
  EXPECT_THAT(print("a: &a {<<: *a}\n<<: *a").err, HasSubstr("too many maps are merged"));
  EXPECT_THAT(print("base: {epochs: 3}").err, HasSubstr("unknown option 'base'"));
}

TEST_F(YamlInput, ReadsFilesOfWindows) {
  EXPECT_THAT(print("\xEF\xBB\xBF"
                    "beta: 0.5\r\nlr: 0.25\r\n")
                  .out,
              HasSubstr("beta: 0.5\n"));
  std::string utf16 = "\xFF\xFE";
  for (const char c : std::string("beta: 0.5\r\nlr: 0.25\r\n")) utf16 += std::string{c, '\0'};
  EXPECT_THAT(print(utf16).out, HasSubstr("lr: 0.25\n"));
}

TEST_F(YamlInput, ReadsWhatWandbKeepsOfARun) {
  const ProcessResult result =
      print("wandb_version: 1\nlr:\n  desc: null\n  value: 0.25\nhidden:\n  value: [20, 30]\n");
  EXPECT_THAT(result.out, HasSubstr("lr: 0.25\n")) << result.err;
  EXPECT_THAT(result.out, HasSubstr("hidden: [20, 30]\n"));
}

TEST_F(YamlInput, SaysThatOptionsStandSideBySide) {
  EXPECT_THAT(
      print("trainer:\n  max_epochs: 1\n").err,
      HasSubstr("unknown option 'trainer'; write options at the top level, not in sections"));
  EXPECT_THAT(print("optimizer: {name: adam, lr: 1}").err, HasSubstr("not in sections"));
}

TEST_F(YamlInput, EndsWhereYamlDoes) {
  for (const char* yaml : {",", ", beta: 0.9", "{beta: 0.9},", "[],", "\"a\",", "\n,\n"}) {
    const ProcessResult result = print(yaml);
    EXPECT_EQ(result.code, 2) << yaml;
    EXPECT_THAT(result.err, HasSubstr("not valid YAML: unexpected ','")) << yaml;
    write_text(path("sweep.yaml"), yaml);
    EXPECT_EQ(sweep({"sweep.yaml", "--dry-run"}).code, 2) << yaml;
  }
  EXPECT_THAT(print("a: 1\n---\nb: 2\n").err, HasSubstr("expected one document, found a second"));
}

TEST_F(YamlInput, IsBounded) {
  EXPECT_THAT(train({"--config", "/dev/zero"}).err,
              HasSubstr("cannot read '/dev/zero': expected at most 16 MiB of text, found more"));
  write_text(path("sparse.yaml"), "");
  std::filesystem::resize_file(path("sparse.yaml"), std::uintmax_t{1} << 40);
  EXPECT_THAT(train({"--config", "sparse.yaml"}).err, HasSubstr("expected at most 16 MiB"));
  std::string fives = "5";
  for (int i = 0; i < 2000; ++i) fives += ",5";
  EXPECT_THAT(print("hidden: [" + fives + "]").err,
              HasSubstr("hidden: expected at most 1,000 values, found 2,001"));
  std::string many = "hidden: [5";
  for (int i = 0; i < 300'000; ++i) many += ",5";
  EXPECT_THAT(print(many + "]").err, HasSubstr("expected at most 200,000 values, found more"));
  EXPECT_THAT(print("layers: " + std::string(100'000, '[')).err, HasSubstr("nested too deeply"));
}

TEST_F(YamlInput, ShowsAFewOfManyProblems) {
  std::string yaml;
  for (int i = 0; i < 1500; ++i) yaml += "xyzzy" + std::to_string(i) + ": 1\n";
  const ProcessResult result = print(yaml);
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("1,500 problems"));
  EXPECT_THAT(result.err, testing::EndsWith("'xyzzy19'\n  and 1,480 more\n"));
}

}  // namespace
}  // namespace snn::cli

// Command lines as written by users of other programs.

#include <gmock/gmock.h>

#include "cli/program_test.h"

namespace snn::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

using WordsOfUsers = ProgramTest;

// The merged options, which must be parsed back unchanged.
std::string configuration(const ProcessResult& result) {
  EXPECT_EQ(result.code, 0) << result.err;
  return result.out;
}

TEST_F(WordsOfUsers, TakesTheNamesOfOtherPrograms) {
  const std::string yaml = configuration(train({"--print-config",
                                                "--batch_size",
                                                "64",
                                                "--learning-rate=0.01",
                                                "--num_steps",
                                                "10",
                                                "--hidden_size",
                                                "100",
                                                "--optim",
                                                "SGD",
                                                "--spike-grad",
                                                "ATan",
                                                "--max-epochs",
                                                "3",
                                                "--dataset",
                                                "FashionMNIST",
                                                "--loss_fn",
                                                "ce_rate_loss",
                                                "--no_progress-bar",
                                                "--quiet",
                                                "True",
                                                "--report=off",
                                                "--device",
                                                "CPU",
                                                "--output",
                                                "x"}));
  for (const char* line :
       {"batch-size: 64\n", "lr: 0.01\n", "steps: 10\n", "hidden: 100\n", "optimizer: sgd\n",
        "surrogate: atan:alpha=2\n", "epochs: 3\n", "dataset: fashion-mnist\n", "loss: ce-rate\n",
        "progress: false\n", "quiet: true\n", "report: false\n", "device: cpu\n", "out-dir: x\n"}) {
    EXPECT_THAT(yaml, HasSubstr(line));
  }
  const ProcessResult again = train({"--print-config", "--config", "-"}, {.input = yaml});
  EXPECT_EQ(again.out, yaml) << again.err;
}

TEST_F(WordsOfUsers, SaysWhatOneHyphenTooFewMeant) {
  const std::pair<Words, const char*> cases[] = {
      {{"-beta", "0.9"}, "-beta: expected two hyphens (did you mean --beta?)\n"},
      {{"-lr=0.01"}, "-lr: expected two hyphens (did you mean --lr?)\n"},
      {{"-epochs", "3"}, "-epochs: expected two hyphens (did you mean --epochs?)\n"},
      {{"-help"}, "-help: expected two hyphens (did you mean --help?)\n"},
      {{"-json"}, "-json: expected two hyphens (did you mean --json?)\n"},
      {{"-no-report"}, "-no-report: expected two hyphens (did you mean --no-report?)\n"},
      {{"-learning_rate", "1"}, "-learning_rate: expected two hyphens (did you mean --lr?)\n"},
      {{"-epoch5"}, "-epoch5: unknown option (did you mean --epochs?)\n"},
      {{"–beta", "0.9"}, "–beta: begins with a dash that is not a hyphen (did you mean --beta?)\n"},
      {{"—beta=0.9"}, "—beta: begins with a dash that is not a hyphen (did you mean --beta?)\n"},
      {{"–T", "5"}, "–T: begins with a dash that is not a hyphen (did you mean -T?)\n"},
      {{"---beta", "0.9"}, "---beta: expected two hyphens (did you mean --beta?)\n"}};
  for (const auto& [words, message] : cases) {
    const ProcessResult result = train(words);
    EXPECT_EQ(result.code, 2) << words[0];
    EXPECT_EQ(result.err, std::string("snn-train: ") + message);
  }
}

TEST_F(WordsOfUsers, SaysWhatListsAndAssignmentsMeant) {
  const std::pair<Words, const char*> cases[] = {
      {{"--hidden", "512", "256"}, "--hidden 512,256\n"},
      {{"--hidden", "512,", "256"}, "--hidden 512,256\n"},
      {{"--hidden=512", ",", "256"}, "--hidden 512,256\n"},
      {{"--hidden", "[512,", "256]"}, "--hidden '[512,256]'\n"},
      {{"--surrogate", "atan", "sigmoid"}, "--surrogate atan,sigmoid\n"},
      {{"--learn-beta", "True", "False"}, "--learn-beta True,False\n"},
      {{"beta=0.9"}, "beta=0.9: unexpected argument (did you mean --beta=0.9?)\n"},
      {{"learning_rate=0.9"}, "learning_rate=0.9: unexpected argument (did you mean --lr=0.9?)\n"},
      {{"bata=0.9"}, "bata=0.9: unexpected argument (did you mean --beta?)\n"},
      {{"--lr", "0,001"}, "(a decimal point is written 0.001)\n"}};
  for (const auto& [words, message] : cases) {
    const ProcessResult result = train(words);
    EXPECT_EQ(result.code, 2) << words[0];
    EXPECT_THAT(result.err, testing::EndsWith(message));
    EXPECT_THAT(result.err, Not(HasSubstr("problems"))) << "one mistake, one problem";
  }
  EXPECT_THAT(sweep({"--set", "beta=0.5,", "0.9"}).err, HasSubstr("--set beta=0.5,0.9\n"));
  EXPECT_THAT(sweep({"beta=0.5,0.9"}).err, HasSubstr("did you mean --set beta=0.5,0.9?"));
}

TEST_F(WordsOfUsers, TakesAnyNumberOfHyphensWithoutAName) {
  for (const char* word : {"---", "---=5", "----", "--=", "-–", "——"}) {
    for (const char* program : {SNN_TRAIN_BINARY, SNN_EVAL_BINARY, SNN_SWEEP_BINARY,
                                SNN_REPORT_BINARY, SNN_NEURON_BINARY}) {
      const ProcessResult result = run_process({program, word});
      EXPECT_EQ(result.code, 2) << program << " " << word << result.err;
      EXPECT_THAT(result.err, Not(HasSubstr("internal error")));
    }
  }
}

TEST_F(WordsOfUsers, TellsASwitchsValueFromARun) {
  EXPECT_THAT(eval({"--json", "True", "no-such-run"}).err, HasSubstr("no-such-run"));
  EXPECT_THAT(eval({"--json", "1"}).err, HasSubstr("1"));
  EXPECT_THAT(
      eval({"--checkpoint", "x"}).err,
      HasSubstr("--checkpoint: unknown option; CHECKPOINT_OR_RUN_DIR is given without a flag"));
}

}  // namespace
}  // namespace snn::cli

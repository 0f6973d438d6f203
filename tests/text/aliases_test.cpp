#include "text/aliases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "snn/text/text.h"
#include "train/option_table.h"

namespace snn {
namespace {

using testing::HasSubstr;

TEST(MeantOption, TakesEverySpellingOfItsName) {
  for (const char* name : {"batch-size", "batch_size", "batchSize", "BATCH_SIZE", "batchsize"}) {
    EXPECT_EQ(meant_option(name, option_names()), "batch-size") << name;
  }
}

TEST(MeantOption, TakesTheNamesOfOtherPrograms) {
  const std::pair<const char*, const char*> names[] = {{"learning_rate", "lr"},
                                                       {"num_steps", "steps"},
                                                       {"timesteps", "steps"},
                                                       {"time_steps", "steps"},
                                                       {"bs", "batch-size"},
                                                       {"hidden_size", "hidden"},
                                                       {"num_hidden", "hidden"},
                                                       {"hidden_dim", "hidden"},
                                                       {"reset_mechanism", "reset"},
                                                       {"spike_grad", "surrogate"},
                                                       {"optim", "optimizer"},
                                                       {"wd", "weight-decay"},
                                                       {"surrogate_function", "surrogate"},
                                                       {"scheduler", "lr-schedule"},
                                                       {"max_epochs", "epochs"},
                                                       {"num_epochs", "epochs"},
                                                       {"n_epochs", "epochs"},
                                                       {"output", "out-dir"},
                                                       {"save_dir", "out-dir"},
                                                       {"T", "steps"}};
  for (const auto& [theirs, ours] : names) {
    EXPECT_EQ(meant_option(theirs, option_names()), ours) << theirs;
  }
}

TEST(MeantOption, LeavesWhatMayMeanSeveralToASuggestion) {
  EXPECT_EQ(meant_option("data", option_names()), "");
  EXPECT_EQ(suggested_option("data", option_names(), "--"),
            " (did you mean --dataset or --data-dir?)");
  EXPECT_EQ(meant_option("num_workers", option_names()), "");
  EXPECT_EQ(suggested_option("num_workers", option_names()), " (did you mean 'threads'?)");
  EXPECT_EQ(suggested_option("tau", option_names()), " (did you mean 'beta'?)");
  EXPECT_EQ(suggested_option("BETTA", option_names()), " (did you mean 'beta'?)");
  EXPECT_EQ(suggested_option("lerning-rate", option_names()), " (did you mean 'lr'?)");
  EXPECT_EQ(suggested_option("xyzzy", option_names()), "");
}

TEST(MeantValue, TakesTheNamesOfOtherPrograms) {
  Config config;
  const std::tuple<const char*, const char*, const char*> values[] = {
      {"dataset", "MNIST", "mnist"},
      {"dataset", "FashionMNIST", "fashion-mnist"},
      {"optimizer", "SGD", "sgd"},
      {"optimizer", "Adam", "adam"},
      {"optimizer", "AdamW", "adamw"},
      {"loss", "ce_rate_loss", "ce-rate"},
      {"loss", "mse_count_loss", "mse-count:correct=1,incorrect=0"},
      {"surrogate", "ATan", "atan:alpha=2"},
      {"surrogate", "FastSigmoid:slope=10", "fast-sigmoid:slope=10"},
      {"surrogate", "atan,fast_sigmoid", "atan:alpha=2,fast-sigmoid:slope=25"},
      {"reset", "Subtract,hard", "subtract,zero"},
      {"hidden", "None", "none"},
      {"lr-schedule", "CosineAnnealingLR", "cosine:floor=0"},
      {"device", "gpu", "cuda"},
      {"device", "0", "cuda:0"},
      {"device", "gpu:1", "cuda:1"},
      {"device", "CUDA:1", "cuda:1"},
      {"device", "CPU", "cpu"},
      {"log-level", "WARN", "warning"},
      {"resume", "True", "auto"},
      {"quiet", "YES", "true"},
      {"learn-beta", "True,off", "true,false"}};
  for (const auto& [option, theirs, ours] : values) {
    EXPECT_EQ(find_option(option)->parse(config, theirs), "") << option << " " << theirs;
    EXPECT_EQ(find_option(option)->format(config), ours) << option << " " << theirs;
  }
}

TEST(MeantValue, SuggestsWhatMayBeMeant) {
  Config config;
  EXPECT_THAT(find_option("loss")->parse(config, "CrossEntropyLoss"),
              HasSubstr("(did you mean 'ce-rate' or 'ce-count'?)"));
  EXPECT_THAT(find_option("device")->parse(config, "cpu:0"), HasSubstr("found 'cpu:0'"));
  EXPECT_THAT(find_option("device")->parse(config, "cuda:01"), HasSubstr("found 'cuda:01'"));
  EXPECT_THAT(find_option("device")->parse(config, "cuda:"), HasSubstr("found 'cuda:'"));
}

// An alias of one name must not be an alias of another.
TEST(Aliases, AreUnambiguous) {
  std::set<std::string> plain_options;
  for (const std::string& name : option_names()) {
    EXPECT_TRUE(plain_options.insert(plain_name(name)).second) << name;
  }
  for (const Alias& alias : aliases()) {
    for (const std::string& other : split(alias.others, ' ')) {
      if (alias.value.empty()) {
        EXPECT_FALSE(plain_options.contains(plain_name(other))) << other;
        // "out" and "jobs" are flags of programs, not options.
        if (std::ranges::count(option_names(), alias.option) == 0) continue;
        EXPECT_EQ(find_option(other), find_option(alias.option)) << other;
        continue;
      }
      const Option* option = find_option(alias.option);
      ASSERT_NE(option, nullptr) << alias.option;
      Config theirs, ours;
      EXPECT_EQ(option->parse(theirs, other), "") << other;
      EXPECT_EQ(option->parse(ours, alias.value), "") << alias.value;
      EXPECT_EQ(theirs, ours) << other;
    }
  }
}

TEST(Aliases, AreTheTableOfTheDocumentation) {
  std::ifstream file(SNN_SOURCE_DIR "/docs/aliases.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(page.find(aliases_as_markdown()), std::string::npos)
      << "docs/aliases.md is to hold exactly this:\n\n"
      << aliases_as_markdown();
}

}  // namespace
}  // namespace snn

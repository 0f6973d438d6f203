// Files whose digest is valid, but whose content is impossible.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cli/program_test.h"
#include "snn/train/checkpoint.h"
#include "train/safetensors.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kLast = "runs/a/checkpoints/last.safetensors";
const std::string kBest = "runs/a/checkpoints/best.safetensors";

class Damage : public ProgramTest {
 protected:
  Damage() {
    const ProcessResult result =
        train(small_training() + Words{"--run-name", "a", "--no-report", "--no-progress"});
    EXPECT_EQ(result.code, 0) << result.err;
    good_ = bytes_of(path(kLast));
  }

  // Changes the checkpoint's content and updates its digest.
  template <class Change>
  void change(const Change& change) const {
    safetensors::Content content = safetensors::decode(good_, "good");
    change(content);
    write_text(path(kLast), safetensors::encode(content));
  }
  void change_metadata(const std::string& key, const std::string& part,
                       const std::string& other) const {
    change([&](safetensors::Content& content) {
      for (auto& [word, text] : content.metadata) {
        if (word != key) continue;
        const std::size_t at = text.find(part);
        ASSERT_NE(at, std::string::npos) << text;
        text.replace(at, part.size(), other);
      }
    });
  }

  // Expects both programs to refuse the checkpoint with a one-line reason.
  void expect_refused(const std::string& why) const {
    for (const ProcessResult& result :
         {eval({kLast, "--data-dir", fixture()}),
          train({"--resume", kLast, "--data-dir", fixture(), "-e", "3"})}) {
      EXPECT_EQ(result.code, 5) << result.err;
      EXPECT_THAT(result.err, AllOf(HasSubstr(kLast + ": "), HasSubstr(why)));
      EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
      EXPECT_EQ(result.out, "");
    }
  }

  std::string good_;
};

// Each of these values would index beyond the images, overflow a counter, or end training
// immediately.
TEST_F(Damage, OfProgressIsRefused) {
  change_metadata("progress", R"("batch":0)", R"("batch":-1)");
  expect_refused("batch: expected 0 to 4294967294, found -1");
  for (const char* epoch : {"-1", "9223372036854775807", "0.5", "1e300"}) {
    change_metadata("progress", R"("epoch":2)", std::string(R"("epoch":)") + epoch);
    expect_refused("");
  }
  change_metadata("progress", R"("step":8)", R"("step":9)");
  expect_refused("step 9 does not match epoch 2, batch 0");
  change_metadata("progress", R"("samples":0)", R"("samples":-1)");
  expect_refused("samples: expected 0 to 0, found -1");
  change_metadata("format_version", "1", "1e0");
  expect_refused("its format_version is '1e0'");
  change_metadata("format", "snn-train", "another");
  expect_refused("expected format 'snn-train', found 'another'");
}

// The position is consistent in itself, but not with the data.
TEST_F(Damage, OfThePositionIsRefusedWhereTheDataSaysSo) {
  change_metadata("progress", R"("step":8)", R"("step":10)");  // epochs of 5 batches
  const ProcessResult result = train({"--resume", kLast, "--data-dir", fixture(), "-e", "3"});
  EXPECT_EQ(result.code, 5);
  EXPECT_THAT(result.err, HasSubstr("its step 10 does not match epoch 2, batch 0 of 4"));
}

TEST_F(Damage, OfTheNetworkIsRefusedBeforeMemoryIsTakenForIt) {
  change_metadata("network", R"("beta":0.95)", R"("beta":5.0)");
  expect_refused("its network, 784-20-10, does not match its options");
  change([](safetensors::Content& content) {
    for (auto& [word, text] : content.metadata) {
      if (word == "network") text.replace(text.find(R"("outputs":20)"), 12, R"("outputs":1000000)");
      if (word == "config")
        text.replace(text.find(R"("hidden":"20")"), 13, R"("hidden":"1000000")");
    }
  });
  expect_refused(
      "the tensor 'fc1.weight' has a different shape than in the network, 1000000 by 784");
}

TEST_F(Damage, OfWeightsIsRefused) {
  for (const char* name : {"fc1.weight", "lif2.beta", "optimizer.exp_avg_sq.fc2.bias"}) {
    change([&](safetensors::Content& content) { content.tensors.at(name).values.back() = NAN; });
    expect_refused(std::string(name) + " holds nan: training had diverged");
  }
}

TEST_F(Damage, OfDeepJsonIsRefused) {
  const std::string deep(1'000'000, '[');
  for (const char* key : {"config", "network", "data", "progress"}) {
    change_metadata(key, "{", R"({"a":)" + deep);
    expect_refused("deeper than 64 levels");
  }
  write_text(path("runs/a/summary.json"), R"({"a":)" + deep + R"(,"b":1})");
  for (const ProcessResult& result : {report({"runs/a"}), eval({"runs/a"})}) {
    EXPECT_EQ(result.code, 5);
    EXPECT_THAT(result.err, HasSubstr("runs/a/summary.json: damaged"));
  }
  const Words words = Words{"--seeds", "2", "--out-dir", "s"} + small_training();
  ASSERT_EQ(sweep(words).code, 0);
  write_text(path("s/runs/seed=1/summary.json"), R"({"a":)" + deep + R"(,"b":1})");
  EXPECT_EQ(sweep(words + Words{"--dry-run"}).code, 0);
  EXPECT_GE(report({"s"}).code, 0);
  write_text(path("s/sweep.json"), R"({"halving":)" + deep + R"(,"b":1})");
  EXPECT_THAT(report({"s"}).err, HasSubstr("s/sweep.json: not valid JSON: nested deeper than 64"));
  const ProcessResult refused = sweep(words + Words{"--dry-run"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("s/sweep.json: damaged"));
  EXPECT_EQ(train({"--layers", deep.substr(0, 100'000)}).code, 2);
}

// The message must say that the file is a valid one of another program.
TEST_F(Damage, IsNotWhatSafetensorsOfOthersAre) {
  std::string foreign = good_;
  foreign.replace(foreign.find("digest"), 6, "dIgest");
  write_text(path(kLast), foreign);
  expect_refused("a safetensors file that another program wrote; weights from elsewhere cannot be");
}

// The decay adds 1e22 times the weights to the gradients, whose squares overflow a float; the loss
// does not show it, since Adam divides by their root.
TEST_F(Damage, IsNeverSaved) {
  const ProcessResult result =
      train(small_training() +
            Words{"--weight-decay", "1e22", "--engine", "reference", "--run-name", "b", "-e", "3"});
  EXPECT_EQ(result.code, 4) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("in epoch 1, step 4: optimizer.exp_avg_sq.fc"),
                                HasSubstr(" holds inf"),
                                HasSubstr("The last good checkpoint is "
                                          "runs/b/checkpoints/last.safetensors, after epoch 0")));
  const auto last = load_checkpoint(path("runs/b/checkpoints/last.safetensors"));
  EXPECT_EQ(last.progress.epoch, 0);
  EXPECT_EQ(parse(bytes_of(path("runs/b/summary.json")))["outcome"], "diverged");
}

}  // namespace
}  // namespace snn::cli

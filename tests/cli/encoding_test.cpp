// Encodings through the programs: samples that become spikes train, resume to the same bits, and
// are evaluated as in training.

#include "snn/data/encoding.h"

#include <gtest/gtest.h>

#include <string>

#include "cli/run_test.h"

namespace snn::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class EncodingTest : public RunTest, public testing::WithParamInterface<std::string> {};

TEST_P(EncodingTest, TrainResumeAndAnswer) {
  const std::string encoding = GetParam();
  const Words words = {"--encoding", encoding, "-T", "15"};
  train_as("whole", words + Words{"-e", "2", "-j", "1"});
  train_as("part", words + Words{"-e", "1", "-j", "2"});
  const ProcessResult resumed = resume("part", {"-e", "2"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("input    " + to_string(parse_encoding(encoding))));
  EXPECT_EQ(last("part"), last("whole"));
  EXPECT_EQ(timeless_metrics("part"), timeless_metrics("whole"));
  const auto summary = parse(bytes_of(path("runs/whole/summary.json")));
  EXPECT_EQ(summary["configuration"]["encoding"], to_string(parse_encoding(encoding)));
  for (const std::string engine : {"fused", "reference"}) {
    const auto answer =
        parse(eval({"runs/whole", "--data-dir", fixture(), "--json", "--engine", engine}).out);
    EXPECT_EQ(answer["accuracy"], summary["test_accuracy"]) << engine;
    EXPECT_NEAR(answer["loss"].get<double>(), summary["test_loss"].get<double>(), 1e-4) << engine;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryKind, EncodingTest,
                         testing::Values("rate", "latency", "latency:clip=true,normalize=true",
                                         "phase"));

// The answer for an image is that of the whole evaluation.
TEST_F(EncodingTest, AnImageIsEncodedAsInTheEvaluation) {
  train_as("a", {"--encoding", "rate:gain=0.5", "--decision", "count"});
  const ProcessResult all = eval({"runs/a", "--data-dir", fixture(), "--predictions", "all.csv"});
  EXPECT_EQ(all.code, 0) << all.err;
  const auto lines = split(bytes_of(path("all.csv")), '\n');
  const auto cells = split(lines.at(8), ',');
  ASSERT_EQ(cells.at(0), "7");
  const auto image = parse(eval({"runs/a", "--data-dir", fixture(), "--image", "7", "--json"}).out);
  EXPECT_EQ(image["prediction"], std::stoi(cells.at(2)));
  for (std::size_t c = 0; c < 10; ++c) {
    EXPECT_EQ(image["spike_counts"][c], std::stod(cells.at(3 + c))) << c;
  }
  EXPECT_EQ(eval({"runs/a", "--data-dir", fixture(), "--image", "7", "--raster", "a.svg"}).code, 0);
}

TEST_F(EncodingTest, SaysWhatIsWrong) {
  const auto message = [&](const Words& words) {
    const ProcessResult result = train(small_training() + words);
    EXPECT_EQ(result.code, 2) << result.err;
    EXPECT_FALSE(std::filesystem::exists(path("runs"))) << "before a run begins";
    return result.err;
  };
  EXPECT_EQ(message({"--encoding", "poissson"}),
            "snn-train: --encoding: expected a kind of encoding (current, rate, latency, delta or "
            "phase), found 'poissson' (did you mean 'rate'?)\n");
  EXPECT_EQ(message({"--encoding", "rate:gain=-1"}),
            "snn-train: --encoding: encoding 'rate': gain: expected a number >= 0, found '-1'\n");
  EXPECT_EQ(message({"--encoding", "rate:first=5"}),
            "snn-train: --encoding: encoding 'rate': first: expected at most 4, the last of 5 "
            "steps, found 5\n");
  EXPECT_THAT(message({"--encoding", "latency"}),
              HasSubstr("snn-train: encoding latency: the value 0 would spike in step 12, after "
                        "the last of 5"));
  EXPECT_THAT(message({"--encoding", "delta"}),
              HasSubstr("snn-train: encoding delta: samples without time, such as images"));
}

TEST_F(EncodingTest, IsAnotherResultAndKeptByARun) {
  train_as("current", {"-e", "1"});
  train_as("rate", {"-e", "1", "--encoding", "rate"});
  EXPECT_NE(timeless_metrics("rate"), timeless_metrics("current"));
  const ProcessResult other = resume("rate", {"-e", "2", "--encoding", "latency:normalize=true"});
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("but the checkpoint's is rate:gain=1,offset=0,first=0"));
}

}  // namespace
}  // namespace snn::cli

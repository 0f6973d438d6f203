#include "snn/train/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "support/error_of.h"

namespace snn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

MetricsRow untrained() {
  MetricsRow row;
  row.test = {2.302585092994046, 0.1};
  row.spikes_per_neuron = {0.5, 1e-7};
  row.silent_fraction = {0, 1};
  return row;
}

MetricsRow trained() {
  MetricsRow row;
  row.epoch = 3;
  row.step = 1407;
  row.lr = 0.0005;
  row.train = {1.0 / 3, 2.0 / 3};
  row.validation = {0.1 + 0.2, 1};
  row.test = {1e-300, 0.958, 0.1, 12345678901, 0};
  row.gradient_norm = 1e300;
  row.spikes_per_neuron = {25, 0.1};
  row.silent_fraction = {0.25, 0};
  row.seconds = 12.345678901234567;
  row.samples_per_second = 4859.0;
  return row;
}

std::string refusal(std::string_view text, std::size_t layers = 2) {
  return error_of(ExitCode::kCheckpoint, [&] { metrics_from_csv(text, layers, "metrics.csv"); });
}

TEST(Metrics, HaveAColumnForEachNumber) {
  EXPECT_EQ(metrics_to_csv({}, 2),
            "epoch,step,lr,train_loss,train_accuracy,validation_loss,validation_accuracy,"
            "test_loss,test_accuracy,gradient_norm,spikes_per_neuron_1,spikes_per_neuron_2,"
            "silent_fraction_1,silent_fraction_2,validation_count_accuracy,validation_ties,"
            "validation_without_spikes,test_count_accuracy,test_ties,test_without_spikes,seconds,"
            "samples_per_second\n");
}

TEST(Metrics, AreEmptyWhereNothingApplies) {
  const auto lines = split(metrics_to_csv({untrained()}, 2), '\n');
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[1], "0,0,,,,,,2.302585092994046,0.1,,0.5,1e-07,0,1,,,,,,,,");
  EXPECT_EQ(lines[2], "");
}

TEST(Metrics, AreReadAsFarAsTheyCanBe) {
  const std::vector<MetricsRow> rows = {untrained(), trained()};
  const std::string text = metrics_to_csv(rows, 2);
  EXPECT_EQ(readable_metrics(text, 2), rows);
  const std::string damaged = text + "4,x\n2,0" + std::string(14, ',') + "\n";
  EXPECT_EQ(readable_metrics(damaged, 2), rows) << "neither half a row nor one out of order";
  EXPECT_THAT(readable_metrics("", 2), testing::IsEmpty());
  EXPECT_THAT(readable_metrics(text, 3), testing::IsEmpty());
}

TEST(Metrics, ReadBackExactly) {
  const std::vector<MetricsRow> rows = {untrained(), trained()};
  const std::string text = metrics_to_csv(rows, 2);
  EXPECT_EQ(metrics_from_csv(text, 2, "metrics.csv"), rows);
  EXPECT_EQ(metrics_to_csv(metrics_from_csv(text, 2, "metrics.csv"), 2), text);
  EXPECT_THAT(metrics_from_csv(metrics_to_csv({}, 2), 2, "metrics.csv"), ElementsAre());
}

TEST(Metrics, HaveAsManyLayersAsTheNetwork) {
  for (const std::size_t layers : {1u, 3u}) {
    MetricsRow row = trained();
    row.spikes_per_neuron.assign(layers, 0.75);
    row.silent_fraction.assign(layers, 0.125);
    const std::string text = metrics_to_csv({row}, layers);
    EXPECT_THAT(metrics_from_csv(text, layers, "metrics.csv"), ElementsAre(row));
    EXPECT_THAT(refusal(text), HasSubstr("metrics.csv line 1: expected the columns epoch,"));
  }
}

// The columns are those of version 0.1.
TEST(Metrics, OfAnOlderVersionAreRead) {
  const auto rows = metrics_from_csv(
      "epoch,step,lr,train_loss,train_accuracy,validation_loss,validation_accuracy,test_loss,"
      "test_accuracy,gradient_norm,spikes_per_neuron_1,silent_fraction_1,seconds,"
      "images_per_second\n0,0,,,,,,2.3,0.1,,0.5,0,,\n1,4,0.001,2,0.5,,,1.5,0.75,3,1,0.25,0.1,40\n",
      1, "metrics.csv");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].test, (Score{1.5, 0.75}));
  EXPECT_EQ(rows[1].samples_per_second, 40);
  EXPECT_TRUE(rows[1].learned.empty());
}

TEST(Metrics, HaveColumnsOfWhatIsLearned) {
  MetricsRow first = untrained(), second = trained();
  second.learned = {{"beta", 1, false, 0.9, 0.9, 0.9},
                    {"threshold", 2, true, 1.25, -0.5, 3},
                    {"graded_spikes_factor", 2, false, 2, 2, 2}};
  const std::string text = metrics_to_csv({first, second}, 2);
  EXPECT_THAT(text, HasSubstr(",test_without_spikes,beta_1,threshold_2,threshold_2_min,"
                              "threshold_2_max,graded_spikes_factor_2,seconds,"));
  EXPECT_THAT(text, HasSubstr(",0.9,1.25,-0.5,3,2,"));
  EXPECT_THAT(metrics_from_csv(text, 2, "metrics.csv"), ElementsAre(first, second));
}

// Selects the columns of `text` at the indices in `order`.
std::string rearranged(const std::string& text, const std::vector<std::size_t>& order) {
  std::string all;
  for (const std::string& line : split(text, '\n')) {
    if (line.empty()) continue;
    const auto cells = split(line, ',');
    std::vector<std::string> kept;
    for (const std::size_t i : order) kept.push_back(i < cells.size() ? cells[i] : "future");
    all += join(kept, ",") + "\n";
  }
  return all;
}

TEST(Metrics, FindsColumnsByName) {
  const std::string text = metrics_to_csv({untrained(), trained()}, 2);
  std::vector<std::size_t> backwards(22);
  for (std::size_t i = 0; i < 22; ++i) backwards[i] = 21 - i;
  EXPECT_THAT(metrics_from_csv(rearranged(text, backwards), 2, "metrics.csv"),
              ElementsAre(untrained(), trained()));
  backwards.push_back(99);
  EXPECT_THAT(metrics_from_csv(rearranged(text, backwards), 2, "metrics.csv"),
              ElementsAre(untrained(), trained()))
      << "with a column of the future";
  backwards.back() = 0;
  EXPECT_THAT(refusal(rearranged(text, backwards)), HasSubstr("line 1: expected the columns"))
      << "with one twice";
}

// The lines 1 (the header) to 4 of a table.
const std::string& three_rows() {
  static const std::string text = [] {
    MetricsRow last = trained();
    ++last.epoch;
    return metrics_to_csv({untrained(), trained(), last}, 2);
  }();
  return text;
}

// Replaces the first `part` found after the start of line `line` in `text`.
std::string with(std::string text, int line, const std::string& part, const std::string& other) {
  std::size_t at = 0;
  while (--line > 0) at = text.find('\n', at) + 1;
  return text.replace(text.find(part, at), part.size(), other);
}

TEST(Metrics, NamesTheDamagedLine) {
  EXPECT_EQ(refusal(three_rows()), "no error");
  EXPECT_THAT(refusal(""), HasSubstr("metrics.csv line 1: expected the columns epoch,step,"));
  EXPECT_THAT(refusal(with(three_rows(), 1, "lr", "rl")), HasSubstr("metrics.csv line 1: "));
  EXPECT_EQ(refusal(with(three_rows(), 3, "0.0005", "abc")),
            "metrics.csv line 3: lr: expected a number, found 'abc'");
  EXPECT_EQ(refusal(with(three_rows(), 4, "0.0005", "0.0005,1")),
            "metrics.csv line 4: expected 22 columns, found 23");
  EXPECT_EQ(refusal(with(three_rows(), 4, "1407", "")),
            "metrics.csv line 4: step: expected a whole number from 0, found nothing");
  EXPECT_EQ(refusal(with(three_rows(), 2, "0.5", "")),
            "metrics.csv line 2: spikes_per_neuron_1: expected a number, found nothing");
}

TEST(Metrics, TakesOnlyWholeNumbersForEpochsAndSteps) {
  for (const char* number : {"1e300", "-1", "3.5", "99999999999999999999"}) {
    EXPECT_EQ(refusal(with(three_rows(), 4, "1407", number)),
              std::string("metrics.csv line 4: step: expected a whole number from 0, found '") +
                  number + "'");
  }
}

TEST(Metrics, WantsEpochsToRise) {
  EXPECT_EQ(refusal(with(three_rows(), 4, "4,", "3,")),
            "metrics.csv line 4: epoch 3 after epoch 3");
  EXPECT_EQ(refusal(with(three_rows(), 4, "4,", "0,")),
            "metrics.csv line 4: epoch 0 after epoch 3");
}

TEST(Metrics, RefusesALineCutShort) {
  const std::string cut = three_rows().substr(0, three_rows().size() - 40);
  EXPECT_THAT(refusal(cut), HasSubstr("metrics.csv line 4: expected 22 columns, found "));
}

// A damaged disk may leave lines without end, or one longer than any of ours.
TEST(Metrics, PassesOverEmptyLinesAndRefusesOverlongOnes) {
  MetricsRow row;
  row.spikes_per_neuron = row.silent_fraction = {0.5};
  const std::string good = metrics_to_csv({row}, 1);
  EXPECT_EQ(metrics_from_csv(good + std::string(100'000, '\n'), 1, "m.csv").size(), 1u);
  const std::string overlong = good + std::string(3'000'000, ',') + "\n";
  EXPECT_EQ(readable_metrics(overlong, 1).size(), 1u);
  EXPECT_THROW(metrics_from_csv(overlong, 1, "m.csv"), Error);
}

}  // namespace
}  // namespace snn

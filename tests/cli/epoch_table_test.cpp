#include "cli/epoch_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snn::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

NetworkSpec network(std::size_t layers, bool is_relu = false) {
  NetworkSpec spec;
  spec.sample_shape = {1, 28, 28};
  for (std::size_t i = 0; i < layers; ++i) {
    NeuronSpec neuron = LeakyOptions{};
    if (is_relu) neuron = ReluOptions{};
    spec.layers.push_back({LinearSpec{10}, neuron});
  }
  return spec;
}

EpochReport report_of(std::size_t layers) {
  EpochReport report;
  report.row.epoch = 3;
  report.row.train = {61.8534, 0.9715};
  report.row.validation = {4.2, 1.0};
  report.row.test = {3.118, 0.9685};
  report.row.spikes_per_neuron.assign(layers, 25);
  report.row.seconds = 787;
  report.row.samples_per_second = 164387.4;
  report.epochs = 5;
  report.is_best = true;
  return report;
}

// The heading and the line of one epoch, `columns` wide.
std::vector<std::string> lines_at(int columns, std::size_t layers = 2, bool validates = false) {
  Config config;
  config.validation = validates ? 1000 : 0;
  const Terminal terminal;
  return EpochTable(config, network(layers), terminal).lines(report_of(layers), columns);
}

TEST(EpochTable, FitsTheTerminal) {
  EXPECT_THAT(
      lines_at(80),
      ElementsAre(
          "epoch  train loss  accuracy  test loss  accuracy       spikes   samp/s     time",
          "  3/5     61.8534   97.15 %     3.1180   96.85 %  25.00 25.00  164,387  13m 07s"));
  EXPECT_THAT(lines_at(120)[0], HasSubstr("spikes/neuron  samples/s"));
  EXPECT_THAT(lines_at(60),
              ElementsAre("epoch  train loss  accuracy  test loss  accuracy     time",
                          "  3/5     61.8534   97.15 %     3.1180   96.85 %  13m 07s"));
  EXPECT_THAT(lines_at(40), ElementsAre("epoch  train loss  test loss  accuracy",
                                        "  3/5     61.8534     3.1180   96.85 %"));
  EXPECT_THAT(lines_at(10), ElementsAre("epoch  test acc", "  3/5   96.85 %"));
  for (const int columns : {200, 120, 100, 80, 79, 60, 41, 40}) {
    for (const std::size_t layers : {1U, 2U, 3U, 20U}) {
      for (const bool validates : {false, true}) {
        for (const std::string& line : lines_at(columns, layers, validates)) {
          EXPECT_LE(line.size(), static_cast<std::size_t>(columns)) << line;
        }
      }
    }
  }
}

TEST(EpochTable, GivesWayInOrder) {
  EXPECT_THAT(lines_at(90, 3)[1], HasSubstr("  25.00 25.00 25.00  "));
  EXPECT_THAT(lines_at(74, 3)[1],
              AllOf(HasSubstr("  25.0 25.0 25.0  "), Not(HasSubstr("164,387"))));
  EXPECT_THAT(lines_at(80, 20)[1], HasSubstr("  25.0 .. 25.0  "));
  EXPECT_THAT(lines_at(80, 2, true)[0],
              StartsWith("epoch  train loss  valid loss  accuracy  test loss  accuracy"));
  EXPECT_THAT(lines_at(40, 2, true), ElementsAre("epoch  train loss  valid acc  test acc",
                                                 "  3/5     61.8534   100.00 %   96.85 %"));
}

TEST(EpochTable, ShowsHeadingsAgainWhereTheTerminalChanged) {
  const Terminal terminal;
  EpochTable table(Config{}, network(2), terminal);
  EXPECT_EQ(table.lines(report_of(2), 80).size(), 2U);
  EXPECT_EQ(table.lines(report_of(2), 80).size(), 1U);
  EXPECT_EQ(table.lines(report_of(2), 81).size(), 1U) << "the same columns";
  EXPECT_EQ(table.lines(report_of(2), 60).size(), 2U);
}

TEST(EpochTable, AdvisesWhatTheNeuronsOfTheLayerHave) {
  NetworkSpec mixed = network(3);
  mixed.layers[1].neuron = LapicqueOptions{};
  Config config;
  config.steps = 25;
  const Terminal terminal;
  EpochTable table(config, mixed, terminal);
  MetricsRow row;
  row.epoch = 1;
  row.spikes_per_neuron = {0, 0, 25};
  row.silent_fraction = {1, 0.75, 0};
  EXPECT_THAT(table.warnings(row),
              ElementsAre("layer 1: no neuron spiked for any test image; try a higher --beta, a "
                          "lower --threshold or another --lr",
                          "layer 2: 75.00 % of its neurons were silent for every test image and "
                          "may never learn; try a lower --threshold or a lower --lr",
                          "layer 3: every neuron spiked at every step for every test image; try a "
                          "lower --beta, a higher --threshold, a higher --refractory or another "
                          "--lr"));
}

TEST(EpochTable, ShortensLargeNumbers) {
  Config config;
  config.steps = 1;
  const Terminal terminal;
  EpochTable table(config, network(2, /*is_relu=*/true), terminal);
  EpochReport report = report_of(2);
  report.row.train.loss = 3.6e31;
  report.row.test.loss = 12345.6;
  report.row.samples_per_second = 1234567;
  report.row.seconds = 7500;
  const std::string line = table.lines(report, 80).at(1);
  EXPECT_THAT(line, AllOf(HasSubstr(" 3.60e+31 "), HasSubstr(" 12346 "), HasSubstr(" 1.23 M "),
                          HasSubstr("2h 05m")));
}

TEST(ProgressLine, IsShorterThanTheTerminal) {
  const Terminal terminal;
  const EpochTable table(Config{}, network(2), terminal);
  const BatchReport batch{3, 5, 211, 469, 2.8115, 0.9715, 164387, 0.2, 72};
  const EvaluationReport tested{3, 5, 5000, 10000, 12.0};
  for (const int columns : {200, 120, 80, 60, 40, 20, 10, 2, 1, 0}) {
    const auto most = static_cast<std::size_t>(std::max(columns - 1, 0));
    EXPECT_LE(table.progress_line(batch, columns).size(), most);
    EXPECT_LE(table.progress_line(tested, columns).size(), most);
  }
  EXPECT_EQ(table.progress_line(batch, 80),
            "epoch 3/5 [====>    ]  45 %  1m 12s left, epoch 0.2 s  loss 2.8115  acc 97.15 %");
  EXPECT_THAT(table.progress_line(batch, 120), HasSubstr("  164,387 samples/s"));
  EXPECT_EQ(table.progress_line(batch, 50), "epoch 3/5 [==>  ]  45 %  1m 12s left, epoch 0.2 s");
  EXPECT_EQ(table.progress_line(batch, 30), "epoch 3/5 45 %  1m 12s left");
  EXPECT_EQ(table.progress_line(tested, 50), "epoch 3/5 [======>     ] testing  50 %  12 s left");
  EXPECT_EQ(table.progress_line(EvaluationReport{0, 5, 0, 0}, 40),
            "epoch 0/5 [>            ] testing   0 %");
}

}  // namespace
}  // namespace snn::cli

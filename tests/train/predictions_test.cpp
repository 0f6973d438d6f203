#include "snn/train/predictions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/error_of.h"

namespace snn {
namespace {

const std::vector<Prediction> kThree = {{0, 2, 2, {0, 1, 25}, {-1, 0.1F, 7}},
                                        {7, 0, 1, {3, 4.5, 0}, {1, 2, 3}},
                                        {4294967295, 1, 1, {0, 1.0 / 3, 0}, {0, 1.0F / 3, 1e-30F}}};

std::string refusal(const std::string& text) {
  return error_of(ExitCode::kCheckpoint, [&] { predictions_from_csv(text, "p.csv"); });
}

TEST(Predictions, ReadBackExactly) {
  const std::string text = predictions_to_csv(kThree, 3);
  EXPECT_THAT(text, testing::StartsWith("image,label,prediction,spikes_0,spikes_1,spikes_2,"
                                        "tied_classes,count_prediction,"
                                        "membrane_0,membrane_1,membrane_2\n"
                                        "0,2,2,0,1,25,1,2,-1,0.1,7\n7,0,1,3,4.5,0,1,1,1,2,3\n"));
  EXPECT_EQ(predictions_from_csv(text, "p.csv"), kThree);
  EXPECT_TRUE(predictions_from_csv(predictions_to_csv({}, 3), "p.csv").empty());
}

TEST(Predictions, OfAnOlderVersionAreRead) {
  EXPECT_EQ(predictions_from_csv("image,label,prediction,spikes_0,spikes_1\n3,1,0,2,2\n", "p.csv"),
            (std::vector<Prediction>{{3, 1, 0, {2, 2}}}));
}

TEST(Predictions, ShowATieAndWhatDecidedIt) {
  const std::vector<Prediction> tie = {{5, 2, 2, {4, 1, 4}, {0.5F, 9, 0.75F}}};
  EXPECT_THAT(predictions_to_csv(tie, 3), testing::EndsWith("\n5,2,2,4,1,4,2,0,0.5,9,0.75\n"));
}

TEST(Predictions, LeaveOutAMembraneThatIsNotFinite) {
  const std::vector<Prediction> wild = {{5, 1, 0, {0, 0}, {NAN, INFINITY}}};
  const std::string text = predictions_to_csv(wild, 2);
  EXPECT_THAT(text, testing::EndsWith("\n5,1,0,0,0,2,0,,\n"));
  EXPECT_TRUE(std::isnan(predictions_from_csv(text, "p.csv")[0].membranes[1]));
}

TEST(Predictions, AreThoseOfAnEvaluation) {
  Dataset dataset;
  dataset.classes = 2;
  dataset.labels = {0, 1, 1};
  Evaluation evaluation;
  evaluation.predictions = {1, 0};
  evaluation.spike_counts = {1, 2, 4, 3};
  evaluation.membrane_sums = {5, 6, 7, 8};
  const std::vector<std::uint32_t> indices = {2, 0};
  const auto rows = predictions_of(evaluation, dataset, indices);
  EXPECT_EQ(rows, (std::vector<Prediction>{{2, 1, 1, {1, 2}, {5, 6}}, {0, 0, 0, {4, 3}, {7, 8}}}));
}

TEST(Predictions, AreCountedByLabelAndPrediction) {
  EXPECT_EQ(confusion_matrix(kThree, 3),
            (std::vector<std::vector<std::int64_t>>{{0, 1, 0}, {0, 1, 0}, {0, 0, 1}}));
}

TEST(Predictions, RefuseWhatIsDamaged) {
  const std::string good = predictions_to_csv(kThree, 3);
  EXPECT_THAT(refusal(""), testing::StartsWith("p.csv line 1: expected the columns image,label"));
  EXPECT_THAT(refusal("image,label\n"), testing::StartsWith("p.csv line 1: expected the columns"));
  EXPECT_EQ(refusal(good.substr(0, good.size() - 3)), "p.csv line 4: the last line is truncated");
  const std::string header = good.substr(0, good.find('\n') + 1);
  EXPECT_EQ(refusal(header.substr(0, header.size() - 1)),
            "p.csv line 1: the last line is truncated");
  EXPECT_EQ(refusal(header + "\n\n"), "p.csv line 2: expected 11 columns, found 1");
  EXPECT_EQ(refusal(header + "0,2,2,0,1\n"), "p.csv line 2: expected 11 columns, found 5");
  EXPECT_EQ(refusal(header + "-1,2,2,0,1,2,1,2,0,0,0\n"),
            "p.csv line 2: expected the number of an image, found '-1'");
  EXPECT_EQ(refusal(header + "0,2,3,0,1,2,1,2,0,0,0\n"),
            "p.csv line 2: expected a class from 0 to 2, found '3'");
  EXPECT_EQ(refusal(header + "0,2,2,0,nan,2,1,2,0,0,0\n"),
            "p.csv line 2: expected a number, found 'nan'");
  EXPECT_EQ(refusal(header + "0,2,2,0,1,2,1,2,0,0,x\n"),
            "p.csv line 2: expected a number, found 'x'");
}

}  // namespace
}  // namespace snn

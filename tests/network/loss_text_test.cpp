#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "snn/network/loss.h"
#include "snn/network/regularizer.h"
#include "support/error_of.h"

namespace snn {
namespace {

using testing::HasSubstr;

TEST(ParseLoss, TakesDefaultsForWhatIsLeftOut) {
  EXPECT_EQ(parse_loss("ce-membrane"), Loss{});
  EXPECT_EQ(parse_loss("mse_count"), Loss::mse_count(1, 0));
  EXPECT_EQ(parse_loss("mse-count:correct=0.8"), Loss::mse_count(0.8, 0));
  EXPECT_EQ(parse_loss("mse-temporal"), Loss::mse_temporal(0, -1, 0));
  EXPECT_EQ(parse_loss("ce-temporal:inverse=reciprocal"), Loss::ce_temporal(true));
  EXPECT_EQ(parse_loss("ce-temporal: smoothing=0.1, inverse=negate"),
            Loss::ce_temporal(false, 0.1));
  EXPECT_EQ(parse_loss("ce-rate:smoothing=0.1"), Loss::ce_rate(0.1));
}

TEST(ParseLoss, AddsTerms) {
  EXPECT_EQ(parse_loss("ce-rate + 0.1*mse-count:correct=0.8"),
            Loss::ce_rate() + 0.1 * Loss::mse_count(0.8));
  EXPECT_EQ(parse_loss("2*ce-rate+ce-count+3 * ce-rate"),
            2 * Loss::ce_rate() + Loss::ce_count() + 3 * Loss::ce_rate());
  // A plus sign in an exponent joins nothing.
  EXPECT_EQ(parse_loss("1e+2*mse-membrane:on=1e+1+ce-rate"),
            100 * Loss::mse_membrane(10) + Loss::ce_rate());
}

TEST(LossText, StatesEveryParameterButASmoothingOfZero) {
  EXPECT_EQ(to_string(Loss{}), "ce-membrane");
  EXPECT_EQ(to_string(Loss::ce_temporal()), "ce-temporal:inverse=negate");
  EXPECT_EQ(to_string(Loss::ce_rate(0.1) + 0.5 * Loss::mse_temporal(1, 2, 3)),
            "ce-rate:smoothing=0.1 + 0.5*mse-temporal:on=1,off=2,tolerance=3");
}

TEST(LossText, ReadsBackExactly) {
  for (const std::string& name : all_names<LossKind>()) {
    const Loss loss = parse_loss(name);
    EXPECT_EQ(name_of(loss.terms.at(0).kind), name);
    EXPECT_EQ(parse_loss(to_string(loss)), loss);
    const Loss twice = 1.0 / 3 * loss + 1e20 * Loss::ce_count(1.0 / 7);
    EXPECT_EQ(parse_loss(to_string(twice)), twice) << to_string(twice);
  }
}

TEST(ParseLoss, SaysWhatIsWrong) {
  const auto error = [](const char* text) { return error_of([&] { parse_loss(text); }); };
  EXPECT_THAT(error("ce-rat"), HasSubstr("found 'ce-rat' (did you mean 'ce-rate'?)"));
  EXPECT_THAT(error(""), HasSubstr("expected a loss (ce-membrane, "));
  EXPECT_EQ(error("ce-rate +"), "term 2: expected a loss, found nothing");
  EXPECT_EQ(error("0*ce-rate"), "term 1: the weight before '*': expected a number > 0, found '0'");
  EXPECT_EQ(error("ce-rate + x*ce-count"),
            "term 2: the weight before '*': expected a number > 0, found 'x'");
  EXPECT_THAT(error("ce-rate + 2*ce-cont"),
              testing::AllOf(HasSubstr("term 2 ('ce-cont'): expected a loss"),
                             HasSubstr("did you mean 'ce-count'?")));
  EXPECT_EQ(error("ce-temporal:inverse=negat"),
            "loss 'ce-temporal': inverse: expected negate or reciprocal, found 'negat' (did you "
            "mean 'negate'?)");
  EXPECT_EQ(error("ce-rate:smoothing=1"),
            "loss 'ce-rate': smoothing: expected a number in [0, 1), found '1'");
  EXPECT_EQ(error("mse-count:smoothing=0.1"),
            "loss 'mse-count': unknown parameter 'smoothing'; it has correct, incorrect");
}

TEST(RegularizerText, ReadsBackExactly) {
  for (const char* text : {"none", "l1-rate", "0.001*l1-rate + 1e-06*spikes",
                           "0.1*rate-band:low=0.01,high=0.2 + spikes"}) {
    EXPECT_EQ(to_string(parse_regularizer(text)), text);
  }
  EXPECT_EQ(parse_regularizer("rate-band").terms.at(0),
            (RegularizerTerm{RegularizerKind::kRateBand, {0, 1}}));
  EXPECT_EQ(parse_regularizer(" None ").terms.size(), 0);
}

TEST(ParseRegularizer, SaysWhatIsWrong) {
  const auto error = [](const char* text) { return error_of([&] { parse_regularizer(text); }); };
  EXPECT_THAT(error("l2"), HasSubstr("expected a regularizer (l1-rate, rate-band or spikes)"));
  EXPECT_EQ(error("spikes + rate-band:low=0.3,high=0.2"),
            "term 2 ('rate-band:low=0.3,high=0.2'): regularizer 'rate-band': low: expected at most "
            "high, 0.2, found 0.3");
  EXPECT_EQ(error("spikes:weight=2"),
            "regularizer 'spikes': unknown parameter 'weight'; it has none");
}

TEST(ClassCount, NeedsWholePopulationsAndAWeightForEachClass) {
  EXPECT_EQ(class_count({}, 10), 10);
  EXPECT_EQ(class_count({5, {}}, 20), 4);
  EXPECT_EQ(class_count({5, {1, 0, 2, 1}}, 20), 4);
  EXPECT_EQ(error_of([] {
              class_count({3, {}}, 20);
            }),
            "population: expected a divisor of the network's 20 outputs, found 3");
  EXPECT_EQ(error_of([] {
              class_count({5, {1, 2}}, 20);
            }),
            "class-weights: expected 4 values, one for each class, found 2");
  EXPECT_EQ(error_of([] {
              class_count({1, {0, 0}}, 2);
            }),
            "class-weights: expected at least one weight above 0");
}

}  // namespace
}  // namespace snn

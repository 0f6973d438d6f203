#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "snn/network/surrogate.h"
#include "support/error_of.h"

namespace snn {
namespace {

using testing::HasSubstr;

TEST(ParseSurrogate, TakesDefaultsForWhatIsLeftOut) {
  EXPECT_EQ(parse_surrogate("atan"), Surrogate::atan());
  EXPECT_EQ(parse_surrogate("fast_sigmoid"), Surrogate::fast_sigmoid());
  EXPECT_EQ(parse_surrogate("sigmoid:slope=3"), Surrogate::sigmoid(3));
  EXPECT_EQ(parse_surrogate("sfs:b=0.5"), Surrogate::sfs(25, 0.5));
  EXPECT_EQ(parse_surrogate("sfs: slope=1, b=2"), Surrogate::sfs(1, 2));
  EXPECT_EQ(parse_surrogate("multi-gaussian:scale=3"), Surrogate::multi_gaussian(0.15, 0.5, 3));
  EXPECT_EQ(parse_surrogate("sso:mean=-0.1"), Surrogate::sso(-0.1));
  EXPECT_EQ(parse_surrogate("spike-rate-escape:beta=2,slope=3"),
            Surrogate::spike_rate_escape(2, 3));
}

TEST(SurrogateText, StatesEveryParameter) {
  EXPECT_EQ(to_string(Surrogate{}), "atan:alpha=2");
  EXPECT_EQ(to_string(Surrogate::spike_operator()), "spike-operator");
  EXPECT_EQ(to_string(Surrogate::spike_rate_escape()), "spike-rate-escape:beta=1,slope=25");
}

TEST(SurrogateText, ReadsBackExactly) {
  for (const std::string& name : all_names<SurrogateKind>()) {
    const Surrogate surrogate = parse_surrogate(name);
    EXPECT_EQ(name_of(surrogate.kind), name);
    EXPECT_EQ(parse_surrogate(to_string(surrogate)), surrogate);
  }
  const Surrogate odd = Surrogate::atan(1.0 / 3);
  EXPECT_EQ(parse_surrogate(to_string(odd)), odd);
}

TEST(ParseSurrogate, SaysWhatIsWrong) {
  const auto error = [](const char* text) { return error_of([&] { parse_surrogate(text); }); };
  EXPECT_THAT(error("atn"), HasSubstr("found 'atn' (did you mean 'atan'?)"));
  EXPECT_THAT(error(""), HasSubstr("found nothing"));
  EXPECT_EQ(error("atan:"), "expected parameter=value after 'atan:'");
  EXPECT_EQ(error("atan:2"), "surrogate 'atan': expected parameter=value, found '2'");
  EXPECT_EQ(error("atan:alpha=0"), "surrogate 'atan': alpha: expected a number > 0, found '0'");
  EXPECT_EQ(error("atan:alpha="), "surrogate 'atan': alpha: expected a number > 0, found nothing");
  EXPECT_EQ(error("atan:alpha=1,alpha=2"), "surrogate 'atan': alpha is given twice");
  EXPECT_EQ(error("sfs:slop=1"),
            "surrogate 'sfs': unknown parameter 'slop' (did you mean 'slope'?); it has slope, b");
  EXPECT_EQ(error("spike-operator:x=1"),
            "surrogate 'spike-operator': unknown parameter 'x'; it has none");
}

}  // namespace
}  // namespace snn

#include "snn/text/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace snn {
namespace {

TEST(FormatReal, WritesWhatAPersonWould) {
  EXPECT_EQ(format_real(0.95), "0.95");
  EXPECT_EQ(format_real(5e-4), "0.0005");
  EXPECT_EQ(format_real(25), "25");
  EXPECT_EQ(format_real(0), "0");
  EXPECT_EQ(format_real(-1.5), "-1.5");
  EXPECT_EQ(format_real(1e-7), "1e-07");
  EXPECT_EQ(format_real(1e20), "1e+20");
  EXPECT_EQ(format_real(std::copysign(std::nan(""), -1)), "nan");
}

TEST(FormatReal, ReadsBackAsTheSameNumber) {
  for (const double value : {0.1, 1.0 / 3, 2e-308, 1.7976931348623157e308, 123456789.123456789,
                             std::nextafter(1.0, 2.0), std::numeric_limits<double>::min()}) {
    double read = 0;
    ASSERT_TRUE(parse_real(format_real(value), read)) << format_real(value);
    EXPECT_EQ(read, value);
  }
}

TEST(ParseReal, TakesTheWholeTextOrNothing) {
  double value = 7;
  for (const char* text : {"", " ", "abc", "1x", " 1", "1 ", "0x10", "1,5", "nan", "inf", "-inf",
                           "1e999", "+-1", "--1", "+", "1e"}) {
    EXPECT_FALSE(parse_real(text, value)) << text;
  }
  EXPECT_EQ(value, 7);
  EXPECT_TRUE(parse_real("+1e-3", value));
  EXPECT_EQ(value, 0.001);
  EXPECT_TRUE(parse_real("-.5", value));
  EXPECT_EQ(value, -0.5);
}

TEST(ParseInteger, IsDecimal) {
  long long value = 7;
  for (const char* text : {"", "x", "1.0", "1e3", "0x10", "9223372036854775808", "1 "}) {
    EXPECT_FALSE(parse_integer(text, value)) << text;
  }
  EXPECT_EQ(value, 7);
  EXPECT_TRUE(parse_integer("010", value));
  EXPECT_EQ(value, 10);
  EXPECT_TRUE(parse_integer("9223372036854775807", value));
  EXPECT_EQ(value, std::numeric_limits<long long>::max());
}

TEST(SplitAndJoin, UndoEachOther) {
  using Pieces = std::vector<std::string>;
  EXPECT_EQ(split("a,,b,", ','), (Pieces{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), Pieces{""});
  EXPECT_EQ(join({"a", "", "b", ""}, ","), "a,,b,");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(Nearest, FindsWhatWasMeant) {
  const std::vector<std::string> names = {"beta", "epochs", "lr", "learn-beta", "batch-size"};
  EXPECT_EQ(nearest("bata", names), "beta");
  EXPECT_EQ(nearest("epoch", names), "epochs");
  EXPECT_EQ(nearest("lern-bate", names), "learn-beta");
  EXPECT_EQ(nearest("rl", names), "lr");  // a swap is one edit
  EXPECT_EQ(nearest("beta", names), "beta");
}

TEST(Nearest, IsSilentWhereNothingIsNear) {
  const std::vector<std::string> names = {"beta", "lr"};
  EXPECT_EQ(nearest("momentum", names), "");
  EXPECT_EQ(nearest("xy", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest("beta", {}), "");
}

}  // namespace
}  // namespace snn

#include "text/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "snn/text/error.h"
#include "support/error_of.h"

namespace snn {
namespace {

using testing::HasSubstr;

std::string nested(int depth, const std::string& open, const std::string& close) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += open;
  text += "1";
  for (int i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(ParseJson, TakesWhatIsDeepAndRefusesWhatIsDeeper) {
  for (const auto& [open, close] : {std::pair("[", "]"), std::pair(R"({"a":)", "}")}) {
    EXPECT_EQ(dump_json(parse_json(nested(kDeepestJson, open, close))),
              nested(kDeepestJson, open, close));
    const auto refusal = error_of(
        ExitCode::kUsage, [&, o = open, c = close] { parse_json(nested(kDeepestJson + 1, o, c)); });
    EXPECT_THAT(refusal, HasSubstr("deeper than 64 levels"));
  }
  // The deep list is unfinished and not the last value of its object: discarding it would overflow
  // the stack.
  const std::string deep = R"({"a":)" + std::string(1'000'000, '[') + R"(,"b":1})";
  EXPECT_THAT(error_of([&] { parse_json(deep); }), HasSubstr("deeper than 64 levels"));
  EXPECT_FALSE(json_if_valid(deep));
}

TEST(JsonIfValid, IsNothingForWhatIsDamaged) {
  for (const char* text : {"", "{", "nul", R"({"a":1,"a":2})", "1e999", "[1]x"}) {
    EXPECT_FALSE(json_if_valid(text)) << text;
  }
  EXPECT_EQ(json_if_valid(R"({"a":[1]})"), Json({{"a", {1}}}));
  EXPECT_TRUE(json_if_valid("null"));
}

TEST(IntegerOf, TakesIntegersAlone) {
  for (const char* text : {"0", "-1", "9223372036854775807", "-9223372036854775808"}) {
    EXPECT_EQ(std::to_string(integer_of(parse_json(text))), text);
  }
  for (const char* text : {"1.0", "1e0", "9223372036854775808", "true", "null", "\"1\"", "[1]"}) {
    EXPECT_THAT(error_of([&] { integer_of(parse_json(text)); }), HasSubstr("expected an integer"))
        << text;
  }
}

}  // namespace
}  // namespace snn

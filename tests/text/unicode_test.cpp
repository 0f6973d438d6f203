#include "text/unicode.h"

#include <gtest/gtest.h>

#include <string>

namespace snn {
namespace {

using namespace std::string_literals;

TEST(DecodeText, DropsAByteOrderMarkAndCarriageReturns) {
  EXPECT_EQ(decode_text(""), "");
  EXPECT_EQ(decode_text("\xEF\xBB\xBF"
                        "beta: 0.9\r\nlr: 1\rT: 2\n"),
            "beta: 0.9\nlr: 1\nT: 2\n");
  EXPECT_EQ(decode_text("a\r"), "a\n");
}

TEST(DecodeText, ConvertsUtf16OfBothByteOrders) {
  // The text is "ä€😀" and a line end: U+00E4, U+20AC, U+1F600 (a surrogate pair), U+000D, U+000A.
  const std::string expected = "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\n";
  EXPECT_EQ(decode_text("\xFF\xFE\xE4\x00\xAC\x20\x3D\xD8\x00\xDE\x0D\x00\x0A\x00"s), expected);
  EXPECT_EQ(decode_text("\xFE\xFF\x00\xE4\x20\xAC\xD8\x3D\xDE\x00\x00\x0D\x00\x0A"s), expected);
}

TEST(DecodeText, MarksWhatIsNoUtf16) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(decode_text("\xFF\xFE\x3D\xD8\x41\x00"s), replacement + "A");  // a lone surrogate
  EXPECT_EQ(decode_text("\xFF\xFE\x41\x00\x42"s), "A" + replacement);      // an incomplete unit
}

TEST(DecodeText, PassesOnWhatIsUtf8OrNoTextAtAll) {
  EXPECT_EQ(decode_text("Gr\xC3\xB6\xC3\x9F"
                        "e"),
            "Gr\xC3\xB6\xC3\x9F"
            "e");
  EXPECT_EQ(decode_text("\x80\xFF\0"s), "\x80\xFF\0"s);
}

}  // namespace
}  // namespace snn

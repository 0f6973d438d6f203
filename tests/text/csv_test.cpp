#include "text/csv.h"

#include <gtest/gtest.h>

#include "support/error_of.h"

namespace snn {
namespace {

TEST(CsvLine, QuotesWhatWouldBeReadOtherwise) {
  EXPECT_EQ(csv_line({"a", "", "0.5"}), "a,,0.5\n");
  EXPECT_EQ(csv_line({"800,400", "say \"yes\"", "a\nb"}),
            "\"800,400\",\"say \"\"yes\"\"\",\"a\nb\"\n");
}

TEST(CsvLine, IsReadBack) {
  const std::vector<std::string> cells = {"800,400", "\"", "a\r\nb", " x ", ""};
  const Csv csv = parse_csv(csv_line({"a", "b", "c", "d", "e"}) + csv_line(cells), "t.csv");
  ASSERT_EQ(csv.rows.size(), 1U);
  EXPECT_EQ(csv.rows[0], cells);
}

TEST(TakeLine, GivesEachLineWithoutItsEnd) {
  std::string_view text = "a\n\nb";
  EXPECT_EQ(take_line(text), "a");
  EXPECT_EQ(take_line(text), "");
  EXPECT_EQ(text, "b");
  EXPECT_EQ(take_line(text), "b");
  EXPECT_TRUE(text.empty());
}

TEST(ParseCsv, KnowsQuotes) {
  const Csv csv = parse_csv("a,b\n\"1,2\",\"say \"\"x\"\"\"\n,\n", "t.csv");
  EXPECT_EQ(csv.cell(0, "a"), "1,2");
  EXPECT_EQ(csv.cell(0, "b"), "say \"x\"");
  EXPECT_EQ(csv.cell(1, "b"), "");
  EXPECT_EQ(csv.cell(1, "c"), "");
  const auto refusal = [](const std::string& text) {
    return error_of(ExitCode::kCheckpoint, [&] { parse_csv(text, "t.csv"); });
  };
  EXPECT_EQ(refusal("a,b\n1\n"), "t.csv line 2: expected 2 columns, found 1");
  EXPECT_EQ(refusal("a\n\"1\n"), "t.csv line 2: a quotation mark is never closed");
  EXPECT_EQ(refusal("a\n1"), "t.csv line 1: expected a table, found a truncated last line");
}

}  // namespace
}  // namespace snn

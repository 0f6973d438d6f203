#include "cli/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/confusion_table.h"
#include "cli/process.h"
#include "snn/text/text.h"

namespace snn::cli {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::ResultOf;
using testing::SizeIs;

TEST(ColumnsOf, IsTheTerminalsWidthOrThatOfAPage) {
  const process::Pipe terminal(120), pipe;
  EXPECT_EQ(columns_of(terminal.writer()), 120);
  const winsize resized = {24, 33, 0, 0}, unknown = {0, 0, 0, 0};
  ASSERT_EQ(::ioctl(terminal.writer(), TIOCSWINSZ, &resized), 0);
  EXPECT_EQ(columns_of(terminal.writer()), 33);
  ASSERT_EQ(::ioctl(terminal.writer(), TIOCSWINSZ, &unknown), 0);
  EXPECT_EQ(columns_of(terminal.writer()), 80);
  EXPECT_EQ(columns_of(pipe.writer()), 80);
}

TEST(Wrapped, BreaksAtSpacesAndIndents) {
  EXPECT_EQ(wrapped("one two three", 0, 80), "one two three");
  EXPECT_EQ(wrapped("one two three", 0, 7), "one two\nthree");
  EXPECT_EQ(wrapped("one two three", 3, 10), "one two\n   three");
  EXPECT_EQ(wrapped("a muchtoolongword b", 2, 8), "a\n  muchtoolongword\n  b");
  EXPECT_EQ(wrapped("µ µ µ", 0, 5), "µ µ µ") << "counts characters, not bytes";
}

TEST(Shortened, KeepsBothEnds) {
  EXPECT_EQ(shortened("beta=0.5_seed=1", 15), "beta=0.5_seed=1");
  EXPECT_EQ(shortened("beta=0.5_seed=1", 10), "beta..ed=1");
  EXPECT_EQ(shortened("beta=0.5_seed=1", 2), "be");
  EXPECT_EQ(shortened("beta=0.5_seed=1", 0), "");
}

std::vector<std::vector<std::int64_t>> confusion_of(std::size_t classes, std::int64_t right) {
  std::vector<std::vector<std::int64_t>> confusion(classes, std::vector<std::int64_t>(classes, 0));
  for (std::size_t i = 0; i < classes; ++i) {
    confusion[i][i] = right;
    confusion[i][(i + 1) % classes] = 12;
    confusion[i][(i + 2) % classes] = 3;
  }
  return confusion;
}

std::vector<std::string> numbers(std::size_t classes) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < classes; ++i) names.push_back(std::to_string(i));
  return names;
}

TEST(ConfusionTable, FitsTheTerminal) {
  const std::vector<std::string> clothes = {"T-shirt/top", "Trouser",   "Pullover", "Dress",
                                            "Coat",        "Sandal",    "Shirt",    "Sneaker",
                                            "Bag",         "Ankle boot"};
  for (const int columns : {200, 120, 80, 60, 40}) {
    for (const auto& names : {numbers(2), numbers(10), clothes, numbers(26), numbers(47)}) {
      const std::string table = confusion_table(confusion_of(names.size(), 1000), names, columns);
      EXPECT_THAT(split(table, '\n'),
                  Each(ResultOf([](const std::string& line) { return line.size(); },
                                Le(static_cast<std::size_t>(columns)))))
          << names.size() << " classes\n"
          << table;
    }
  }
  const std::string few = confusion_table(confusion_of(10, 985), numbers(10), 80);
  EXPECT_THAT(few, HasSubstr("     9    12     3     .     .     .     .     .     .     .   985"
                             "   98.50 %\n"));
  EXPECT_THAT(confusion_table(confusion_of(10, 985), clothes, 80),
              AllOf(HasSubstr("9  12   3   .   .   .   .   .   .   . 985   98.50 %  "
                              "Ankle boot\n")));
  EXPECT_THAT(
      confusion_table(confusion_of(26, 985), numbers(26), 80),
      AllOf(Not(HasSubstr("matrix")), HasSubstr("   25    1,000   98.50 %  0 (12), 1 (3)\n")));
}

}  // namespace
}  // namespace snn::cli

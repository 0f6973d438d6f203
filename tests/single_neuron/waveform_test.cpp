#include "single_neuron/waveform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/error_of.h"
#include "support/temporary_directory.h"

namespace snn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The current at the times 0 … 7, for a duration of 7.
std::vector<double> values(const std::string& text) {
  const Waveform waveform = parse_waveform(text);
  std::vector<double> found;
  for (int t = 0; t < 8; ++t) found.push_back(waveform.at(t, 7));
  return found;
}

class RecordingTest : public testing::Test {
 protected:
  std::string file(const std::string& text) const {
    const std::string path = (folder_.path() / "current.csv").string();
    std::ofstream(path) << text;
    return path;
  }

 private:
  TemporaryDirectory folder_;
};

TEST(ParseWaveform, ReadsStepsRampsAndPulses) {
  EXPECT_THAT(values("step:0.2"), ElementsAre(.2, .2, .2, .2, .2, .2, .2, .2));
  EXPECT_THAT(values("step:-2,start=6"), ElementsAre(0, 0, 0, 0, 0, 0, -2, -2));
  EXPECT_THAT(values("ramp:7"), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(values("ramp:to=0,from=7"), ElementsAre(7, 6, 5, 4, 3, 2, 1, 0));
  EXPECT_THAT(values("pulse:3,start=1,width=2"), ElementsAre(0, 3, 3, 0, 0, 0, 0, 0));
  EXPECT_THAT(values("pulse:amplitude=3,start=1,period=3"), ElementsAre(0, 3, 0, 0, 3, 0, 0, 3));
}

TEST(ParseWaveform, ReadsBackWhatItIsWrittenAs) {
  for (const char* text : {"step:0.1,start=3", "ramp:2", "pulse:0.5,width=3,period=9"}) {
    const std::string whole = to_string(parse_waveform(text));
    EXPECT_EQ(to_string(parse_waveform(whole)), whole);
  }
  EXPECT_EQ(to_string(parse_waveform("step:0.1")), "step:amplitude=0.1,start=0");
}

TEST(ParseWaveform, SaysWhatIsWrong) {
  const auto error = [](const std::string& text) {
    return error_of([&] { parse_waveform(text); });
  };
  EXPECT_THAT(error("stpe:1"), HasSubstr("found 'stpe:1' (did you mean 'step'?)"));
  EXPECT_THAT(error("pulse:1,width=0"),
              HasSubstr("pulse: width: expected a number > 0, found '0'"));
  EXPECT_THAT(error("step:1,start=-1"), HasSubstr("step: start: expected a number >= 0"));
  EXPECT_THAT(error("step:nan"), HasSubstr("step: amplitude: expected a number, found 'nan'"));
  EXPECT_THAT(error("step:1,2"), HasSubstr("step: expected parameter=value, found '2'"));
  EXPECT_THAT(error("ramp:up=3"), HasSubstr("ramp: unknown parameter 'up'"));
  EXPECT_THAT(error("none.csv"), HasSubstr("none.csv: no such file"));
  EXPECT_THAT(error(""), HasSubstr("found nothing"));
}

TEST_F(RecordingTest, HoldsAValueUntilTheNext) {
  EXPECT_THAT(values(file("1\n2\n\n3\n")), ElementsAre(1, 2, 3, 0, 0, 0, 0, 0));
  EXPECT_THAT(values(file("time,current\n1,5\n3, -6\n4,7\r\n")),
              ElementsAre(0, 5, 5, -6, 7, 0, 0, 0));
  EXPECT_EQ(parse_waveform(file("0,1\n2.5,1\n")).recorded_end, 5);
}

TEST_F(RecordingTest, ReadsWhatSpreadsheetsAndEditorsSave) {
  const auto three = ElementsAre(1, 2, 3, 0, 0, 0, 0, 0);
  EXPECT_THAT(values(file("\xEF\xBB\xBF"
                          "1\n2\n3\n")),
              three)
      << "the first number is a current";
  EXPECT_THAT(values(file("\xEF\xBB\xBFtime,current\r\n0,1\r\n1,2\r\n2,3\r\n")), three);
  EXPECT_THAT(values(file("\"1\"\n\"2\"\n\"3\"\n")), three);
  EXPECT_THAT(values(file("\"time\",\"current\"\n\"0\",\"1\"\n1,2\n2,3")), three);
  EXPECT_THAT(values(file("1\r2\r3\r")), three);
  EXPECT_THAT(values(file("# made by hand\ntime,current\nms,nA\n0,1\n# a gap\n1,2\n2,3\n")), three);
  EXPECT_THAT(values(file(std::string("\xFF\xFE"
                                      "1\0\n\0"
                                      "2\0\n\0"
                                      "3\0",
                                      12))),
              three);
}

// A damaged number accepted as a heading would be lost silently.
TEST_F(RecordingTest, TakesNoNumberForAHeading) {
  for (const char* first :
       {"nan", "NaN", "-inf", "Infinity", "N/A", "null", "'1", "1\"", "\"\"", "$1", "(1)",
        "\xE2\x88\x92"
        "1",
        "\xC2\xA0"
        "1x",
        "x,1", "1,y", "0;1", "0\t1"}) {
    try {
      parse_waveform(file(std::string(first) + "\n2\n3\n"));
      ADD_FAILURE() << first;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kData);
      EXPECT_THAT(error.what(), HasSubstr("line 1: expected a current, or time,current, found '"));
    }
  }
  try {
    parse_waveform(file("time\tcurrent\n0\t1\n"));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("line 2: expected a current, or time,current, found '0\t1'; "
                          "use a comma between time and current"));
  }
}

TEST_F(RecordingTest, NamesTheLineThatIsWrong) {
  const auto message = [this](const std::string& text) {
    try {
      parse_waveform(file(text));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kData) << text;
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(message("1\nx\n"),
              HasSubstr("line 2: expected a current, or time,current, found 'x'"));
  EXPECT_THAT(message("1,2\n3\n"),
              HasSubstr("line 2: expected 2 numbers as in the previous lines"));
  EXPECT_THAT(message("1,2\n1,3\n"), HasSubstr("line 2: expected a time after 1, found 1"));
  EXPECT_THAT(message("-1,2\n"), HasSubstr("line 1: expected a time from 0, found -1"));
  EXPECT_THAT(message("1,2,3\n1,2,3\n"), HasSubstr("line 1: expected a current"));
  EXPECT_THAT(message("1e400\n2\n"), HasSubstr("line 1: expected a current"));
  EXPECT_THAT(message(" -0.2x\n2\n"), HasSubstr("line 1: expected a current"));
  EXPECT_THAT(message("1\ninf\n"), HasSubstr("line 2"));
  EXPECT_THAT(message("current\n"), HasSubstr("it contains no current"));
  EXPECT_THAT(message(""), HasSubstr("it contains no current"));
}

}  // namespace
}  // namespace snn

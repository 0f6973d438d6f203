// The appearance of the programs' output on terminals of any width, and the paths of written files
// in it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "cli/program_test.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class Looks : public ProgramTest {
 protected:
  ProcessResult train_on_terminal(int columns, const Words& more = {}) const {
    ProcessResult result =
        train(small_training() + more, {.on_terminal = true,
                                        .columns = static_cast<unsigned short>(columns),
                                        .environment = {{"TERM", "xterm"}, {"NO_COLOR", "1"}}});
    EXPECT_EQ(result.code, 0) << result.err;
    return result;
  }
};

// Counts characters, not bytes.
std::size_t width_of(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

// The lines wider than `columns`, except warnings and lines with a path, which may be wider.
std::vector<std::string> too_wide(const std::string& text, std::size_t columns) {
  std::vector<std::string> wide;
  for (const std::string& line : split(text, '\n')) {
    const bool may_be = line.find('/') != std::string::npos || line.find("warning") < 30;
    if (width_of(line) > columns && !may_be) wide.push_back(line);
  }
  return wide;
}

// The successive contents of a terminal: lines, and the texts drawn over them.
std::string drawn_lines(const std::string& err) {
  return std::regex_replace(err, std::regex("\r\n|\r|\033\\[[0-9]*[A-Za-z]"), "\n");
}

TEST_F(Looks, HelpFitsATerminal) {
  for (const auto& help : {train({"--help"}), eval({"--help"}), sweep({"--help"}),
                           neuron({"--help"}), report({"--help"})}) {
    ASSERT_EQ(help.code, 0);
    for (const std::string& line : split(help.out, '\n')) EXPECT_LE(width_of(line), 80U) << line;
  }
}

TEST_F(Looks, TrainingFitsTheTerminal) {
  for (const int columns : {200, 80, 60, 40}) {
    for (const Words& more : {Words{}, Words{"--validation", "50", "--hidden", "20,20,20,20,20"}}) {
      const ProcessResult result = train_on_terminal(columns, more);
      const std::string lines = drawn_lines(result.err);
      EXPECT_THAT(too_wide(lines, static_cast<std::size_t>(columns)), IsEmpty());
      EXPECT_THAT(lines, AllOf(HasSubstr("\n  2/2  "), HasSubstr("\nepoch 2/2 "),
                               HasSubstr(" testing "), HasSubstr(" left")));
    }
  }
}

TEST_F(Looks, NarrowTerminalsDoNotOverflow) {
  for (const int columns : {1, 2, 10, 20}) {
    const ProcessResult result = train_on_terminal(columns);
    for (const std::string& line : split(drawn_lines(result.err), '\n')) {
      if (line.starts_with("epoch ") && line.find("acc") == std::string::npos) {
        EXPECT_LT(line.size(), static_cast<std::size_t>(columns)) << line;
      }
    }
  }
}

TEST_F(Looks, FilesAndPipesAreEightyWide) {
  const ProcessResult result =
      train(small_training() + Words{"--validation", "50", "--hidden", "20,20,20"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(too_wide(result.err + result.out, 80), IsEmpty());
  EXPECT_THAT(too_wide(bytes_of(path("runs/latest/train.log")), 80 + 28), IsEmpty());
  const ProcessResult evaluated = eval({"runs/latest", "--data-dir", fixture()});
  EXPECT_EQ(evaluated.code, 0) << evaluated.err;
  EXPECT_THAT(too_wide(evaluated.out, 80), IsEmpty());
  const ProcessResult shown = eval({"runs/latest", "--data-dir", fixture(), "--image", "3"});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_THAT(too_wide(shown.out, 80), IsEmpty());
}

TEST_F(Looks, NeuronsFitATerminal) {
  const ProcessResult one = neuron({"--neuron", "hodgkin-huxley", "--duration", "400"});
  EXPECT_THAT(too_wide(one.out, 80), IsEmpty());
  EXPECT_THAT(one.out, HasSubstr("\n           "));
  const ProcessResult several =
      neuron({"--compare", "current=pulse:0.8,start=10,width=5,period=25"});
  const ProcessResult named =
      neuron({"--current", "pulse:0.8,start=10,width=5,period=25", "--compare", "beta=0.5,0.95"});
  EXPECT_EQ(named.code, 0);
  EXPECT_THAT(too_wide(several.out + named.out, 80), IsEmpty());
}

TEST_F(Looks, RankingOfManyParametersFits) {
  const std::string layers = "9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9";
  const ProcessResult result =
      sweep({"--set", "hidden=[" + layers + "],[8]", "--set",
             "surrogate=fast-sigmoid:slope=25,fast-sigmoid:slope=12", "--data-dir", fixture(), "-T",
             "2", "-e", "1", "--no-report", "--out-dir", "s"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(too_wide(result.out, 80), IsEmpty());
  EXPECT_THAT(result.out,
              HasSubstr("      hidden=" + layers + "\n      surrogate=fast-sigmoid:slope="));
}

TEST_F(Looks, OmpNumThreadsIsTheDefault) {
  const auto threads = [&](const char* value, const Words& more) {
    return train(small_training() + more + Words{"--dry-run"},
                 {.environment = {{"OMP_NUM_THREADS", value}}})
        .err;
  };
  EXPECT_THAT(threads("3,2", {}), HasSubstr(", 3 threads"));
  EXPECT_THAT(threads("3", {"-j", "1"}), HasSubstr(", 1 thread\n"));
  EXPECT_THAT(threads("none", {}), Not(HasSubstr(", 0 threads")));
}

TEST_F(Looks, OtherFormatsAreRefusedBeforeTheWork) {
  for (const char* name : {"a.png", "a.PDF"}) {
    const ProcessResult drawn = neuron({"--svg", name});
    EXPECT_EQ(drawn.code, 2);
    EXPECT_THAT(drawn.err, HasSubstr(std::string("--svg: expected a .svg file, found '") + name +
                                     "'; write a.svg and convert it: rsvg-convert -f "));
    EXPECT_FALSE(fs::exists(path(name)));
  }
  EXPECT_THAT(neuron({"--svg", "a.jpg"}).err, HasSubstr("expected a .svg file, found 'a.jpg'\n"));
  EXPECT_THAT(neuron({"--csv", "a.json"}).err, HasSubstr("--csv: expected a .csv file"));
  EXPECT_THAT(eval({"none", "--image", "1", "--raster", "a.png"}).err,
              HasSubstr("--raster: expected a .svg file, found 'a.png'"));
  EXPECT_THAT(eval({"none", "--predictions", "a.xlsx"}).err,
              HasSubstr("--predictions: expected a .csv file, found 'a.xlsx'"));
  EXPECT_THAT(report({"none", "--out", "a.pdf"}).err, HasSubstr("--out: expected a .html file"));
  for (const char* name : {"b", "b.SVG", "b.txt", "b.svg"}) {
    EXPECT_EQ(neuron({"--svg", name}).code, 0) << name;
    EXPECT_THAT(bytes_of(path(name)), StartsWith("<?xml")) << name;
  }
}

TEST_F(Looks, WhatWasWrittenIsSaid) {
  const ProcessResult drawn = neuron({"--svg", "n.svg", "--csv", "n.csv"});
  EXPECT_THAT(drawn.out,
              AllOf(HasSubstr("\ndrawing    n.svg\n"), HasSubstr("\ntable      n.csv\n")));
  const auto json = parse(neuron({"--svg", "n.svg", "--json"}).out);
  EXPECT_EQ(json["svg"], "n.svg");
  EXPECT_FALSE(json.contains("csv"));

  ASSERT_EQ(train(small_training() + Words{"--run-name", "a", "--no-report"}).code, 0);
  const Words of_a = {"runs/a", "--data-dir", fixture()};
  const ProcessResult raster = eval(of_a + Words{"--image", "3", "--raster", "3.svg"});
  EXPECT_EQ(raster.code, 0) << raster.err;
  EXPECT_THAT(raster.out, HasSubstr("\nraster      3.svg\n"));
  EXPECT_EQ(parse(eval(of_a + Words{"--image", "3", "--raster", "3.svg", "--json"}).out)["raster"],
            "3.svg");
  EXPECT_THAT(eval(of_a + Words{"--predictions", "p.csv"}).out, HasSubstr("\npredictions p.csv\n"));
  EXPECT_EQ(parse(eval(of_a + Words{"--predictions", "p.csv", "--json"}).out)["predictions"],
            "p.csv");
}

}  // namespace
}  // namespace snn::cli

// The decision rule, from outputs to classes, in every program that reports accuracy.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "cli/program_test.h"
#include "snn/train/checkpoint.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Reads a numeric table by column names.
std::vector<std::map<std::string, double>> read_table(const fs::path& path) {
  std::vector<std::map<std::string, double>> rows;
  const auto lines = split(bytes_of(path), '\n');
  const auto names = split(lines[0], ',');
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    const auto cells = split(lines[i], ',');
    auto& row = rows.emplace_back();
    for (std::size_t k = 0; k < cells.size(); ++k) {
      if (cells[k].empty()) continue;
      EXPECT_TRUE(parse_real(cells[k], row[names.at(k)])) << cells[k];
    }
  }
  return rows;
}

// The figures recomputed from the sums in predictions.csv.
struct Figures {
  double accuracy = 0, count_accuracy = 0, both_accuracy = 0;
  int ties = 0, without_spikes = 0;
  int tied_image = -1;  // an image whose class was decided by the membrane
};

Figures figures_of(const fs::path& path) {
  const auto rows = read_table(path);
  Figures figures;
  for (const auto& row : rows) {
    int most = 0, best = 0, tied = 0;
    const auto of = [&](const char* what, int c) { return row.at(what + std::to_string(c)); };
    for (int c = 1; c < 10; ++c) {
      if (of("spikes_", c) > of("spikes_", most)) most = c;
    }
    best = most;
    for (int c = 0; c < 10; ++c) {
      if (of("spikes_", c) != of("spikes_", most)) continue;
      ++tied;
      if (of("membrane_", c) > of("membrane_", best)) best = c;
    }
    EXPECT_EQ(row.at("tied_classes"), tied);
    EXPECT_EQ(row.at("count_prediction"), most);
    figures.accuracy += row.at("prediction") == row.at("label");
    figures.count_accuracy += most == row.at("label");
    figures.both_accuracy += best == row.at("label");
    figures.ties += tied > 1;
    figures.without_spikes += of("spikes_", most) == 0;
    if (best != most) figures.tied_image = static_cast<int>(row.at("image"));
  }
  const auto count = static_cast<double>(rows.size());
  figures.accuracy /= count;
  figures.count_accuracy /= count;
  figures.both_accuracy /= count;
  return figures;
}

class DecisionTest : public ProgramTest {
 protected:
  ordered_json train_as(const std::string& name, const Words& more = {}) const {
    const ProcessResult result = train(small_training() + Words{"--run-name", name} + more);
    EXPECT_EQ(result.code, 0) << result.err;
    return parse(bytes_of(path("runs/" + name + "/summary.json")));
  }
  ordered_json evaluate(const std::string& run, const Words& more = {}) const {
    const ProcessResult result = eval(Words{run, "--data-dir", fixture(), "--json"} + more);
    EXPECT_EQ(result.code, 0) << result.err;
    return parse(result.out);
  }
  // Makes a run of a version that decided by spike count only.
  std::string old_run() const {
    fs::create_directory(path("runs"));
    fs::copy(std::string(SNN_TEST_DATA_DIR) + "/run-before-decision", path("runs/old"),
             fs::copy_options::recursive);
    return "runs/old";
  }
};

TEST_F(DecisionTest, EveryFileGivesBothFiguresAndTheyAgree) {
  const ordered_json summary = train_as("a");
  const Figures figures = figures_of(path("runs/a/predictions.csv"));
  ASSERT_GT(figures.ties, 0);
  ASSERT_GT(figures.tied_image, -1) << "the membrane decides something here";
  EXPECT_EQ(figures.accuracy, figures.both_accuracy);

  EXPECT_EQ(summary["decision"], "count+membrane");
  EXPECT_DOUBLE_EQ(summary["test_accuracy"], figures.both_accuracy);
  EXPECT_DOUBLE_EQ(summary["test_count_accuracy"], figures.count_accuracy);
  EXPECT_EQ(summary["test_ties"], figures.ties);
  EXPECT_EQ(summary["test_without_spikes"], figures.without_spikes);

  const auto row = read_table(path("runs/a/metrics.csv")).back();
  EXPECT_EQ(row.at("test_accuracy"), summary["test_accuracy"]);
  EXPECT_EQ(row.at("test_count_accuracy"), summary["test_count_accuracy"]);
  EXPECT_EQ(row.at("test_ties"), summary["test_ties"]);
  EXPECT_EQ(row.at("test_without_spikes"), summary["test_without_spikes"]);

  const ordered_json json = evaluate("runs/a");
  EXPECT_EQ(json["accuracy"], summary["test_accuracy"]);
  EXPECT_EQ(json["count_accuracy"], summary["test_count_accuracy"]);
  EXPECT_EQ(json["count_membrane_accuracy"], summary["test_accuracy"]);
  EXPECT_EQ(json["ties"], summary["test_ties"]);
  EXPECT_EQ(json["without_spikes"], summary["test_without_spikes"]);
}

TEST_F(DecisionTest, IsSaidToPeople) {
  const ProcessResult trained = train(small_training() + Words{"--run-name", "a", "--tensorboard"});
  const Figures figures = figures_of(path("runs/a/predictions.csv"));
  const auto percent = [](double share) {
    const std::string text = std::to_string(share * 100);
    return text.substr(0, text.find('.') + 3) + " %";
  };
  const std::string ties = std::to_string(figures.ties) + " images, " +
                           std::to_string(figures.without_spikes) +
                           " of them without output spikes";
  EXPECT_THAT(trained.out,
              AllOf(HasSubstr("test accuracy  " + percent(figures.both_accuracy) + " (epoch 2)\n"),
                    HasSubstr("by count       " + percent(figures.count_accuracy) +
                              " (ties: " + ties + ")\n")));
  const std::string out = eval({"runs/a", "--data-dir", fixture()}).out;
  EXPECT_THAT(out, AllOf(HasSubstr(" of 100) by count+membrane\n"),
                         HasSubstr("            " + percent(figures.count_accuracy) +
                                   " by count, snnTorch's accuracy_rate\n"),
                         HasSubstr("ties        " + ties + "\n")));
  const std::string page = bytes_of(path("runs/a/report.html"));
  EXPECT_THAT(page, AllOf(HasSubstr("Decided by count+membrane"), HasSubstr(">by count<")));
  const std::string events = bytes_of(path("runs/a/events.out.tfevents.snn-train"));
  EXPECT_THAT(events, AllOf(HasSubstr("count_accuracy/test"), HasSubstr("ties/test")));
}

TEST_F(DecisionTest, ChangesNoWeight) {
  train_as("both");
  const auto both = load_checkpoint(path("runs/both/checkpoints/last.safetensors"));
  for (const std::string decision : {"count", "membrane"}) {
    const ordered_json summary = train_as(decision, {"--decision", decision});
    const auto last = load_checkpoint(path("runs/" + decision + "/checkpoints/last.safetensors"));
    EXPECT_EQ(last.state.tensors, both.state.tensors) << decision;
    EXPECT_EQ(summary["decision"], decision);
    // Another decision over the same weights gives the accuracy of the run that used it.
    const ordered_json other = evaluate("runs/both", {"--decision", decision});
    EXPECT_EQ(other["accuracy"], summary["test_accuracy"]) << decision;
    EXPECT_EQ(other["count_accuracy"], summary["test_count_accuracy"]) << decision;
  }
  const auto count = figures_of(path("runs/count/predictions.csv"));
  EXPECT_EQ(count.accuracy, count.count_accuracy);
  EXPECT_NE(count.accuracy, count.both_accuracy) << "they differ on this data";
}

TEST_F(DecisionTest, OfAnOldCheckpointIsByCount) {
  const std::string old = old_run();
  const ordered_json json = evaluate(old);
  EXPECT_EQ(json["decision"], "count");
  EXPECT_EQ(json["accuracy"], json["count_accuracy"]);
  EXPECT_NEAR(json["accuracy"].get<double>(), 0.26, 0.02) << "other processors round otherwise";
  EXPECT_THAT(eval({old, "--data-dir", fixture()}).out, HasSubstr(" by count+membrane\n"));
  const ordered_json told = evaluate(old, {"--decision", "count+membrane"});
  EXPECT_EQ(told["accuracy"], json["count_membrane_accuracy"]);
  EXPECT_NE(told["accuracy"], json["accuracy"]);

  const ProcessResult drawn = report({old});
  EXPECT_EQ(drawn.code, 0) << drawn.err;
  const std::string page = bytes_of(path("runs/old/report.html"));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("Decided by")), HasSubstr(">decision<")));

  const ProcessResult resumed =
      train({"--resume", old, "-e", "3", "--data-dir", fixture(), "--no-report"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  const auto summary = parse(bytes_of(path("runs/old/summary.json")));
  EXPECT_EQ(summary["decision"], "count");
  EXPECT_EQ(summary["test_accuracy"], summary["test_count_accuracy"]);
  EXPECT_THAT(bytes_of(path("runs/old/config.yaml")), HasSubstr("\ndecision: count\n"));
  const auto rows = read_table(path("runs/old/metrics.csv"));
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_FALSE(rows[2].contains("test_ties")) << "what was not counted then is not known";
  EXPECT_TRUE(rows[3].contains("test_ties"));
  EXPECT_FALSE(rows[2].contains("beta_1"));
  EXPECT_TRUE(rows[3].contains("beta_1"));
}

TEST_F(DecisionTest, OfLogitsIsOne) {
  const ordered_json summary = train_as("relu", {"--neuron", "relu", "-T", "1"});
  EXPECT_EQ(summary["test_accuracy"], summary["test_count_accuracy"]);
  EXPECT_TRUE(summary["test_without_spikes"].is_null()) << "logits are no spikes";
  for (const char* decision : {"count", "membrane"}) {
    EXPECT_EQ(evaluate("runs/relu", {"--decision", decision})["accuracy"],
              summary["test_accuracy"]);
  }
  EXPECT_THAT(eval({"runs/relu", "--data-dir", fixture()}).out, Not(HasSubstr("ties ")));
}

TEST_F(DecisionTest, OfOneImageIsShown) {
  train_as("a");
  const int tied = figures_of(path("runs/a/predictions.csv")).tied_image;
  ASSERT_GE(tied, 0);
  const Words words = {"runs/a", "--data-dir", fixture(), "--image", std::to_string(tied)};
  const auto on_one_line = [](std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
  };
  EXPECT_THAT(on_one_line(eval(words).out), AllOf(HasSubstr("tie; membranes summed over time: "),
                                                  HasSubstr("; the largest decides ")));
  EXPECT_THAT(on_one_line(eval(words + Words{"--decision", "count"}).out),
              HasSubstr("; the lowest class is taken "));
  const auto one = parse(eval(words + Words{"--json"}).out);
  const auto other = parse(eval(words + Words{"--json", "--decision", "count"}).out);
  EXPECT_GE(one["tied_classes"], 2);
  EXPECT_NE(one["prediction"], other["prediction"]);
  EXPECT_EQ(eval(words + Words{"--raster", "a.svg"}).code, 0);
  EXPECT_THAT(bytes_of(path("a.svg")), HasSubstr(", prediction " + one["prediction"].dump() + "<"));
}

TEST_F(DecisionTest, IsInTheTableOfASweep) {
  const ProcessResult result =
      sweep(small_training() +
            Words{"--set", "decision=count,count+membrane", "--out-dir", "s", "--threads", "1"});
  ASSERT_EQ(result.code, 0) << result.err;
  const auto lines = split(bytes_of(path("s/sweep.csv")), '\n');
  const auto header = split(lines[0], ',');
  const auto cell = [&](std::size_t line, const std::string& name) {
    const auto at = std::ranges::find(header, name) - header.begin();
    return split(lines[line], ',').at(static_cast<std::size_t>(at));
  };
  EXPECT_EQ(cell(1, "decision"), "count");
  EXPECT_EQ(cell(2, "decision"), "count+membrane");
  EXPECT_EQ(cell(1, "test_accuracy"), cell(1, "test_count_accuracy"));
  EXPECT_EQ(cell(2, "test_count_accuracy"), cell(1, "test_count_accuracy"));
  EXPECT_EQ(cell(1, "test_ties"), cell(2, "test_ties"));
  EXPECT_NE(cell(1, "test_accuracy"), cell(2, "test_accuracy"));
}

// Its sweep.json lacks the key that records the decision.
TEST_F(DecisionTest, OfAnOldSweepStaysByCount) {
  const Words words = small_training() + Words{"--seeds", "2", "--out-dir", "s", "--threads", "1"};
  ASSERT_EQ(sweep(words + Words{"--decision", "count"}).code, 0);
  auto plan = parse(bytes_of(path("s/sweep.json")));
  plan.erase("default_decision");
  auto& arguments = plan["arguments"];
  const auto at = std::find(arguments.begin(), arguments.end(), "--decision");
  ASSERT_NE(at, arguments.end());
  arguments.erase(at, at + 2);
  write_text(path("s/sweep.json"), plan.dump());
  for (int time = 0; time < 2; ++time) {
    fs::remove_all(path("s/runs/seed=2"));
    const ProcessResult result = sweep(words);
    EXPECT_EQ(result.code, 0) << result.err;
    const auto summary = parse(bytes_of(path("s/runs/seed=2/summary.json")));
    EXPECT_EQ(summary["decision"], "count") << "like the runs that were done";
  }
}

TEST_F(DecisionTest, HasFourNames) {
  const ProcessResult wrong = train(small_training() + Words{"--decision", "counts"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("--decision: expected count+membrane, count, membrane or "
                                   "temporal, found 'counts' (did you mean 'count'?)"));
}

}  // namespace
}  // namespace snn::cli

#include "report/run_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "report/curves.h"
#include "snn/network/network_spec.h"
#include "snn/text/text.h"
#include "snn/train/option.h"
#include "system/invocation.h"
#include "text/message.h"

namespace snn::report {
namespace {

// Curves keep their colours in all reports.
constexpr int kTrain = 0, kTest = 1, kValidation = 2, kTestByCount = 3;

std::vector<Series> drawn(std::vector<Series> series) {
  std::erase_if(series, [](const Series& each) { return each.points.empty(); });
  return series;
}

// ---- layers

// A layer's neurons in a report.
struct ShownNeurons {
  std::string name;  // as in the network's state: lif1, relu2
  bool have_spikes;  // false for non-spiking neurons, which are active or not
};

std::vector<ShownNeurons> neurons_of(const RunFiles& run) {
  NetworkSpec network;
  if (!run.config.layers.empty()) network.layers = layers_from_json(run.config.layers);
  // The metrics determine the number of layers.
  network.layers.resize(run.layers, {LinearSpec{1}, default_neuron(run.config.neuron)});
  std::vector<ShownNeurons> neurons;
  for (std::size_t i = 0; i < run.layers; ++i) {
    neurons.push_back({neuron_name(network, i), has_spikes(network.layers[i].neuron)});
  }
  return neurons;
}

// ---- curves

Drawing draw_loss(const RunFiles& run) {
  return draw(loss_chart(
      "Loss", drawn({curve("train", run.rows, shown(metric::kTrainLoss), kTrain),
                     curve("test", run.rows, shown(metric::kTestLoss), kTest),
                     curve("validation", run.rows, shown(metric::kValidationLoss), kValidation)})));
}

Drawing draw_penalty(const RunFiles& run) {
  return draw(
      loss_chart("Penalty", {curve("train", run.rows, shown(metric::kTrainPenalty), kTrain)}));
}

Drawing draw_accuracy(const RunFiles& run) {
  auto series =
      drawn({curve("train", run.rows, shown(metric::kTrainAccuracy), kTrain),
             curve("test", run.rows, shown(metric::kTestAccuracy), kTest),
             curve("validation", run.rows, shown(metric::kValidationAccuracy), kValidation)});
  const Series by_count = curve("by count", run.rows, test_count_accuracy, kTestByCount);
  const bool differs = run.config.decision != Decision::kCount && !by_count.points.empty();
  if (differs) series.push_back(by_count);
  return draw(accuracy_chart("Accuracy", std::move(series), untrained_remark(run.rows)));
}

std::string shown_share(const std::optional<double>& share) { return percent_or_dash(share, "–"); }

// The decision rule and its accuracy, beside that by spike count alone; nothing for a run of an
// older version.
std::string decision_paragraph(const RunFiles& run) {
  const auto by_count = run.number("test_count_accuracy");
  const auto ties = run.number("test_ties"), silent = run.number("test_without_spikes");
  if (!by_count || !ties || !silent) return "";
  const auto count = [](double value) { return format_count(std::llround(value)); };
  return html_paragraph(
      "Decided by " + std::string(name_of(run.config.decision)) + ": " +
      shown_share(run.number("test_accuracy")) +
      ". By spike count alone, with ties going to the lowest class (snnTorch's accuracy_rate): " +
      shown_share(by_count) + ". In " + count(*ties) +
      " test images several classes tie for the highest count; " + count(*silent) +
      " of them have no output spikes.");
}

// A per-layer metric, shares in percent.
Drawing draw_layers(const RunFiles& run, const std::string& title, const std::string& label,
                    const LayerMetric& metric) {
  const double times = metric.unit == Unit::kShare ? 100 : 1;
  const std::vector<ShownNeurons> neurons = neurons_of(run);
  std::vector<Series> series;
  for (std::size_t i = 0; i < run.layers; ++i) {
    const auto value = [&](const MetricsRow& row) -> std::optional<double> {
      return times * (row.*metric.values)[i];
    };
    series.push_back(curve(neurons[i].name, run.rows, value, static_cast<int>(i)));
  }
  Axis y;
  y.label = label;
  y.low = 0;
  return draw(epoch_chart(title, y, std::move(series)));
}

// ---- learned parameters

// The curve of a learned parameter; minimum and maximum are thin lines without a name.
Series learned_curve(const RunFiles& run, const LearnedParameter& which,
                     double LearnedParameter::*value = &LearnedParameter::mean) {
  Series series;
  series.is_thin = value != &LearnedParameter::mean;
  if (!series.is_thin) series.name = neurons_of(run)[which.layer - 1].name;
  series.color = static_cast<int>(which.layer) - 1;
  for (const MetricsRow& row : run.rows) {
    for (const LearnedParameter& each : row.learned) {
      if (each.name != which.name || each.layer != which.layer) continue;
      series.points.push_back({static_cast<double>(row.epoch), each.*value});
    }
  }
  return series;
}

// One panel per learned parameter, with minimum and maximum for per-neuron values.
Drawing draw_learned(const RunFiles& run) {
  Chart chart = epoch_chart("Learned parameters", {}, {});
  chart.panels.clear();
  chart.x.high = static_cast<double>(std::max<std::int64_t>(1, run.rows.back().epoch));
  for (const std::string& name : learnable_tensors()) {
    Panel panel;
    panel.y.label = title_of(name);
    for (const LearnedParameter& which : run.rows.back().learned) {
      if (which.name != name) continue;
      panel.series.push_back(learned_curve(run, which));
      if (!which.is_per_neuron) continue;
      for (const auto end : {&LearnedParameter::min, &LearnedParameter::max}) {
        panel.series.push_back(learned_curve(run, which, end));
      }
    }
    if (!panel.series.empty()) chart.panels.push_back(std::move(panel));
  }
  return draw(chart);
}

// ---- predictions

std::int64_t classes_of(const RunFiles& run) {
  return static_cast<std::int64_t>(run.predictions.front().spikes.size());
}

// The display name of each class: "7", or "7 Sneaker".
std::vector<std::string> numbered_names(const RunFiles& run) {
  std::vector<std::string> names = class_names(run.config.dataset, classes_of(run));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string number = std::to_string(i);
    if (names[i] != number) names[i].insert(0, number + " ");
  }
  return names;
}

Drawing draw_confusion(const RunFiles& run) {
  HeatMap map{"Confusion matrix", "label", "prediction", numbered_names(run), {}, {}};
  for (std::int64_t i = 0; i < classes_of(run); ++i) map.columns.push_back(std::to_string(i));
  for (const auto& counts : confusion_matrix(run.predictions, classes_of(run))) {
    const auto total = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    auto& row = map.cells.emplace_back();
    for (const std::int64_t count : counts) {
      // The square root makes rare mistakes visible beside the correct predictions.
      const double share =
          static_cast<double>(count) / static_cast<double>(std::max<std::int64_t>(1, total));
      row.push_back(count > 0 ? std::optional(Cell{std::sqrt(share), std::to_string(count)})
                              : std::nullopt);
    }
  }
  return draw(map);
}

Drawing draw_classes(const RunFiles& run) {
  BarChart chart{"Wrong answers by class (%)", {}};
  const auto names = numbered_names(run);
  const auto confusion = confusion_matrix(run.predictions, classes_of(run));
  for (std::size_t i = 0; i < confusion.size(); ++i) {
    const auto total = std::accumulate(confusion[i].begin(), confusion[i].end(), std::int64_t{0});
    const auto wrong = total - confusion[i][i];
    const double share = total > 0 ? static_cast<double>(wrong) / static_cast<double>(total) : 0;
    chart.bars.push_back(
        {names[i], share, total > 0 ? format_fixed(100 * share, 2) : std::string("no images")});
  }
  return draw(chart);
}

// The misclassified images, the most confident ones first.
std::vector<Prediction> mistakes_of(const RunFiles& run) {
  std::vector<Prediction> mistakes;
  for (const Prediction& each : run.predictions) {
    if (each.label != each.prediction) mistakes.push_back(each);
  }
  const auto certainty = [](const Prediction& each) {
    return each.spikes[static_cast<std::size_t>(each.prediction)] -
           each.spikes[static_cast<std::size_t>(each.label)];
  };
  std::ranges::stable_sort(mistakes, [&](const Prediction& a, const Prediction& b) {
    return certainty(a) > certainty(b);
  });
  return mistakes;
}

// The reason why `dataset` cannot be the one of the predictions, or nothing.
std::string mismatch(const RunFiles& run, const Dataset& dataset) {
  const bool fits = std::ranges::all_of(run.predictions, [&](const Prediction& each) {
    return each.image < dataset.size() &&
           dataset.labels[static_cast<std::size_t>(each.image)] == each.label;
  });
  const bool is_picture = dataset.shape.size() == 3 && dataset.shape[0] == 1;
  if (fits && is_picture && !dataset.is_sequence && classes_of(run) == dataset.classes) return "";
  return dataset.directory.string() + " does not hold the images that this run was tested on";
}

Image image_of(const Dataset& dataset, std::int64_t index) {
  const auto size = element_count(dataset.shape);
  const auto first = dataset.values.begin() + index * size;
  return {dataset.shape[1], dataset.shape[2], std::vector<std::uint8_t>(first, first + size)};
}

Drawing draw_mistakes(const std::vector<Prediction>& mistakes, const Dataset& dataset) {
  constexpr double kGap = 8, kSmallest = 52, kHighest = 640;
  // One line, or two for long names.
  const auto caption = [&](const Prediction& each) -> std::vector<std::string> {
    const std::string& label = dataset.class_names[static_cast<std::size_t>(each.label)];
    const std::string& answer = dataset.class_names[static_cast<std::size_t>(each.prediction)];
    const std::string line = label + " → " + answer;
    if (text_width(line) <= kSmallest) return {line};
    return {label, "→ " + answer};
  };
  double size = kSmallest, lines = 1;
  for (const Prediction& each : mistakes) {
    for (const std::string& line : caption(each)) size = std::max(size, text_width(line));
    lines = std::max(lines, static_cast<double>(caption(each).size()));
  }
  const auto columns = static_cast<std::size_t>((kChartWidth + kGap) / (size + kGap));
  size = (kChartWidth + kGap) / static_cast<double>(columns) - kGap;
  const auto rows =
      std::min<std::size_t>(5, static_cast<std::size_t>(kHighest / (size + lines * 16 + kGap)));
  std::vector<Image> images;
  for (std::size_t i = 0; i < std::min(mistakes.size(), rows * columns); ++i) {
    images.push_back(image_of(dataset, mistakes[i].image));
    images.back().caption = caption(mistakes[i]);
  }
  const std::string count = format_count(static_cast<std::int64_t>(mistakes.size()));
  const std::string title =
      (images.size() < mistakes.size() ? std::to_string(images.size()) + " of " : "") + count +
      " wrong: label → prediction";
  return draw(title, images, size);
}

// ---- tables

std::string shown(const std::string& value) { return value.empty() ? "–" : value; }

std::string configuration_tables(const RunFiles& run) {
  Table changed{{"Option", "Value", "Default"}, {}, 3}, rest{{"Option", "Value"}, {}, 2};
  for (const Option& option : options()) {
    const std::string value = option.format(run.config), initial = option.format(Config{});
    if (value == initial) {
      rest.rows.push_back({{option.name}, {shown(value)}});
    } else {
      changed.rows.push_back({{option.name}, {shown(value)}, {shown(initial)}});
    }
  }
  const std::string all_default = html_paragraph("All options have their default values.");
  return html_heading("Configuration") +
         (changed.rows.empty() ? all_default : html_table(changed)) +
         html_details("Options with their default values", html_table(rest));
}

// The display form of a value of summary.json.
std::string shown(const std::string& key, const Json& value) {
  if (value.is_string()) return shown(value.get<std::string>());
  if (value.is_object()) {
    std::vector<std::string> items;
    for (const auto& [name, item] : value.items()) items.push_back(name + " " + shown(name, item));
    return items.empty() ? "–" : join(items, ", ");
  }
  if (value.is_array()) {
    std::vector<std::string> items;
    for (const Json& item : value) items.push_back(item.is_array() ? "…" : shown(key, item));
    return join(items, ", ");
  }
  if (!value.is_number()) return value.is_null() ? "–" : dump_json(value);
  const double number = value.get<double>();
  if (is_share(key)) return format_percent(number);
  if (value.is_number_integer()) return format_count(value.get<std::int64_t>());
  const double size = std::abs(number);
  if (size >= 1e15) return format_real(number);
  return size >= 1000 ? format_count(std::llround(number)) : format_fixed(number, 3);
}

std::string result_table(const RunFiles& run) {
  Table table{{"Result", "Value"}, {}, 2};
  for (const auto& [key, value] : run.summary->items()) {
    if (key == "configuration") continue;
    table.rows.push_back({{title_of(key)}, {shown(key, value)}});
  }
  return html_heading("Result") + html_table(table);
}

// ---- the page

double training_seconds(const RunFiles& run) {
  double seconds = 0;
  for (const MetricsRow& row : run.rows) seconds += row.seconds.value_or(0);
  return seconds;
}

std::string tiles(const RunFiles& run) {
  const MetricsRow& last = run.rows.back();
  const MetricsRow& first = run.rows.front();
  const auto accuracy = run.summary ? run.number("test_accuracy") : last.test.accuracy;
  const std::string untrained = first.epoch == 0 ? shown_share(first.test.accuracy) : "–";
  std::vector<Tile> tiles = {
      {run.summary ? "test accuracy" : "test accuracy so far", shown_share(accuracy)},
      {"before training", untrained},
      {"epochs", format_count(last.epoch) + " of " + format_count(run.config.epochs)},
      {"training time", format_duration(training_seconds(run))}};
  return html_tiles(tiles);
}

std::string subtitle(const RunFiles& run) {
  std::string text;
  if (run.summary && run.summary->contains("network")) {
    text = shown("network", (*run.summary)["network"]) + " on ";
  }
  return text + std::string(name_of(run.config.dataset)) +
         ", T = " + std::to_string(run.config.steps) + ", loss " + to_string(run.config.loss) +
         ", seed " + std::to_string(run.config.seed);
}

std::string notices(const RunFiles& run) {
  const std::string epoch = std::to_string(run.rows.back().epoch);
  if (run.outcome() == Outcome::kDiverged) {
    return html_notice("This run diverged after epoch " + epoch +
                       ": a loss or gradient was infinite or not a number.");
  }
  if (!run.summary) {
    return html_notice("This run is not finished; these are its curves up to epoch " + epoch + ".");
  }
  return "";
}

}  // namespace

Report report_run(const RunFiles& run, const TestImages& images) {
  const std::vector<ShownNeurons> neurons = neurons_of(run);
  const bool all_spike = std::ranges::all_of(neurons, &ShownNeurons::have_spikes);
  const bool answers_in_spikes = neurons.empty() || neurons.back().have_spikes;
  Report report;
  report.pictures = {{"loss", draw_loss(run)},
                     {"accuracy", draw_accuracy(run)},
                     {"spikes", draw_layers(run, all_spike ? "Spikes" : "Activity",
                                            all_spike ? "spikes per neuron and image"
                                                      : "active steps per neuron and image",
                                            kLayerMetrics[0])},
                     {"silent", draw_layers(run, "Silent neurons",
                                            all_spike ? "neurons that never spike (%)"
                                                      : "neurons that are never active (%)",
                                            kLayerMetrics[1])}};
  if (run.rows.back().train.penalty) report.pictures.push_back({"penalty", draw_penalty(run)});
  if (!run.rows.back().learned.empty()) {
    report.pictures.push_back({"learned", draw_learned(run)});
  }
  std::string remark;
  if (!run.predictions.empty()) {
    report.pictures.push_back({"confusion", draw_confusion(run)});
    const auto mistakes = mistakes_of(run);
    remark = images.dataset != nullptr ? mismatch(run, *images.dataset) : images.problem;
    if (mistakes.empty()) {
      remark = "Every test image was classified correctly.";
    } else if (remark.empty() && images.dataset != nullptr) {
      report.pictures.push_back({"mistakes", draw_mistakes(mistakes, *images.dataset)});
      remark = std::string("Wrong answers are sorted by certainty: by how far the ") +
               (answers_in_spikes ? "spike count" : "output") +
               " of the predicted class exceeds the label's.";
    } else {
      remark = "The images of wrong answers are not shown: " + remark;
    }
    report.pictures.push_back({"classes", draw_classes(run)});
  } else if (run.outcome() == Outcome::kFinished) {
    remark =
        "Without predictions.csv there is no confusion matrix and no list of wrong answers; create "
        "it with: snn-eval " +
        path_word(run.path) + " --predictions " + path_word(run.path / "predictions.csv");
  }
  std::vector<Drawing> drawings;
  for (const Picture& picture : report.pictures) drawings.push_back(picture.drawing);
  std::string body = html_paragraph(subtitle(run)) + notices(run) + tiles(run) +
                     decision_paragraph(run) + html_pictures(drawings);
  if (!remark.empty()) body += html_paragraph(remark);
  body += html_side_by_side(
      {(run.summary ? result_table(run) : std::string()), configuration_tables(run)});
  report.html = html_page(run.name, body);
  return report;
}

void write_run_report(const std::filesystem::path& folder, const Dataset& images) {
  write_report(report_run(read_run(folder), {&images}), folder, folder / "report.html");
}

std::string compare_runs(std::span<const RunFiles> runs) {
  const auto curves = [&](const Value& value) {
    std::vector<Series> series;
    for (const RunFiles& run : runs) {
      series.push_back(curve(run.name, run.rows, value, static_cast<int>(series.size())));
    }
    return drawn(series);
  };
  const std::vector<Drawing> drawings = {
      draw(accuracy_chart("Test accuracy", curves(shown(metric::kTestAccuracy)))),
      draw(accuracy_chart("Training accuracy", curves(shown(metric::kTrainAccuracy)))),
      draw(loss_chart("Test loss", curves(shown(metric::kTestLoss)))),
      draw(loss_chart("Training loss", curves(shown(metric::kTrainLoss))))};

  Table table{{"Run"}, {}, 1};
  std::vector<const Option*> different;
  for (const Option& option : options()) {
    std::set<std::string> values;
    for (const RunFiles& run : runs) values.insert(option.format(run.config));
    const bool is_setting = option.is_sweepable || &option == &option_of(&Config::threads);
    if (values.size() < 2 || !is_setting) continue;
    different.push_back(&option);
    table.header.push_back(option.name);
  }
  for (const char* name : {"outcome", "epochs done", "test accuracy", "training time"}) {
    table.header.push_back(name);
  }
  for (const RunFiles& run : runs) {
    auto& row = table.rows.emplace_back();
    row.push_back({run.name});
    for (const Option* option : different) row.push_back({shown(option->format(run.config))});
    const auto accuracy = run.summary ? run.number("test_accuracy") : run.rows.back().test.accuracy;
    const auto outcome = run.outcome();
    row.push_back({outcome ? std::string(name_of(*outcome)) : "unfinished"});
    row.push_back({format_count(run.rows.back().epoch)});
    row.push_back({shown_share(accuracy)});
    row.push_back({format_duration(training_seconds(run))});
  }
  return html_page("Comparison of " + std::to_string(runs.size()) + " runs",
                   html_pictures(drawings) + html_heading("Differences") + html_table(table));
}

}  // namespace snn::report

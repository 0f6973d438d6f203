#include "cli/eval_image.h"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/layout.h"
#include "cli/output_file.h"
#include "cli/score_text.h"
#include "report/raster.h"
#include "snn/data/loader.h"
#include "snn/text/error.h"
#include "snn/train/evaluate.h"
#include "text/json.h"

namespace snn::cli {
namespace {

// A pixel takes two characters, because those of a terminal are twice as high as wide. An image
// wider than the terminal is reduced: a mark is then the mean of several pixels.
void print_picture(const Dataset& dataset, std::uint32_t index) {
  constexpr std::string_view kShades[] = {"  ", "░░", "▒▒", "▓▓", "██"};
  const auto rows = dataset.shape[1], columns = dataset.shape[2];
  const std::uint8_t* pixels = dataset.values.data() + index * element_count(dataset.shape);
  const std::int64_t most = std::max(columns_of(STDOUT_FILENO) / 2, 1);
  const std::int64_t side = (columns + most - 1) / most;
  const auto mean_at = [&](std::int64_t top, std::int64_t left) {
    std::int64_t sum = 0, count = 0;
    for (std::int64_t row = top; row < std::min(top + side, rows); ++row) {
      for (std::int64_t column = left; column < std::min(left + side, columns); ++column, ++count) {
        sum += pixels[row * columns + column];
      }
    }
    return sum / count;
  };
  for (std::int64_t row = 0; row < rows; row += side) {
    std::string line;
    for (std::int64_t column = 0; column < columns; column += side) {
      line += kShades[(mean_at(row, column) + 63) / 64];
    }
    std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }
}

// The quantity that the output layer's sums over time add up.
std::string output_name(const Subject& subject) {
  return has_spikes(subject.checkpoint.network.layers.back().neuron) ? "spikes" : "logits";
}

Evaluation evaluation_of(const Subject& subject, std::uint32_t index) {
  return evaluate(*subject.engine, subject.dataset, std::span(&index, 1),
                  input_options(subject.config))
      .value();
}

std::vector<report::ShownLayer> shown_layers(const Subject& subject,
                                             std::vector<LayerActivity> activity) {
  std::vector<report::ShownLayer> layers;
  for (std::size_t i = 0; i < activity.size(); ++i) {
    report::ShownLayer& layer = layers.emplace_back();
    layer.name = neuron_name(subject.checkpoint.network, i);
    layer.activity = std::move(activity[i]);
    const auto& tensors = subject.checkpoint.state.tensors;
    const auto threshold = tensors.find(layer.name + ".threshold");
    if (threshold != tensors.end()) layer.thresholds = threshold->second.values;
  }
  if (subject.config.population == 1) layers.back().neuron_names = subject.dataset.class_names;
  return layers;
}

}  // namespace

void draw_raster(const Subject& subject, std::uint32_t index, const std::string& path) {
  const NetworkSpec& network = subject.checkpoint.network;
  if (std::ranges::none_of(network.layers, [](const auto& l) { return has_spikes(l.neuron); })) {
    throw Error(ExitCode::kUsage,
                "--raster: the neurons of this network do not spike; there is nothing to draw");
  }
  const Dataset& dataset = subject.dataset;
  const DatasetSource source(dataset);
  Batch batch;
  Loader(source, {index}, 1, input_options(subject.config)).load(0, batch);
  std::vector<LayerActivity> activity =
      record_activity(subject.engine_options, subject.checkpoint.state.tensors, batch);

  report::ShownAnswer answer;
  const auto pixels = static_cast<std::ptrdiff_t>(element_count(dataset.shape));
  const auto first = dataset.values.begin() + index * pixels;
  answer.image = {dataset.shape[1], dataset.shape[2], {first, first + pixels}};
  answer.class_names = dataset.class_names;
  answer.label = dataset.labels[index];
  const Evaluation evaluation = evaluation_of(subject, index);
  answer.counts.assign(evaluation.spike_counts.begin(), evaluation.spike_counts.end());
  const std::int64_t prediction = evaluation.predictions[0];
  answer.title = fmt::format("image {}: label {}, prediction {}", index,
                             answer.class_names[static_cast<std::size_t>(answer.label)],
                             answer.class_names[static_cast<std::size_t>(prediction)]);
  constexpr double kWidth = 560;
  write_text(path, report::svg_file(report::draw_activity(
                       answer, shown_layers(subject, std::move(activity)), kWidth)));
}

void show_image(Subject& subject, std::uint32_t index, const std::string& raster) {
  const Evaluation answer = evaluation_of(subject, index);
  const auto label = static_cast<std::int64_t>(subject.dataset.labels[index]);
  const std::int64_t prediction = answer.predictions[0];
  if (subject.config.json) {
    Json json = {
        {"image", index},
        {"label", label},
        {"prediction", prediction},
        {output_name(subject) == "spikes" ? "spike_counts" : "logits", answer.spike_counts},
        {"tied_classes", tied_classes(answer.spike_counts)},
        {"membrane_sums", answer.membrane_sums},
        {"decision", name_of(subject.config.decision)}};
    if (!raster.empty()) json["raster"] = raster;
    std::cout << dump_json(json, 2) << '\n';
    return;
  }
  print_picture(subject.dataset, index);
  constexpr double kWidest = 40;
  const double most = *std::max_element(answer.spike_counts.begin(), answer.spike_counts.end());
  std::cout << fmt::format("\n{} of the output neurons\n", output_name(subject));
  for (std::size_t c = 0; c < answer.spike_counts.size(); ++c) {
    const double count = answer.spike_counts[c];
    const auto length = static_cast<std::size_t>(count > 0 ? count / most * kWidest : 0);
    std::cout << fmt::format("{:>12} {:>8.6g} {}\n", subject.dataset.class_names[c], count,
                             std::string(length, '='));
  }
  std::cout << tie_text(answer, subject.config.decision, subject.dataset.class_names);
  const auto& names = subject.dataset.class_names;
  std::cout << fmt::format(
      "\nimage {}: label {}, prediction {}: {}\n", index, names[static_cast<std::size_t>(label)],
      names[static_cast<std::size_t>(prediction)], label == prediction ? "right" : "wrong");
  if (!raster.empty()) std::cout << fmt::format("raster      {}\n", raster);
}

}  // namespace snn::cli

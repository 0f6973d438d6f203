// snn-eval: what a checkpoint is worth.

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "cli/command_line.h"
#include "cli/machine.h"
#include "cli/score_text.h"
#include "cli/terminal.h"
#include "message.h"
#include "report/raster.h"
#include "snn/engine.h"
#include "snn/error.h"
#include "snn/text.h"
#include "snn/train/checkpoint.h"
#include "snn/train/evaluate.h"
#include "snn/train/learned.h"
#include "snn/train/options.h"
#include "snn/train/predictions.h"
#include "snn/train/run_directory.h"
#include "train/learned_json.h"
#include "version.h"

namespace snn::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kName = "snn-eval";

Program program() {
  Program program;
  program.name = kName;
  program.summary = "Evaluates a checkpoint of snn-train; it needs nothing else.";
  program.positional = "CHECKPOINT_OR_RUN_DIR";
  program.positional_help =
      "A .safetensors file, or a run directory: the checkpoint that its summary reports on";
  for (const char* name : {"dataset", "data-dir", "limit-test", "decision", "device", "threads",
                           "engine", "simd", "json"}) {
    program.options.push_back(find_option(name));
  }
  program.actions = {
      {"split", "test|train", "Which part of the data set [test]", {"test", "train"}},
      {"predictions", "FILE.csv", "Write the prediction for every image"},
      {"image", "N", "Show image N of the set (from 0) and the network's answer"},
      {"raster", "FILE.svg",
       "With --image: draw currents, membranes and spikes of each layer over time"}};
  program.footer =
      "Options that are not given are the checkpoint's.\n"
      "\n"
      "Examples:\n"
      "  snn-eval runs/latest\n"
      "  snn-eval runs/latest/checkpoints/last.safetensors --json\n"
      "  snn-eval runs/latest --image 7 --raster image-7.svg\n"
      "\n"
      "Exit status: 0 done, 1 internal error, 2 wrong options, 3 data missing or damaged,\n"
      "5 checkpoint unusable.\n";
  return program;
}

// What is evaluated, and on what.
struct Subject {
  std::filesystem::path path;
  Checkpoint checkpoint;
  Config config;
  Split split = Split::kTest;
  Dataset dataset;
  std::vector<std::uint32_t> indices;
  std::unique_ptr<Engine> engine;
  std::string device;
  int threads = 1;
};

Split read_split(const CommandLine& line, Settings& settings) {
  if (!line.has("split")) return Split::kTest;
  const auto split = from_name<Split>(line.get("split"));
  if (!split) {
    settings.problems.push_back("--split: expected test or train, found '" + line.get("split") +
                                "'");
  }
  return split.value_or(Split::kTest);
}

std::optional<std::int64_t> read_image(const CommandLine& line, Settings& settings) {
  if (!line.has("image")) return std::nullopt;
  long long number = 0;
  if (!parse_integer(line.get("image"), number) || number < 0) {
    settings.problems.push_back("--image: expected a number from 0, found '" + line.get("image") +
                                "'");
  }
  return number;
}

// Whether the predictions can be written is asked before the work, not after it.
void check_predictions(const CommandLine& line, Settings& settings) {
  if (!line.has("predictions")) return;
  const std::string problem = output_problem(line.get("predictions"));
  if (!problem.empty()) settings.problems.push_back("--predictions: " + problem);
  if (line.has("image")) {
    settings.problems.push_back("--predictions: --image shows one image and writes no file");
  }
}

void check_raster(const CommandLine& line, Settings& settings) {
  if (!line.has("raster")) return;
  std::string problem = output_problem(line.get("raster"));
  if (!line.has("image")) problem = "expected --image N too, which says what image to draw";
  if (!problem.empty()) settings.problems.push_back("--raster: " + problem);
}

void check_fits(const Subject& subject) {
  const NetworkSpec& network = subject.checkpoint.network;
  const std::int64_t values = element_count(subject.dataset.shape);
  const std::int64_t outputs = layer_outputs(network, network.layers.size() - 1);
  if (values == layer_inputs(network, 0) && subject.dataset.classes == outputs) return;
  throw Error(ExitCode::kData,
              fmt::format("{} has {} values an image and {} classes, but the network is {}",
                          name_of(subject.config.dataset), values, subject.dataset.classes,
                          describe(network)));
}

EngineOptions engine_options(const Subject& subject) {
  EngineOptions options;
  options.network = subject.checkpoint.network;
  options.steps = subject.config.steps;
  options.loss = subject.config.loss;
  options.decision = subject.config.decision;
  options.optimizer = {subject.config.optimizer, subject.config.momentum, 0, 0};
  options.device = subject.device;
  options.threads = subject.threads;
  options.simd = subject.config.simd;
  return options;
}

Subject load(const std::filesystem::path& path, const CommandLine& line, Split split) {
  Subject subject;
  subject.path = find_checkpoint(path, /*reported=*/true);
  subject.checkpoint = load_checkpoint(subject.path);
  Settings settings;
  settings.config = subject.checkpoint.config;
  apply_flags(line, settings);
  throw_if_wrong(settings);
  subject.config = settings.config;
  subject.split = split;
  subject.device = resolve_device(subject.config.device);
  subject.threads =
      subject.config.threads > 0 ? static_cast<int>(subject.config.threads) : available_cores();
  subject.dataset = load_dataset(subject.config.dataset, split, subject.config.data_dir);
  check_fits(subject);
  std::int64_t size = subject.dataset.size();
  // The limit is one of test images, unless the user means this part by it.
  const bool is_limited = split == Split::kTest || settings.is_set("limit-test");
  if (is_limited && subject.config.limit_test > 0) size = std::min(size, subject.config.limit_test);
  subject.indices.resize(static_cast<std::size_t>(size));
  std::iota(subject.indices.begin(), subject.indices.end(), 0U);
  subject.engine = make_engine(subject.config.engine, engine_options(subject));
  try {
    subject.engine->import_state(subject.checkpoint.state);
  } catch (const Error& error) {
    throw Error(error.code(), subject.path.string() + ": " + error.what());
  }
  return subject;
}

// The numbers of an evaluation, as a script and a person read them.
struct Result {
  Evaluation evaluation;
  Score score;
  std::vector<LearnedParameter> learned;
  std::int64_t correct = 0;
  std::vector<Prediction> predictions;
  std::vector<std::vector<std::int64_t>> confusion;  // [label][prediction]
  double seconds = 0;
};

Result evaluate_all(Subject& subject) {
  Result result;
  const auto start = std::chrono::steady_clock::now();
  result.evaluation = evaluate(*subject.engine, subject.dataset, subject.indices).value();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.score = score(result.evaluation, subject.dataset, subject.indices);
  result.learned = learned_parameters(subject.checkpoint.network, subject.checkpoint.state.tensors);
  result.predictions = predictions_of(result.evaluation, subject.dataset, subject.indices);
  result.confusion = confusion_matrix(result.predictions, subject.dataset.classes);
  for (std::size_t i = 0; i < result.confusion.size(); ++i) {
    result.correct += result.confusion[i][i];
  }
  return result;
}

std::int64_t class_total(const Result& result, std::size_t label) {
  const auto& row = result.confusion[label];
  return std::accumulate(row.begin(), row.end(), std::int64_t{0});
}

std::optional<double> class_accuracy(const Result& result, std::size_t label) {
  const std::int64_t total = class_total(result, label);
  if (total == 0) return std::nullopt;
  return static_cast<double>(result.confusion[label][label]) / static_cast<double>(total);
}

ordered_json classes_to_json(const Subject& subject, const Result& result) {
  ordered_json classes = ordered_json::array();
  for (std::size_t label = 0; label < result.confusion.size(); ++label) {
    const auto accuracy = class_accuracy(result, label);
    classes.push_back({{"class", label},
                       {"name", subject.dataset.class_names[label]},
                       {"total", class_total(result, label)},
                       {"correct", result.confusion[label][label]},
                       {"accuracy", accuracy ? ordered_json(*accuracy) : ordered_json(nullptr)}});
  }
  return classes;
}

ordered_json layers_to_json(const Subject& subject, const Result& result) {
  const auto rates = spikes_per_neuron(result.evaluation);
  const auto silent = silent_fraction(result.evaluation);
  ordered_json layers = ordered_json::array();
  for (std::size_t i = 0; i < rates.size(); ++i) {
    layers.push_back({{"name", neuron_name(subject.checkpoint.network, i)},
                      {"neurons", result.evaluation.layer_spikes[i].size()},
                      {"spikes_per_neuron", rates[i]},
                      {"silent_fraction", silent[i]}});
  }
  return layers;
}

// A path may hold bytes that are no text.
void print(const ordered_json& json) {
  std::cout << json.dump(2, ' ', false, ordered_json::error_handler_t::replace) << '\n';
}

void print_json(const Subject& subject, const Result& result) {
  const auto images = static_cast<double>(subject.indices.size());
  ordered_json json;
  json["accuracy"] = *result.score.accuracy;
  json["correct"] = result.correct;
  json["total"] = subject.indices.size();
  json["decision"] = name_of(subject.config.decision);
  for (const Decision decision : {Decision::kCount, Decision::kCountMembrane}) {
    json[decision == Decision::kCount ? "count_accuracy" : "count_membrane_accuracy"] =
        accuracy(result.evaluation, decision, subject.dataset, subject.indices);
  }
  json["ties"] = *result.score.ties;
  const auto& without_spikes = result.score.without_spikes;
  json["without_spikes"] = without_spikes ? ordered_json(*without_spikes) : ordered_json(nullptr);
  json["loss"] = *result.score.loss;
  json["classes"] = classes_to_json(subject, result);
  json["confusion"] = result.confusion;
  json["layers"] = layers_to_json(subject, result);
  json["learned"] = to_json(result.learned);
  json["images_per_second"] = images / result.seconds;
  json["seconds"] = result.seconds;
  json["checkpoint"] = subject.path.string();
  json["epoch"] = subject.checkpoint.progress.epoch;
  json["network"] = describe(subject.checkpoint.network);
  json["dataset"] = name_of(subject.config.dataset);
  json["split"] = name_of(subject.split);
  json["device"] = subject.device;
  json["threads"] = subject.threads;
  json["engine"] = subject.engine->name();
  json["version"] = SNN_VERSION;
  print(json);
}

void print_confusion(const Subject& subject, const Result& result) {
  const std::size_t classes = result.confusion.size();
  std::cout << "\nconfusion matrix (rows: label, columns: prediction)\n\n      ";
  for (std::size_t label = 0; label < classes; ++label) std::cout << fmt::format("{:>6}", label);
  std::cout << "  accuracy\n";
  for (std::size_t label = 0; label < classes; ++label) {
    std::cout << fmt::format("{:>6}", label);
    for (const std::int64_t count : result.confusion[label]) {
      std::cout << (count > 0 ? fmt::format("{:>6}", count) : "     .");
    }
    const auto accuracy = class_accuracy(result, label);
    const std::string& name = subject.dataset.class_names[label];
    std::cout << fmt::format("  {:>8}{}\n", accuracy ? format_percent(*accuracy) : "-",
                             name == std::to_string(label) ? "" : "  " + name);
  }
}

// By the decision, and by the one that people compare it with: what ties make of it.
void print_accuracy(const Subject& subject, const Result& result) {
  const Decision decision = subject.config.decision;
  std::cout << fmt::format("accuracy    {} ({} of {}) by {}\n",
                           format_percent(*result.score.accuracy), format_count(result.correct),
                           format_count(std::ssize(subject.indices)), name_of(decision));
  const std::string ties = ties_text(result.score);
  if (ties.empty()) return;  // logits: all decisions are the same
  const Decision other = decision == Decision::kCount ? Decision::kCountMembrane : Decision::kCount;
  const double share = accuracy(result.evaluation, other, subject.dataset, subject.indices);
  std::cout << fmt::format("            {} by {}{}\n", format_percent(share), name_of(other),
                           other == Decision::kCount ? ", snnTorch's accuracy_rate" : "");
  std::cout << fmt::format("ties        {}\n", ties);
}

void print_report(const Subject& subject, const Result& result) {
  const auto images = static_cast<std::int64_t>(subject.indices.size());
  std::cout << fmt::format("checkpoint  {} ({}, epoch {})\n", subject.path.string(),
                           describe(subject.checkpoint.network), subject.checkpoint.progress.epoch);
  std::cout << fmt::format("data        {} {}, {} images\n", name_of(subject.config.dataset),
                           name_of(subject.split), format_count(images));
  print_accuracy(subject, result);
  std::cout << fmt::format("loss        {:.6g}\n", *result.score.loss);
  std::cout << fmt::format(
      "speed       {} images/s\n",
      format_count(static_cast<std::int64_t>(static_cast<double>(images) / result.seconds)));
  print_confusion(subject, result);
  const auto rates = spikes_per_neuron(result.evaluation);
  const auto silent = silent_fraction(result.evaluation);
  const NetworkSpec& network = subject.checkpoint.network;
  const bool spikes = std::ranges::any_of(
      network.layers, [](const LayerSpec& layer) { return has_spikes(layer.neuron); });
  std::cout << fmt::format("\nlayer  neurons  {:>27}  silent neurons\n",
                           spikes ? "spikes per neuron and image" : "steps above 0 per image");
  for (std::size_t i = 0; i < rates.size(); ++i) {
    std::cout << fmt::format("{:<5}  {:>7}  {:>27.3f}  {:>14}\n", neuron_name(network, i),
                             result.evaluation.layer_spikes[i].size(), rates[i],
                             format_percent(silent[i]));
  }
  std::cout << learned_text(result.learned);
}

// Two characters a pixel, for those of a terminal are twice as high as wide.
void print_picture(const Dataset& dataset, std::uint32_t index) {
  constexpr std::string_view kShades[] = {"  ", "░░", "▒▒", "▓▓", "██"};
  const auto rows = dataset.shape[1], columns = dataset.shape[2];
  const std::uint8_t* pixels = dataset.values.data() + index * element_count(dataset.shape);
  for (std::int64_t row = 0; row < rows; ++row) {
    std::string line;
    for (std::int64_t column = 0; column < columns; ++column) {
      line += kShades[(pixels[row * columns + column] + 63) / 64];
    }
    std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }
}

// What the sums over time of the output layer are sums of.
std::string output_name(const Subject& subject) {
  return has_spikes(subject.checkpoint.network.layers.back().neuron) ? "spikes" : "logits";
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
  layers.back().neuron_names = subject.dataset.class_names;
  return layers;
}

// (T,C) -> (C)
std::vector<float> sum_over_time(const std::vector<float>& values, std::size_t classes) {
  std::vector<float> sums(classes);
  for (std::size_t i = 0; i < values.size(); ++i) sums[i % classes] += values[i];
  return sums;
}

// Draws what happens in the network while it looks at an image.
void draw_raster(const Subject& subject, std::uint32_t index, const std::string& path) {
  const NetworkSpec& network = subject.checkpoint.network;
  if (std::ranges::none_of(network.layers, [](const auto& l) { return has_spikes(l.neuron); })) {
    throw Error(ExitCode::kUsage,
                "--raster: the neurons of this network know no time: there are no spikes to draw");
  }
  const Dataset& dataset = subject.dataset;
  Batch batch;
  gather(dataset, std::span(&index, 1), batch);
  std::vector<LayerActivity> activity =
      record_activity(engine_options(subject), subject.checkpoint.state, batch);

  report::ShownAnswer answer;
  answer.image = {dataset.shape[1], dataset.shape[2], batch.values};
  answer.class_names = dataset.class_names;
  answer.label = dataset.labels[index];
  const auto classes = static_cast<std::size_t>(dataset.classes);
  const bool is_spiking = has_spikes(network.layers.back().neuron);
  const auto& outputs = is_spiking ? activity.back().spikes : activity.back().membrane;
  const auto counts = sum_over_time(outputs, classes);
  answer.counts.assign(counts.begin(), counts.end());
  const std::int64_t prediction =
      decide(subject.config.decision, counts, sum_over_time(activity.back().membrane, classes));
  answer.title = fmt::format("image {}: label {}, prediction {}", index,
                             answer.class_names[static_cast<std::size_t>(answer.label)],
                             answer.class_names[static_cast<std::size_t>(prediction)]);
  constexpr double kWidth = 560;
  write_text(path, report::svg_file(report::draw_activity(
                       answer, shown_layers(subject, std::move(activity)), kWidth)));
}

void check_image(const Subject& subject, std::int64_t image) {
  if (image < subject.dataset.size()) return;
  throw Error(ExitCode::kUsage, fmt::format("--image: expected less than {}, found {}",
                                            subject.dataset.size(), image));
}

void show_image(Subject& subject, std::uint32_t index) {
  const Evaluation answer =
      evaluate(*subject.engine, subject.dataset, std::span(&index, 1)).value();
  const auto label = static_cast<std::int64_t>(subject.dataset.labels[index]);
  const std::int64_t prediction = answer.predictions[0];
  if (subject.config.json) {
    print({{"image", index},
           {"label", label},
           {"prediction", prediction},
           {output_name(subject) == "spikes" ? "spike_counts" : "logits", answer.spike_counts},
           {"tied_classes", tied_classes(answer.spike_counts)},
           {"membrane_sums", answer.membrane_sums},
           {"decision", name_of(subject.config.decision)}});
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
}

int run(int argc, char** argv) {
  CommandLine line;
  if (!read_command_line(program(), argc, argv, version_text(kName, libtorch_version()), line)) {
    return 0;
  }
  Settings settings;
  apply_flags(line, settings);
  const Split split = read_split(line, settings);
  const auto image = read_image(line, settings);
  check_predictions(line, settings);
  check_raster(line, settings);
  if (line.positional.empty()) {
    settings.problems.push_back(
        "expected a checkpoint or a run directory, found nothing; try: snn-eval runs/latest");
  }
  throw_if_wrong(settings);

  Subject subject = load(line.positional, line, split);
  if (image) {
    check_image(subject, *image);
    const auto index = static_cast<std::uint32_t>(*image);
    if (line.has("raster")) draw_raster(subject, index, line.get("raster"));
    show_image(subject, index);
    return 0;
  }
  const Result result = evaluate_all(subject);
  if (line.has("predictions")) {
    write_text(line.get("predictions"),
               predictions_to_csv(result.predictions, subject.dataset.classes));
  }
  subject.config.json ? print_json(subject, result) : print_report(subject, result);
  return 0;
}

}  // namespace
}  // namespace snn::cli

int main(int argc, char** argv) {
  return snn::cli::run_program(snn::cli::kName, "try fewer --threads",
                               [&] { return snn::cli::run(argc, argv); });
}

// snn-eval: evaluates a checkpoint.

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <numeric>
#include <optional>

#include "cli/command_line.h"
#include "cli/confusion_table.h"
#include "cli/eval_image.h"
#include "cli/layout.h"
#include "cli/machine.h"
#include "cli/output_file.h"
#include "cli/score_text.h"
#include "cli/terminal.h"
#include "snn/engine/device.h"
#include "snn/engine/engine.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/checkpoint.h"
#include "snn/train/engine_options.h"
#include "snn/train/evaluate.h"
#include "snn/train/learned.h"
#include "snn/train/option.h"
#include "snn/train/predictions.h"
#include "snn/train/run_directory.h"
#include "snn/train/settings.h"
#include "system/invocation.h"
#include "text/json.h"
#include "text/message.h"
#include "train/learned_json.h"
#include "train/recovery.h"
#include "train/run_data.h"
#include "version.h"

namespace snn::cli {
namespace {

constexpr const char* kName = "snn-eval";

Program program() {
  Program program;
  program.name = kName;
  program.summary = "Evaluates a checkpoint of snn-train, which holds every option needed.";
  program.positional = "CHECKPOINT_OR_RUN_DIR";
  program.positional_help =
      "A .safetensors file, or a run directory, for the checkpoint that its summary reports";
  program.options = {
      &option_of(&Config::dataset), &option_of(&Config::data_dir), &option_of(&Config::limit_test),
      &option_of(&Config::steps),   &option_of(&Config::decision), &option_of(&Config::top_k),
      &option_of(&Config::device),  &option_of(&Config::threads),  &option_of(&Config::engine),
      &option_of(&Config::simd),    &option_of(&Config::json)};
  program.actions = {
      {"split", "test|train", "Part of the data set to evaluate [test]", {"test", "train"}},
      {"predictions", "FILE.csv", "Write the prediction for every image"},
      {"image", "N", "Show image N of the set (from 0) and the network's answer"},
      {"raw", "", "Evaluate the weights of the last step, not their moving average (--ema)"},
      {"raster", "FILE.svg",
       "With --image: draw currents, membranes and spikes of each layer over time"}};
  program.footer =
      "Options not given are taken from the checkpoint. Its data are searched for where\n"
      "the run had them; to evaluate on other data, give --data-dir or --dataset.\n"
      "\n"
      "Examples:\n"
      "  snn-eval runs/latest\n"
      "  snn-eval runs/latest/checkpoints/last.safetensors --json\n"
      "  snn-eval runs/latest --image 7 --raster image-7.svg\n"
      "\n"
      "Exit status: 0 done, 1 internal error, 2 wrong options, 3 data missing or\n"
      "damaged, 5 checkpoint unusable.\n";
  return program;
}

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

// Checks that the predictions can be written before the evaluation, not after it.
void check_predictions(const CommandLine& line, Settings& settings) {
  if (!line.has("predictions")) return;
  const std::string problem = output_problem(line.get("predictions"), ".csv");
  if (!problem.empty()) settings.problems.push_back("--predictions: " + problem);
  if (line.has("image")) {
    settings.problems.push_back("--predictions: --image shows one image and writes no file");
  }
}

void check_raster(const CommandLine& line, Settings& settings) {
  if (!line.has("raster")) return;
  std::string problem = output_problem(line.get("raster"), ".svg");
  if (!line.has("image")) problem = "expected --image N too, the image to draw";
  if (!problem.empty()) settings.problems.push_back("--raster: " + problem);
}

std::string data_text(const Shape& shape, std::int64_t classes) {
  return fmt::format("images of {} in {} classes", size_text(shape), classes);
}

// The run's own data may show fewer classes in this part than in the other.
void check_fits(Subject& subject) {
  const NetworkSpec& network = subject.checkpoint.network;
  Dataset& dataset = subject.dataset;
  const std::int64_t classes = class_count(classes_of(subject.config), output_count(network));
  const bool has_its_classes =
      subject.is_run_data ? dataset.classes <= classes : dataset.classes == classes;
  if (dataset.shape != network.sample_shape || !has_its_classes) {
    throw Error(ExitCode::kData,
                fmt::format("{} has {}, but the network {} takes {}", dataset.images_file.string(),
                            data_text(dataset.shape, dataset.classes), summary_of(network),
                            data_text(network.sample_shape, classes)));
  }
  check_top_k(subject.config, classes);
  dataset.classes = classes;
  dataset.class_names = class_names(subject.config.dataset, classes);
}

// Reports an intended difference from training, which could otherwise be overlooked.
void note(const std::string& text) { std::cerr << kName << ": note: " << text << '\n'; }

void load_data(Subject& subject, const Settings& settings) {
  const Config& config = subject.config;
  const Checkpoint& checkpoint = subject.checkpoint;
  const std::string& digest =
      subject.split == Split::kTest ? checkpoint.test_digest : checkpoint.train_digest;
  if (settings.is_set(&Config::dataset) || settings.is_set(&Config::data_dir)) {
    subject.dataset = load_dataset(config.dataset, subject.split, config.data_dir);
    subject.is_run_data = subject.dataset.digest == digest;
  } else {
    subject.dataset = find_run_data({subject.path, config.dataset, subject.split, digest}).dataset;
  }
  check_fits(subject);
  if (!subject.is_run_data) {
    note(fmt::format("evaluating different data than the run's: {} in {}; the run's are {}",
                     subject.dataset.digest, subject.dataset.directory.string(), digest));
  }
  if (config.steps != checkpoint.config.steps) {
    note(fmt::format("T = {}, trained with T = {}", config.steps, checkpoint.config.steps));
  }
}

Subject load(const std::filesystem::path& path, const CommandLine& line, Split split) {
  Subject subject;
  RunCheckpoint found = load_run_checkpoint(path, /*reported=*/true);
  if (!found.problem.empty()) {
    std::cerr << "warning: " << found.problem << "; evaluating " << found.path.string()
              << " instead\n";
  }
  subject.path = found.path;
  subject.checkpoint = std::move(found.checkpoint);
  Settings settings;
  settings.config = subject.checkpoint.config;
  apply_flags(line, settings);
  throw_if_wrong(settings);
  subject.config = settings.config;
  subject.split = split;
  subject.engine_options = engine_options(subject.config, subject.checkpoint.network,
                                          resolve_device(subject.config.device),
                                          resolve_threads(subject.config.threads));
  HostTensors& tensors = subject.checkpoint.state.tensors;
  subject.is_averaged = has_averages(tensors) && !line.has("raw");
  if (line.has("raw") && !has_averages(tensors)) {
    note("the checkpoint has no moving average of the weights; --raw changes nothing");
  }
  if (subject.is_averaged) tensors = averaged_parameters(tensors);
  load_data(subject, settings);
  std::int64_t size = subject.dataset.size();
  // The limit is one of test images, unless the user means this part by it.
  const bool is_limited = split == Split::kTest || settings.is_set(&Config::limit_test);
  if (is_limited && subject.config.limit_test > 0) size = std::min(size, subject.config.limit_test);
  subject.indices.resize(static_cast<std::size_t>(size));
  std::iota(subject.indices.begin(), subject.indices.end(), 0U);
  subject.engine = make_engine(subject.config.engine, subject.engine_options);
  try {
    subject.engine->import_parameters(subject.checkpoint.state.tensors);
  } catch (const Error& error) {
    throw Error(error.code(), subject.path.string() + ": " + error.what());
  }
  return subject;
}

// The results of an evaluation, for JSON and for the terminal.
struct Result {
  Evaluation evaluation;
  Score score;
  std::vector<LearnedParameter> learned;
  std::int64_t correct = 0;
  std::vector<Prediction> predictions;
  std::vector<std::vector<std::int64_t>> confusion;  // [label][prediction]
  double seconds = 0;
};

Result result_of(Subject& subject) {
  Result result;
  const auto start = std::chrono::steady_clock::now();
  result.evaluation =
      evaluate(*subject.engine, subject.dataset, subject.indices, input_options(subject.config))
          .value();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.score = score(result.evaluation, subject.dataset, subject.indices, subject.config);
  if (!std::isfinite(*result.score.loss)) {
    throw Error(ExitCode::kCheckpoint,
                subject.path.string() + ": its weights are so large that the loss is " +
                    format_real(*result.score.loss) + "; use another checkpoint");
  }
  result.learned = learned_parameters(subject.checkpoint.network, subject.checkpoint.state.tensors);
  result.predictions = predictions_of(result.evaluation, subject.dataset, subject.indices);
  result.confusion = confusion_matrix(result.predictions, subject.dataset.classes);
  for (std::size_t i = 0; i < result.confusion.size(); ++i) {
    result.correct += result.confusion[i][i];
  }
  return result;
}

Json classes_to_json(const Subject& subject, const Result& result) {
  Json classes = Json::array();
  for (std::size_t label = 0; label < result.confusion.size(); ++label) {
    const auto accuracy = class_accuracy(result.confusion, label);
    classes.push_back({{"class", label},
                       {"name", subject.dataset.class_names[label]},
                       {"total", class_total(result.confusion, label)},
                       {"correct", result.confusion[label][label]},
                       {"accuracy", accuracy ? Json(*accuracy) : Json(nullptr)}});
  }
  return classes;
}

Json layers_to_json(const Subject& subject, const Result& result) {
  const auto rates = spikes_per_neuron(result.evaluation);
  const auto silent = silent_fraction(result.evaluation);
  Json layers = Json::array();
  for (std::size_t i = 0; i < rates.size(); ++i) {
    layers.push_back({{"name", neuron_name(subject.checkpoint.network, i)},
                      {"neurons", result.evaluation.layer_spikes[i].size()},
                      {"spikes_per_neuron", rates[i]},
                      {"silent_fraction", silent[i]}});
  }
  return layers;
}

// `predictions` is the predictions file, if any.
void print_json(const Subject& subject, const Result& result, const std::string& predictions) {
  const auto images = static_cast<double>(subject.indices.size());
  Json json;
  json["accuracy"] = *result.score.accuracy;
  json["correct"] = result.correct;
  json["total"] = subject.indices.size();
  json["decision"] = name_of(subject.config.decision);
  for (const Decision decision : {Decision::kCount, Decision::kCountMembrane}) {
    json[decision == Decision::kCount ? "count_accuracy" : "count_membrane_accuracy"] =
        accuracy(result.evaluation, decision, subject.dataset, subject.indices);
  }
  if (result.score.top_k_accuracy) {
    json["top_k"] = subject.config.top_k;
    json["top_k_accuracy"] = *result.score.top_k_accuracy;
  }
  json["ties"] = *result.score.ties;
  const auto& without_spikes = result.score.without_spikes;
  json["without_spikes"] = without_spikes ? Json(*without_spikes) : Json(nullptr);
  json["loss"] = *result.score.loss;
  json["classes"] = classes_to_json(subject, result);
  json["confusion"] = result.confusion;
  json["layers"] = layers_to_json(subject, result);
  std::vector<std::string> neuron_names;
  for (std::size_t i = 0; i < subject.checkpoint.network.layers.size(); ++i) {
    neuron_names.push_back(neuron_name(subject.checkpoint.network, i));
  }
  json["learned"] = to_json(result.learned, neuron_names);
  json["samples_per_second"] = images / result.seconds;
  json["seconds"] = result.seconds;
  json["checkpoint"] = subject.path.string();
  json["epoch"] = subject.checkpoint.progress.epoch;
  json["batch"] = subject.checkpoint.progress.batch;
  json["weights"] = subject.is_averaged ? "average" : "raw";
  json["network"] = summary_of(subject.checkpoint.network);
  json["dataset"] = name_of(subject.config.dataset);
  json["split"] = name_of(subject.split);
  json["data_directory"] = subject.dataset.directory.string();
  json["data_digest"] = subject.dataset.digest;
  json["is_published_data"] = subject.dataset.is_known;
  json["is_run_data"] = subject.is_run_data;
  json["steps"] = subject.config.steps;
  json["device"] = subject.engine_options.device;
  json["threads"] = subject.engine_options.threads;
  json["engine"] = subject.engine->name();
  json["version"] = SNN_VERSION;
  if (!predictions.empty()) json["predictions"] = predictions;
  std::cout << dump_json(json, 2) << '\n';
}

// Prints the accuracy by the decision and by the one usually compared with it; ties make the
// difference.
void print_accuracy(const Subject& subject, const Result& result) {
  const Decision decision = subject.config.decision;
  std::cout << fmt::format("accuracy    {} ({} of {}) by {}\n",
                           format_percent(*result.score.accuracy), format_count(result.correct),
                           format_count(std::ssize(subject.indices)), name_of(decision));
  if (result.score.top_k_accuracy) {
    std::cout << fmt::format("            {} within the top {}\n",
                             format_percent(*result.score.top_k_accuracy), subject.config.top_k);
  }
  const std::string ties = ties_text(result.score);
  if (ties.empty()) return;  // logits: all decisions are the same
  const Decision other = decision == Decision::kCount ? Decision::kCountMembrane : Decision::kCount;
  const double share = accuracy(result.evaluation, other, subject.dataset, subject.indices);
  std::cout << fmt::format("            {} by {}{}\n", format_percent(share), name_of(other),
                           other == Decision::kCount ? ", snnTorch's accuracy_rate" : "");
  std::cout << fmt::format("ties        {}\n", ties);
}

void print_report(const Subject& subject, const Result& result, const std::string& predictions) {
  const auto images = static_cast<std::int64_t>(subject.indices.size());
  const Checkpoint& checkpoint = subject.checkpoint;
  std::cout << fmt::format("checkpoint  {} ({}, {})\n", subject.path.string(),
                           summary_of(checkpoint.network),
                           to_string(checkpoint.progress, checkpoint.state.step));
  if (subject.is_averaged) {
    std::cout << fmt::format("weights     their moving average (ema {}); --raw: those themselves\n",
                             format_real(checkpoint.config.ema));
  }
  const Dataset& dataset = subject.dataset;
  std::cout << fmt::format(
      "data        {} {} in {}, {} images{}{}\n", name_of(subject.config.dataset),
      name_of(subject.split), dataset.directory.string(), format_count(images),
      dataset.is_known ? "" : " (own files)", subject.is_run_data ? "" : ", not the run's");
  print_accuracy(subject, result);
  std::cout << fmt::format("loss        {:.6g}\n", *result.score.loss);
  std::cout << fmt::format(
      "speed       {} samples/s\n",
      format_count(static_cast<std::int64_t>(static_cast<double>(images) / result.seconds)));
  std::cout << '\n'
            << confusion_table(result.confusion, subject.dataset.class_names,
                               columns_of(STDOUT_FILENO));
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
  std::cout << learned_text(result.learned, network);
  if (!predictions.empty()) std::cout << fmt::format("\npredictions {}\n", predictions);
}

void check_image(const Subject& subject, std::int64_t image) {
  if (image < subject.dataset.size()) return;
  throw Error(ExitCode::kUsage, fmt::format("--image: expected a number below {}, found {}",
                                            subject.dataset.size(), image));
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
    settings.problems.push_back("expected a checkpoint or a run directory, found nothing; try: " +
                                program_word(kName) + " runs/latest");
  }
  throw_if_wrong(settings);

  Subject subject = load(line.positional, line, split);
  if (image) {
    check_image(subject, *image);
    const auto index = static_cast<std::uint32_t>(*image);
    if (line.has("raster")) draw_raster(subject, index, line.get("raster"));
    show_image(subject, index, line.get("raster"));
    return 0;
  }
  const Result result = result_of(subject);
  if (line.has("predictions")) {
    write_text(line.get("predictions"),
               predictions_to_csv(result.predictions, subject.dataset.classes));
  }
  const std::string predictions = line.get("predictions");
  subject.config.json ? print_json(subject, result, predictions)
                      : print_report(subject, result, predictions);
  return 0;
}

}  // namespace
}  // namespace snn::cli

int main(int argc, char** argv) {
  return snn::cli::run_program(snn::cli::kName, "try fewer --threads, or --engine fused",
                               [&] { return snn::cli::run(argc, argv); });
}

#include "snn/train/options.h"

#include <algorithm>
#include <filesystem>
#include <type_traits>
#include <utility>

#include "json.h"
#include "message.h"
#include "range.h"
#include "snn/error.h"
#include "snn/text.h"
#include "train/option_table.h"

namespace snn {
namespace {

// How a value of type T is written.
template <class T>
struct Codec {
  std::string value;  // what it looks like, then its range
  std::vector<std::string> choices;
  std::function<std::string(std::string_view, T&)> parse;  // what is wrong, or nothing
  std::function<std::string(const T&)> format;
};

std::string with_range(std::string_view kind, const Range& range) {
  const std::string bounds = range.text();
  return std::string(kind) + (bounds.empty() ? "" : " ") + bounds;
}

Codec<double> real(const Range& range) {
  return {with_range("REAL", range),
          {},
          [range](std::string_view text, double& value) { return read_number(text, range, value); },
          format_real};
}

Codec<std::int64_t> integer(const Range& range) {
  const auto parse = [range](std::string_view text, std::int64_t& value) {
    return read_number(text, range, value);
  };
  return {with_range("INT", range), {}, parse, [](std::int64_t value) {
            return std::to_string(value);
          }};
}

Codec<bool> boolean() {
  const auto parse = [](std::string_view text, bool& value) -> std::string {
    if (text != "true" && text != "false") return "expected true or false, found " + quote(text);
    value = text == "true";
    return "";
  };
  return {
      "true|false", {"true", "false"}, parse, [](bool value) { return value ? "true" : "false"; }};
}

std::string wrong_name(std::string_view text, const std::vector<std::string>& names) {
  return "expected " + one_of(names) + ", found " + quote(text) + did_you_mean(text, names);
}

template <class E>
Codec<E> name() {
  const auto parse = [](std::string_view text, E& value) -> std::string {
    const auto known = from_name<E>(kebab_case(text));
    if (!known) return wrong_name(text, all_names<E>());
    value = *known;
    return "";
  };
  return {"NAME", all_names<E>(), parse, [](E value) { return std::string(name_of(value)); }};
}

// What parse() reads and throws Error about, and to_string() writes.
template <class T>
Codec<T> parameterised(T (*parse)(std::string_view), std::vector<std::string> names) {
  const auto parse_or_say = [parse](std::string_view text, T& value) -> std::string {
    try {
      value = parse(text);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  return {"NAME", std::move(names), parse_or_say, [](const T& value) { return to_string(value); }};
}

// A text that YAML, JSON and a terminal show as it is, and that `problem_of` finds nothing wrong
// with.
Codec<std::string> text(std::string kind, std::vector<std::string> choices,
                        std::string (*problem_of)(std::string_view)) {
  const auto parse = [problem_of](std::string_view found, std::string& value) -> std::string {
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (std::any_of(found.begin(), found.end(), is_control) || !is_utf8(found)) {
      return "expected UTF-8 text without control characters";
    }
    std::string problem = problem_of(found);
    if (problem.empty()) value = found;
    return problem;
  };
  return {std::move(kind), std::move(choices), parse,
          [](const std::string& value) { return value; }};
}

std::string no_problem(std::string_view) { return ""; }

std::string device_problem(std::string_view text) {
  if (text == "auto" || text == "cpu" || text == "cuda") return "";
  constexpr std::string_view kPrefix = "cuda:";
  long long index = -1;
  if (text.starts_with(kPrefix) && parse_integer(text.substr(kPrefix.size()), index) &&
      index >= 0 && text.substr(kPrefix.size()) == std::to_string(index)) {
    return "";
  }
  return "expected auto, cpu, cuda or cuda:N, found " + quote(text);
}

std::string run_name_problem(std::string_view text) {
  const bool is_file_name = std::filesystem::path(text).filename() == text && text != "." &&
                            text != ".." && !text.starts_with('-');
  // runs/latest is the link to the newest run.
  if (is_file_name && text != "latest") return "";
  return "expected a plain file name other than 'latest', found " + quote(text);
}

const std::vector<std::string>& log_levels() {
  static const std::vector<std::string> names = {"trace",   "debug", "info",
                                                 "warning", "error", "off"};
  return names;
}

std::string log_level_problem(std::string_view text) {
  const auto& names = log_levels();
  const bool is_known = std::find(names.begin(), names.end(), text) != names.end();
  return is_known ? "" : wrong_name(text, names);
}

const Range kBeta = Range::between(0, 1);
const Range kThreshold = Range::above(0);
const Range kGradedSpikesFactor = Range::above(0);

// What is wrong with values that the library takes but no person means.
std::string range_problem(const std::vector<LayerSpec>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto* leaky = std::get_if<LeakyOptions>(&layers[i].neuron);
    if (leaky == nullptr) continue;
    const std::tuple<const char*, const PerNeuron&, Range> checks[] = {
        {"beta", leaky->beta(), kBeta},
        {"threshold", leaky->threshold(), kThreshold},
        {"graded-spikes-factor", leaky->graded_spikes_factor(), kGradedSpikesFactor}};
    for (const auto& [option, numbers, range] : checks) {
      for (const double number : numbers.values) {
        if (range.contains(number)) continue;
        return "layer " + std::to_string(i + 1) + ": leaky: " + option + ": expected a number " +
               range.text() + ", found " + format_real(number);
      }
    }
  }
  return "";
}

Codec<std::string> layers() {
  const auto parse = [](std::string_view found, std::string& value) -> std::string {
    value.clear();
    if (trimmed(found).empty() || trimmed(found) == "[]") return "";
    try {
      const std::vector<LayerSpec> layers = layers_from_json(found);
      value = layers_to_json(layers);
      return range_problem(layers);
    } catch (const Error& error) {
      return error.what();
    }
  };
  return {"JSON", {}, parse, [](const std::string& value) { return value.empty() ? "[]" : value; }};
}

template <class T>
std::string parse_list(const Codec<T>& item, std::string_view text, std::vector<T>& values) {
  for (const std::string& piece : split_list(text)) {
    T value{};
    std::string problem = item.parse(piece, value);
    if (!problem.empty()) return problem;
    values.push_back(std::move(value));
  }
  return "";
}

template <class T>
Codec<std::vector<T>> list(Codec<T> item) {
  const std::size_t kind_end = std::min(item.value.find(' '), item.value.size());
  const std::string value = std::string(item.value).insert(kind_end, ",...");
  const auto format = [item](const std::vector<T>& values) {
    std::vector<std::string> pieces;
    for (const T element : values) pieces.push_back(item.format(element));
    return join(pieces, ",");
  };
  const auto parse = [item](std::string_view text, std::vector<T>& values) -> std::string {
    std::string problem = parse_list(item, text, values);
    if (problem.empty() && values.empty()) return "expected at least one value, found none";
    return problem;
  };
  return {value, item.choices, parse, format};
}

// A list that may be empty, which is written `none`.
template <class T>
Codec<std::vector<T>> list_or_none(Codec<T> item) {
  Codec<std::vector<T>> codec = list(item);
  codec.parse = [item](std::string_view text, std::vector<T>& values) {
    return text == "none" ? "" : parse_list(item, text, values);
  };
  codec.format = [format = codec.format](const std::vector<T>& values) {
    return values.empty() ? "none" : format(values);
  };
  return codec;
}

template <class T>
struct Items {
  using Type = T;
  static constexpr bool is_list = false;
};
template <class T>
struct Items<std::vector<T>> {
  using Type = T;
  static constexpr bool is_list = true;
};

// The options under construction. What add() adds belongs to the group and scope last begun.
class Table {
 public:
  void begin(Group group, Scope scope) {
    group_ = group;
    scope_ = scope;
  }

  template <class T>
  Option& add(std::string option_name, T Config::*member, const Codec<T>& codec, std::string help) {
    Option option;
    option.name = std::move(option_name);
    option.group = group_;
    option.scope = scope_;
    option.value = codec.value;
    option.help = std::move(help);
    using Item = typename Items<T>::Type;
    option.is_switch = std::is_same_v<Item, bool>;
    option.is_number = std::is_arithmetic_v<Item> && !option.is_switch;
    option.is_list = Items<T>::is_list;
    option.choices = codec.choices;
    option.parse = [member, parse = codec.parse](Config& config, std::string_view found) {
      T value{};
      std::string problem = parse(found, value);
      if (problem.empty()) config.*member = std::move(value);
      return problem;
    };
    option.format = [member, format = codec.format](const Config& config) {
      return format(config.*member);
    };
    return options_.emplace_back(std::move(option));
  }

  std::vector<Option> take() { return std::move(options_); }

 private:
  Group group_ = Group::kRun;
  Scope scope_ = Scope::kRun;
  std::vector<Option> options_;
};

void add_data_options(Table& table) {
  const auto count = integer(Range::at_least(0));
  table.begin(Group::kData, Scope::kResult);
  table.add("dataset", &Config::dataset, name<DatasetName>(), "Data set");
  table
      .add("data-dir", &Config::data_dir, text("PATH", {}, no_problem),
           "Folder of its IDX files; empty: $SNN_DATA_DIR, data/ and the system's folders")
      .scope = Scope::kRun;
  table.add("limit-train", &Config::limit_train, count,
            "Use only the first N training images; 0: all");
  table.add("limit-test", &Config::limit_test, count, "Use only the first N test images; 0: all");
  table.add("validation", &Config::validation, count,
            "Training images held out to choose the best epoch; 0: choose by training loss");
}

void add_network_options(Table& table) {
  const auto surrogate = parameterised(parse_surrogate, all_names<SurrogateKind>());
  table.begin(Group::kNetwork, Scope::kResult);
  table.add("hidden", &Config::hidden, list_or_none(integer(Range::between(1, 1'000'000))),
            "Neurons in each hidden layer, or none");
  table.add("steps", &Config::steps, integer(Range::between(1, 100'000)), "Time steps T")
      .short_name = 'T';
  table
      .add("neuron", &Config::neuron, name<NeuronKind>(),
           "Kind of the neurons; relu: those of an ordinary network, which have none of the "
           "options from beta on")
      .legacy = name_of(NeuronKind::kLeaky);
  table.add("beta", &Config::beta, list(real(kBeta)), "What is left of the membrane after a step");
  table.add("threshold", &Config::threshold, list(real(kThreshold)),
            "A neuron spikes above this membrane");
  table.add("reset", &Config::reset, list(name<Reset>()), "How a spike lowers the membrane");
  table.add("reset-delay", &Config::reset_delay, list(boolean()),
            "Whether a spike lowers the membrane in the next step rather than its own");
  table.add("surrogate", &Config::surrogate, list(surrogate),
            "Derivative of a spike, NAME[:parameter=value,...]");
  table.add("graded-spikes-factor", &Config::graded_spikes_factor, list(real(kGradedSpikesFactor)),
            "What a spike is worth");
  table.add("inhibition", &Config::inhibition, list(boolean()),
            "Whether only the neuron with the highest membrane may spike");
  table.add("learn-beta", &Config::learn_beta, list(boolean()), "Whether training changes beta");
  table.add("learn-threshold", &Config::learn_threshold, list(boolean()),
            "Whether training changes the threshold");
  table.add("learn-graded-spikes-factor", &Config::learn_graded_spikes_factor, list(boolean()),
            "Whether training changes the graded spikes factor");
  table
      .add("layers", &Config::layers, layers(),
           "The whole network, instead of all above but steps: "
           "[{\"linear\":{\"outputs\":10},\"leaky\":{\"beta\":0.9}}]")
      .is_json = true;
}

void add_training_options(Table& table) {
  table.begin(Group::kTraining, Scope::kResult);
  table.add("loss", &Config::loss, parameterised(parse_loss, all_names<LossKind>()),
            "Training objective, also mse-count:correct=0.8,incorrect=0.2");
  table
      .add("decision", &Config::decision, name<Decision>(),
           "What makes the class: most spikes, of ties the largest membrane summed over time, then "
           "the lowest; count: without it (snnTorch's accuracy_rate); membrane: it alone")
      .legacy = name_of(Decision::kCount);
  table
      .add("epochs", &Config::epochs, integer(Range::between(1, 1'000'000)),
           "Passes over the training set")
      .short_name = 'e';
  table
      .add("batch-size", &Config::batch_size, integer(Range::between(1, 1'000'000)),
           "Images in an optimiser step")
      .short_name = 'b';
  table.add("lr", &Config::lr, real(Range::above(0)), "Learning rate");
  table.add("optimizer", &Config::optimizer, name<OptimizerKind>(), "Optimiser");
  table.add("momentum", &Config::momentum, real(Range::between(0, 1)), "Momentum of sgd");
  table.add("weight-decay", &Config::weight_decay, real(Range::at_least(0)), "Weight decay");
  table.add("lr-schedule", &Config::lr_schedule,
            parameterised(parse_schedule, all_names<ScheduleKind>()),
            "How the learning rate falls, also cosine:floor=0 and step:every=1,gamma=0.1");
  table.add("lr-warmup", &Config::lr_warmup, real(Range::at_least(0)),
            "Epochs in which the learning rate rises");
  table.add("clip-grad-norm", &Config::clip_grad_norm, real(Range::at_least(0)),
            "Scale gradients down to this norm; 0: never");
  table.add("patience", &Config::patience, integer(Range::at_least(0)),
            "Stop after so many epochs without a better one; 0: never");
  table.add("seed", &Config::seed, integer(Range::at_least(0)),
            "Fixes weights and order of the images");
}

void add_run_options(Table& table) {
  table.begin(Group::kRun, Scope::kRun);
  table.add("device", &Config::device,
            text("auto|cpu|cuda[:N]", {"auto", "cpu", "cuda"}, device_problem),
            "Where tensors are computed; auto: on a GPU if there is one");
  table
      .add("threads", &Config::threads, integer(Range::between(0, 1024)),
           "CPU threads; 0: one for each core")
      .short_name = 'j';
  table.add("engine", &Config::engine, name<EngineKind>(),
            "What computes the network; auto: fused wherever it applies");
  table.add("simd", &Config::simd, name<Simd>(),
            "Instruction set of the fused engine; auto: the widest there is");
  table.add("out-dir", &Config::out_dir, text("PATH", {}, no_problem), "Folder of the runs");
  table.add("run-name", &Config::run_name, text("NAME", {}, run_name_problem),
            "Folder of this run in out-dir; empty: a new one");
  table.add("resume", &Config::resume, text("PATH|auto", {"auto"}, no_problem),
            "Go on from a checkpoint or run; auto: from the newest unfinished run, or the one of "
            "run-name");
  table.add("log-level", &Config::log_level, text("NAME", log_levels(), log_level_problem),
            "What goes into the log");
  table.add("quiet", &Config::quiet, boolean(), "Whether to print only results and errors")
      .short_name = 'q';
  table.add("progress", &Config::progress, boolean(), "Whether a terminal shows a progress bar");
  table.add("json", &Config::json, boolean(),
            "Whether to print only the summary, as one JSON object");
  table.add("tensorboard", &Config::tensorboard, boolean(),
            "Whether the run directory also holds the metrics as a TensorBoard event file");
  table.add("report", &Config::report, boolean(),
            "Whether a finished run leaves a report of pictures, report.html");
}

// The pieces between the commas that stand in no brackets, braces or quotes.
std::vector<std::string_view> split_outside_brackets(std::string_view text) {
  std::vector<std::string_view> pieces;
  std::size_t first = 0;
  int depth = 0;
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted) continue;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c != ',' || depth > 0) continue;
    pieces.push_back(text.substr(first, i - first));
    first = i + 1;
  }
  pieces.push_back(text.substr(first));
  return pieces;
}

std::vector<Option> make_table() {
  Table table;
  add_data_options(table);
  add_network_options(table);
  add_training_options(table);
  add_run_options(table);
  return table.take();
}

// These are all that have a value for each layer.
bool is_of_leaky_neurons(const Option& option) {
  return option.group == Group::kNetwork && option.is_list && option.name != "hidden";
}

}  // namespace

std::vector<std::string> split_values(std::string_view text) {
  std::vector<std::string> items;
  for (const std::string_view piece : split_outside_brackets(text)) {
    const std::string item(trimmed(piece));
    const bool goes_on = item.find('=') != std::string::npos && item.find(':') == std::string::npos;
    if (goes_on && !items.empty()) {
      items.back() += "," + item;
    } else {
      items.push_back(item);
    }
  }
  return items;
}

std::vector<std::string> split_list(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = trimmed(text.substr(1, text.size() - 2));
    if (text.empty()) return {};
  }
  return split_values(text);
}

bool is_without_effect(const Option& option, const Config& config) {
  if (option.group != Group::kNetwork || option.name == "steps" || option.name == "layers") {
    return false;
  }
  return !config.layers.empty() ||
         (config.neuron != NeuronKind::kLeaky && is_of_leaky_neurons(option));
}

std::string per_layer_problem(const Option& option, const Config& config) {
  if (!is_of_leaky_neurons(option) || is_without_effect(option, config)) return "";
  const std::size_t layers = config.hidden.size() + 1;
  const std::size_t values = split_list(option.format(config)).size();
  if (values == 1 || values == layers) return "";
  const std::string per_layer = " or " + std::to_string(layers) + " (one for each layer)";
  return "expected 1 value" + (layers == 1 ? "" : per_layer) + ", found " + std::to_string(values);
}

std::string label(std::string_view origin, std::string_view name) {
  if (origin.empty()) return std::string(name);
  if (origin == "--" + std::string(name)) return std::string(origin);
  return std::string(origin) + ": " + std::string(name);
}

std::span<const Option> options() {
  static const std::vector<Option> table = make_table();
  return table;
}

const Option* find_option(std::string_view name) {
  const std::string kebab = kebab_case(name);
  for (const Option& option : options()) {
    if (option.name == kebab) return &option;
  }
  return nullptr;
}

void apply_option(const Option& option, std::string_view text, const std::string& origin,
                  Settings& settings) {
  const std::string problem = option.parse(settings.config, text);
  if (problem.empty()) {
    settings.origin[option.name] = origin;
  } else {
    settings.problems.push_back(label(origin, option.name) + ": " + problem);
  }
}

void check_together(Settings& settings) {
  const Config& config = settings.config;
  const auto origin = [&](const std::string& name) {
    const auto known = settings.origin.find(name);
    return known == settings.origin.end() ? std::string() : known->second;
  };
  const auto report = [&](const std::string& name, const std::string& problem) {
    settings.problems.push_back(label(origin(name), name) + ": " + problem);
  };
  for (const Option& option : options()) {
    const bool is_given = settings.is_set(option.name) && origin(option.name) != kCheckpointOrigin;
    if (is_given && is_without_effect(option, config)) {
      report(option.name, !config.layers.empty()
                              ? "cannot be combined with layers (" +
                                    label(origin("layers"), "layers") + "), which states it"
                              : "only leaky neurons have it; the neuron is " +
                                    std::string(name_of(config.neuron)));
    }
    const std::string problem = per_layer_problem(option, config);
    if (!problem.empty()) report(option.name, problem);
  }
  if (config.momentum != 0 && config.optimizer != OptimizerKind::kSgd) {
    report("momentum", "only the optimizer sgd has a momentum; the optimizer is " +
                           std::string(name_of(config.optimizer)));
  }
}

void throw_if_wrong(const Settings& settings) {
  const auto& problems = settings.problems;
  if (problems.empty()) return;
  if (problems.size() == 1) throw Error(ExitCode::kUsage, problems[0]);
  throw Error(ExitCode::kUsage, std::to_string(problems.size()) +
                                    " problems in the configuration:\n  " + join(problems, "\n  "));
}

}  // namespace snn

#include "snn/train/options.h"

#include <algorithm>
#include <filesystem>
#include <type_traits>
#include <utility>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "system/user_path.h"
#include "text/aliases.h"
#include "text/json.h"
#include "text/message.h"
#include "text/range.h"
#include "train/option_codec.h"
#include "train/option_table.h"

namespace snn {
namespace {

using codec::boolean;
using codec::Codec;
using codec::integer;
using codec::list;
using codec::list_or_none;
using codec::name;
using codec::parameterised;
using codec::real;
using codec::text;
using codec::wrong_name;

std::string read_path(std::string_view found, std::string& value) {
  try {
    value = expand_path(found);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

// The checkpoint to resume; people who know other programs say true, and false or none.
std::string read_resume(std::string_view found, std::string& value) {
  const std::string word = lower_case(found);
  if (word == "true" || word == "false" || word == "none") {
    value = word == "true" ? "auto" : "";
    return "";
  }
  return read_path(found, value);
}

// PyTorch's names, and a number as Ultralytics has it.
std::string read_device(std::string_view found, std::string& value) {
  const std::string name = lower_case(trimmed(found));
  const bool is_number = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
  const std::size_t colon = is_number ? 0 : std::min(name.find(':'), name.size());
  const std::string kind =
      is_number ? "cuda" : meant_value("device", name.substr(0, colon), {"auto", "cpu", "cuda"});
  const std::string index = is_number ? name : name.substr(std::min(colon + 1, name.size()));
  const bool has_index = is_number || colon < name.size();
  long long number = -1;
  const bool is_index = kind == "cuda" && parse_integer(index, number) && number >= 0 &&
                        index == std::to_string(number);
  const bool is_known = kind == "auto" || kind == "cpu" || kind == "cuda";
  if (has_index ? !is_index : !is_known) {
    return "expected auto, cpu, cuda or cuda:N, found " + quote(found);
  }
  value = has_index ? kind + ":" + index : kind;
  return "";
}

std::string read_run_name(std::string_view found, std::string& value) {
  const bool is_file_name = std::filesystem::path(found).filename() == found && found != "." &&
                            found != ".." && !found.starts_with('-');
  // runs/latest is the link to the newest run.
  if (!is_file_name || found == "latest") {
    return "expected a plain file name other than 'latest', found " + quote(found);
  }
  value = found;
  return "";
}

const std::vector<std::string>& log_levels() {
  static const std::vector<std::string> names = {"trace",   "debug", "info",
                                                 "warning", "error", "off"};
  return names;
}

std::string read_log_level(std::string_view found, std::string& value) {
  const auto& names = log_levels();
  const std::string name = meant_value("log-level", found, names);
  if (std::ranges::find(names, name) == names.end()) return wrong_name("log-level", found, names);
  value = name;
  return "";
}

const Range kBeta = Range::between(0, 1).in_float();
const Range kThreshold = Range::above(0).in_float();
const Range kGradedSpikesFactor = Range::above(0).in_float();

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
        return "layer " + std::to_string(i + 1) + ": leaky: " + option + ": expected " +
               range.expected_for(number) + ", found " + format_real(number);
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
  table.add("dataset", &Config::dataset, name<DatasetName>("dataset"), "Data set");
  table
      .add("data-dir", &Config::data_dir, text("PATH", {}, read_path),
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
      .add("neuron", &Config::neuron, name<NeuronKind>("neuron"),
           "Kind of the neurons; relu: those of an ordinary network, which have none of the "
           "options from beta on")
      .legacy = name_of(NeuronKind::kLeaky);
  table.add("beta", &Config::beta, list(real(kBeta)), "What is left of the membrane after a step");
  table.add("threshold", &Config::threshold, list(real(kThreshold)),
            "A neuron spikes above this membrane");
  table.add("reset", &Config::reset, list(name<Reset>("reset")), "How a spike lowers the membrane");
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
      .add("decision", &Config::decision, name<Decision>("decision"),
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
  table.add("lr", &Config::lr, real(Range::above(0).in_float()), "Learning rate");
  table.add("optimizer", &Config::optimizer, name<OptimizerKind>("optimizer"), "Optimiser");
  table.add("momentum", &Config::momentum, real(Range::between(0, 1).in_float()),
            "Momentum of sgd");
  table.add("weight-decay", &Config::weight_decay, real(Range::at_least(0).in_float()),
            "Weight decay");
  table.add("lr-schedule", &Config::lr_schedule,
            parameterised(parse_schedule, all_names<ScheduleKind>()),
            "How the learning rate falls, also cosine:floor=0 and step:every=1,gamma=0.1");
  table.add("lr-warmup", &Config::lr_warmup, real(Range::at_least(0)),
            "Epochs in which the learning rate rises");
  table.add("clip-grad-norm", &Config::clip_grad_norm, real(Range::at_least(0).in_float()),
            "Scale gradients down to this norm; 0: never");
  table.add("patience", &Config::patience, integer(Range::at_least(0)),
            "Stop after so many epochs without a better one; 0: never");
  table.add("seed", &Config::seed, integer(Range::at_least(0)),
            "Fixes weights and order of the images");
}

void add_run_options(Table& table) {
  table.begin(Group::kRun, Scope::kRun);
  table.add("device", &Config::device,
            text("auto|cpu|cuda[:N]", {"auto", "cpu", "cuda"}, read_device),
            "Where tensors are computed; auto: on a GPU if there is one");
  table
      .add("threads", &Config::threads, integer(Range::between(0, 1024)),
           "CPU threads; 0: $OMP_NUM_THREADS, else one for each core")
      .short_name = 'j';
  table.add("engine", &Config::engine, name<EngineKind>("engine"),
            "What computes the network; auto: fused wherever it applies");
  table.add("simd", &Config::simd, name<Simd>("simd"),
            "Instruction set of the fused engine; auto: the widest there is");
  table.add("out-dir", &Config::out_dir, text("PATH", {}, read_path), "Folder of the runs");
  table.add("run-name", &Config::run_name, text("NAME", {}, read_run_name),
            "Folder of this run in out-dir; empty: a new one");
  table.add("resume", &Config::resume, text("PATH|auto", {"auto"}, read_resume),
            "Go on from a checkpoint or run; auto: from the newest unfinished run, or the one of "
            "run-name");
  Codec<CheckpointInterval> interval = parameterised(parse_checkpoint_interval, {});
  interval.value = "N|Nm";
  table.add("checkpoint-every", &Config::checkpoint_every, interval,
            "Save a checkpoint within an epoch too: each N batches, or Nm: N minutes; 0: never");
  table.add("log-level", &Config::log_level, text("NAME", log_levels(), read_log_level),
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

std::vector<Option> make_table() {
  Table table;
  add_data_options(table);
  add_network_options(table);
  add_training_options(table);
  add_run_options(table);
  return table.take();
}

}  // namespace

std::span<const Option> options() {
  static const std::vector<Option> table = make_table();
  return table;
}

const Option* find_option(std::string_view name) {
  const auto called = [](std::string_view exactly) {
    const auto known = std::ranges::find(options(), exactly, &Option::name);
    return known == options().end() ? nullptr : &*known;
  };
  const Option* option = called(name);
  return option != nullptr ? option : called(meant_option(name, option_names()));
}

const std::vector<std::string>& option_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Option& option : options()) all.push_back(option.name);
    return all;
  }();
  return names;
}

std::string option_name(std::string_view name) {
  const Option* option = find_option(name);
  return option != nullptr ? option->name : kebab_case(name);
}

}  // namespace snn

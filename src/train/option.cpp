#include "snn/train/option.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "snn/text/error.h"
#include "text/aliases.h"
#include "text/codec.h"
#include "text/message.h"
#include "train/neuron_options.h"
#include "train/option_table.h"
#include "train/option_values.h"

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

// The options under construction. add() appends to the current group and scope.
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
    option.is_integer = std::is_integral_v<Item> && !option.is_switch;
    option.is_list = Items<T>::is_list;
    option.is_sweepable = scope_ == Scope::kResult;
    option.member = place_of(member);
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

  // The options of neurons.
  void add_neuron_options() {
    for (Option& option : neuron_options(group_, scope_)) options_.push_back(std::move(option));
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
            "Use only the first N training samples; 0: all");
  table.add("limit-test", &Config::limit_test, count, "Use only the first N test samples; 0: all");
  table.add("validation", &Config::validation, count,
            "Training samples held out for validation, used to select the best checkpoint; 0: "
            "select by training loss");
  table
      .add(
          "encoding", &Config::encoding, parameterised(parse_encoding, all_names<EncodingKind>()),
          "How samples become the input, NAME[:parameter=value,...]; current: the values at every "
          "step; rate: random spikes; latency: one spike, earlier for larger values; delta: spikes "
          "at changes of sequences; phase: binary digits")
      .legacy = "current";
}

void add_network_options(Table& table) {
  table.begin(Group::kNetwork, Scope::kResult);
  table
      .add("hidden", &Config::hidden, list_or_none(integer(Range::between(1, 1'000'000))),
           "Neurons in each hidden layer, or none")
      .is_stated_by_layers = true;
  table.add("steps", &Config::steps, integer(Range::between(1, 100'000)), "Time steps T")
      .short_name = 'T';
  Option& neuron =
      table.add("neuron", &Config::neuron, name<NeuronKind>("neuron"),
                "Neuron model; relu: the non-spiking baseline, which has none of the options "
                "of neurons");
  neuron.is_stated_by_layers = true;
  neuron.legacy = LeakyOptions::kName;
  Option& readout = table.add(
      "readout", &Config::readout, readout_codec(),
      "Neurons of the last layer, NAME[:option=value,...], where they differ from --neuron; li, "
      "integrators without spikes, whose membrane is the output. The options of neurons are then "
      "those of the hidden layers");
  readout.is_stated_by_layers = true;
  readout.legacy = "same";
  table.add_neuron_options();
  const auto stated_by_layers = [&](Option& option, std::string_view legacy) {
    option.is_stated_by_layers = true;
    option.legacy = legacy;
  };
  stated_by_layers(table.add("delays", &Config::delays, name<Delays>("delays"),
                             "Learned delays of every layer, one per input (axon) or per "
                             "connection (synapse)"),
                   name_of(Delays::kNone));
  stated_by_layers(table.add("max-delay", &Config::max_delay, integer(max_delay_field().range),
                             "Longest delay, in steps, with --delays"),
                   "10");
  const Range probability = {.low = 0, .high = 1, .without_high = true};
  stated_by_layers(
      table.add("dropout", &Config::dropout, real(probability.in_float()),
                "Probability that the spikes of a hidden neuron are dropped in training, at all "
                "steps of a sample alike; those kept are scaled by 1/(1 - p)"),
      "0");
  stated_by_layers(table.add("dropout-per-step", &Config::dropout_per_step, boolean(),
                             "Draw which spikes are dropped anew at each step"),
                   "false");
  table
      .add("layers", &Config::layers, layers_codec(),
           "Full network specification as JSON; replaces every network option except --steps: "
           "[{\"linear\":{\"outputs\":10},\"leaky\":{\"beta\":0.9}}]")
      .is_json = true;
}

std::vector<std::string> with_none(std::vector<std::string> names) {
  names.emplace(names.begin(), "none");
  return names;
}

void add_training_options(Table& table) {
  table.begin(Group::kTraining, Scope::kResult);
  table.add("loss", &Config::loss, parameterised(parse_loss, all_names<LossKind>()),
            "Loss function, NAME[:parameter=value,...] (ce-...: also smoothing=0.1), or a weighted "
            "sum, \"ce-rate + 0.1*mse-count:correct=0.8\"");
  table
      .add(
          "class-weights", &Config::class_weights,
          list_or_none(real(Range::at_least(0).in_float())),
          "Weight of each class in the loss, or none; a sample's loss is multiplied by its label's")
      .legacy = "none";
  table
      .add("population", &Config::population, integer(Range::between(1, 10'000)),
           "Output neurons of each class (population code); the last layer has that many times the "
           "number of classes")
      .legacy = "1";
  table
      .add("regularize", &Config::regularize,
           parameterised(parse_regularizer, with_none(all_names<RegularizerKind>())),
           "Penalty on the spikes of every layer, added to the loss in training but reported "
           "separately, "
           "a weighted sum as for the loss, \"0.1*rate-band:low=0.01,high=0.2 + 1e-6*spikes\"")
      .legacy = "none";
  table
      .add("decision", &Config::decision, name<Decision>("decision"),
           "How the class is read out: most spikes, ties broken by the membrane summed over time, "
           "then by the lowest class; count: by spikes alone (snnTorch's accuracy_rate); membrane: "
           "by the summed membrane alone; temporal: by the earliest first spike (snnTorch's "
           "accuracy_temporal)")
      .legacy = name_of(Decision::kCount);
  table
      .add("top-k", &Config::top_k, integer(Range::at_least(0)),
           "Also report the share of samples whose class is among the K best; 0: off")
      .legacy = "0";
  table
      .add("epochs", &Config::epochs, integer(Range::between(1, 1'000'000)),
           "Passes over the training set")
      .short_name = 'e';
  table
      .add("batch-size", &Config::batch_size, integer(Range::between(1, 1'000'000)),
           "Mini-batch size")
      .short_name = 'b';
  table
      .add("accumulate", &Config::accumulate, integer(Range::between(1, 1'000'000)),
           "Batches whose gradients are accumulated for an optimiser step: the step of a batch K "
           "times as large, in the memory of one")
      .legacy = "1";
  table.add("lr", &Config::lr, real(Range::above(0).in_float()), "Learning rate");
  table.add("optimizer", &Config::optimizer, name<OptimizerKind>("optimizer"), "Optimiser");
  table.add("momentum", &Config::momentum, real(Range::between(0, 1).in_float()),
            "Momentum of sgd");
  table.add("weight-decay", &Config::weight_decay, real(Range::at_least(0).in_float()),
            "L2 penalty; adamw: decoupled weight decay");
  table.add("lr-schedule", &Config::lr_schedule,
            parameterised(parse_schedule, all_names<ScheduleKind>()),
            "Learning-rate schedule, NAME[:parameter=value,...]");
  table.add("lr-warmup", &Config::lr_warmup, real(Range::at_least(0)),
            "Linear warm-up of the learning rate, in epochs");
  table.add("clip-grad-norm", &Config::clip_grad_norm, real(Range::at_least(0).in_float()),
            "Clip the global gradient norm; 0: off");
  table
      .add("max-norm", &Config::max_norm, real(Range::at_least(0).in_float()),
           "Largest norm of the incoming weights of a neuron, which are scaled down to it after "
           "each step; 0: off")
      .legacy = "0";
  table
      .add("ema", &Config::ema, real({.low = 0, .high = 1, .without_high = true}),
           "Decay of a moving average of the weights (0.999, say), which is evaluated and saved "
           "beside them; 0: off")
      .legacy = "0";
  table
      .add("tbptt", &Config::tbptt, integer(Range::between(0, 100'000)),
           "Truncated backpropagation through time: no gradient flows back from a step that is a "
           "multiple of K; 0: off")
      .legacy = "0";
  table.add("patience", &Config::patience, integer(Range::at_least(0)),
            "Early stopping: epochs without improvement; 0: off");
  table.add("seed", &Config::seed, integer(Range::at_least(0)),
            "Random seed for initial weights, data order and dropout");
}

void add_run_options(Table& table) {
  table.begin(Group::kRun, Scope::kRun);
  table
      .add("device", &Config::device,
           text("auto|cpu|cuda[:N]", {"auto", "cpu", "cuda"}, read_device),
           "Compute device; auto: a GPU if there is one")
      .is_sweepable = true;
  table
      .add("threads", &Config::threads, integer(Range::between(0, 1024)),
           "CPU threads; 0: $OMP_NUM_THREADS, else one per core")
      .short_name = 'j';
  table
      .add("engine", &Config::engine, name<EngineKind>("engine"),
           "Compute engine; auto: fused wherever it supports the network")
      .is_sweepable = true;
  table
      .add("simd", &Config::simd, name<Simd>("simd"),
           "Instruction set of the fused engine; auto: the widest available")
      .is_sweepable = true;
  table.add("out-dir", &Config::out_dir, text("PATH", {}, read_path), "Folder of the runs");
  table.add("run-name", &Config::run_name, text("NAME", {}, read_run_name),
            "Folder of this run in out-dir; empty: a new one");
  table.add("resume", &Config::resume, text("PATH|auto", {"auto"}, read_resume),
            "Resume a checkpoint or run; auto: the newest unfinished run, or the one of run-name");
  Codec<CheckpointInterval> interval = parameterised(parse_checkpoint_interval, {});
  interval.value = "N|Nm";
  table.add("checkpoint-every", &Config::checkpoint_every, interval,
            "Also save a checkpoint within an epoch: every N batches, or Nm: N minutes; 0: never");
  table.add("log-level", &Config::log_level, text("NAME", log_levels(), read_log_level),
            "Lowest level of messages in the log");
  table.add("quiet", &Config::quiet, boolean(), "Print only results and errors").short_name = 'q';
  table.add("progress", &Config::progress, boolean(), "Show a progress bar on a terminal");
  table.add("json", &Config::json, boolean(), "Print only the summary, as one JSON object");
  table.add("tensorboard", &Config::tensorboard, boolean(),
            "Also write a TensorBoard event file to the run directory");
  table.add("report", &Config::report, boolean(),
            "Write report.html with pictures when a run finishes");
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

const Option& option_at(std::ptrdiff_t member) {
  return *std::ranges::find(options(), member, &Option::member);
}

bool Config::operator==(const Config& other) const {
  return std::ranges::all_of(options(), [&](const Option& option) {
    return option.format(*this) == option.format(other);
  });
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

bool lists_choices(const Option& option) {
  return option.value.starts_with("NAME") && !option.choices.empty();
}

std::string meaning_of(const Option& option, const std::vector<std::string>& choices) {
  std::string meaning = option.help;
  if (lists_choices(option)) meaning += ": " + join(choices, ", ");
  const std::size_t space = option.value.find(' ');  // "REAL,... in [0, 1]": a kind and its range
  std::vector<std::string> notes;
  if (space != std::string::npos) notes.push_back(option.value.substr(space + 1));
  if (!option.differences.empty()) notes.push_back(option.differences);
  return meaning + (notes.empty() ? "" : " (" + join(notes, "; ") + ")");
}

const Option& option_called(std::string_view name) {
  if (const Option* option = find_option(name)) return *option;
  throw Error(ExitCode::kUsage,
              "unknown option " + quote(name) + suggested_option(name, option_names()));
}

std::string option_name(std::string_view name) {
  const Option* option = find_option(name);
  return option != nullptr ? option->name : kebab_case(name);
}

void set_option(Config& config, std::string_view name, std::string_view text) {
  const Option& option = option_called(name);
  const std::string problem = option.parse(config, text);
  if (!problem.empty()) throw Error(ExitCode::kUsage, option.name + ": " + problem);
}

std::string option_text(const Config& config, std::string_view name) {
  return option_called(name).format(config);
}

}  // namespace snn

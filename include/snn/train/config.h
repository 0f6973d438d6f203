#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "snn/data/dataset.h"
#include "snn/data/loader.h"
#include "snn/engine/engine_options.h"
#include "snn/network/network_spec.h"
#include "snn/train/checkpoint_interval.h"
#include "snn/train/schedule.h"

namespace snn {

/// The configuration of a training run. The table of options (option.h) alone defines the meaning,
/// range and default text of each member.
struct Config {
  // data
  DatasetName dataset = DatasetName::kMnist;
  std::string data_dir;
  std::int64_t limit_train = 0;
  std::int64_t limit_test = 0;
  std::int64_t validation = 0;
  Encoding encoding;

  // network
  std::vector<std::int64_t> hidden = {500};
  NeuronKind neuron = kKindOf<LeakyOptions>;
  Delays delays = Delays::kNone;
  std::int64_t max_delay = 10;
  /// The neurons of the last layer, if they differ: a canonical KIND[:option=value,...], or empty.
  std::string readout;
  std::int64_t steps = 25;
  /// The neuron options of the layers, by option name: one canonical text for all layers, or one
  /// per layer. Missing options are default. Set them with set_option() (option.h).
  std::map<std::string, std::vector<std::string>, std::less<>> neuron_options;
  double dropout = 0.0;
  bool dropout_per_step = false;
  std::string layers;  ///< canonical JSON of layers_to_json(), or empty

  // training
  Loss loss;
  std::vector<double> class_weights;
  std::int64_t population = 1;
  Regularizer regularize;
  std::int64_t top_k = 0;
  Decision decision = Decision::kCountMembrane;
  std::int64_t epochs = 5;
  std::int64_t batch_size = 128;
  std::int64_t accumulate = 1;
  double lr = 1e-3;
  OptimizerKind optimizer = OptimizerKind::kAdam;
  double momentum = 0.0;
  double weight_decay = 0.0;
  Schedule lr_schedule;
  double lr_warmup = 0.0;
  double clip_grad_norm = 0.0;
  double max_norm = 0.0;
  double ema = 0.0;
  std::int64_t tbptt = 0;
  std::int64_t patience = 0;
  std::int64_t seed = 1;

  // run
  std::string device = "auto";
  std::int64_t threads = 0;
  EngineKind engine = EngineKind::kAuto;
  Simd simd = Simd::kAuto;
  std::string out_dir = "runs";
  std::string run_name;
  std::string resume;
  CheckpointInterval checkpoint_every;
  std::string log_level = "info";
  bool quiet = false;
  bool progress = true;
  bool json = false;
  bool tensorboard = false;
  bool report = true;

  /// True if every option has the same text, whether it is stated or default.
  bool operator==(const Config& other) const;
};

/// The samples of an optimiser step; the last step of an epoch may have fewer.
std::int64_t samples_per_step(const Config& config);

/// The code of the classes in the outputs.
Classes classes_of(const Config& config);

/// How the samples become the network's input.
InputOptions input_options(const Config& config);

/// Throws Error(kUsage) if `top_k` is not below the number of classes.
void check_top_k(const Config& config, std::int64_t classes);

/// The network that `config` describes for samples of `shape` in `classes` classes; it has
/// `population` outputs for each. Throws Error(kUsage) for a per-layer option that has neither one
/// value nor one per layer, for `layers` whose last layer has another number of neurons, and for
/// class weights that are not one per class.
NetworkSpec network_spec(const Config& config, const Shape& shape, std::int64_t classes);

}  // namespace snn

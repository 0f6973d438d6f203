#include "engine/fused/fused_engine.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include "engine/batch_part.h"
#include "engine/engine_state.h"
#include "engine/fused/coverage.h"
#include "engine/fused/denormals.h"
#include "engine/fused/fused_network.h"
#include "engine/fused/micro_batch.h"
#include "engine/fused/sample_loss.h"
#include "engine/fused/update_rule.h"
#include "engine/gradient_exchange.h"
#include "engine/input_check.h"
#include "engine/prepared_content.h"
#include "kernels/select.h"
#include "snn/data/loader.h"
#include "snn/text/error.h"
#include "system/thread_pool.h"

namespace snn::fused {
namespace {

// The number of samples evaluated at once, so that their spikes and currents stay in the caches.
constexpr std::int64_t kEvaluatedTogether = 128;

// The losses and the predictions of a batch.
struct BatchOutcome {
  double penalty = 0;                     // of the regulariser
  std::vector<double> losses;             // (B)
  std::vector<std::int64_t> predictions;  // (B)
  std::vector<float> spike_counts;        // (B,C)
  std::vector<float> membrane_sums;       // (B,C); in training only if the prediction needs them
  std::vector<float> first_spikes;        // (B,C); the same

  BatchOutcome(std::int64_t samples, std::int64_t classes)
      : losses(static_cast<std::size_t>(samples)),
        predictions(static_cast<std::size_t>(samples)),
        spike_counts(static_cast<std::size_t>(samples * classes)),
        membrane_sums(static_cast<std::size_t>(samples * classes)),
        first_spikes(static_cast<std::size_t>(samples * classes)) {}

  double loss_sum() const { return std::accumulate(losses.begin(), losses.end(), 0.0); }
};

// The sums over the micro-batches of a step.
struct StepSums {
  std::int64_t samples = 0;  // of all of them
  std::int64_t done = 0;     // of those that were computed
  double loss = 0, penalty = 0;
  std::int64_t correct = 0;
  bool is_safe = true;       // see FusedNetwork::backward()
  double gradient_norm = 0;  // so far; only of several micro-batches
  bool has_gradients = false;
};

class FusedEngine : public Engine {
 public:
  explicit FusedEngine(const EngineOptions& options)
      : options_(options),
        kernels_(kernels::select(options.simd)),
        pool_(options.threads, FlushDenormals::for_this_thread),
        network_(options.network, kernels_, pool_),
        loss_(options.loss, options.classes, network_.classes(), network_.padded_classes(),
              kernels_) {
    const FlushDenormals flush;
    network_.initialize(options.seed);
    restart_averages();
  }

  std::string name() const override { return "fused (" + std::string(kernels_.name) + ")"; }
  void prepare(const Batch& batch, PreparedBatch& prepared) const override;
  void train_batch(PreparedBatch& batch, double learning_rate, const SideWork& meanwhile) override;
  void train_batch(const Batch& batch, double learning_rate) override;
  std::vector<BatchResult> take_results() override { return std::exchange(results_, {}); }
  Evaluation evaluate(const Batch& batch, const SideWork& meanwhile) override;
  EngineState export_state() const override;
  void import_state(const EngineState& state) override;
  void import_parameters(const HostTensors& tensors) override;

 private:
  InputShape shape_of(const Batch& batch) const;
  std::string problem_of(const Batch& batch) const;
  void check(const Batch& batch) const;
  bool has_averages() const { return options_.optimizer.ema > 0; }
  void restart_averages() {
    if (has_averages()) network_.update_averages(1);
  }
  std::int64_t samples_at_once(const Batch& batch) const {
    return options_.micro_batch > 0 ? options_.micro_batch : batch.size();
  }
  Pass training_pass(std::uint64_t epoch, std::span<const std::uint32_t> samples) const {
    return {/*is_training=*/true, options_.seed, epoch, samples, options_.tbptt};
  }
  void compute(const std::vector<std::uint8_t>& labels, const Pass& pass, const SideWork& meanwhile,
               StepSums& sums);
  BatchResult finish(StepSums& sums, double learning_rate);
  bool forward_backward(const std::vector<std::uint8_t>& labels, const SideWork& meanwhile,
                        BatchOutcome& outcome);
  double exchange_gradients(bool has_finite_loss, std::int64_t samples);
  void read(const Batch& batch, NetworkInput& to) const;
  void read_part_of(const Batch& batch, std::int64_t first, std::int64_t count);
  void answer_sample(std::int64_t sample, std::uint8_t label, bool wants_gradient,
                     BatchOutcome& answer) const;
  void add_over_time(const float* values, std::span<float> sums) const;
  void find_first_spikes(const float* spikes, std::span<float> times) const;
  std::vector<StateTensor> state_tensors() const;

  EngineOptions options_;
  const kernels::Kernels& kernels_;
  // The pool also copies parameters out, which does not change them.
  mutable ThreadPool pool_;
  mutable FusedNetwork network_;
  SampleLoss loss_;
  std::int64_t step_ = 0;
  std::int64_t samples_of_step_ = 1;  // over which the gradient is a mean
  std::vector<BatchResult> results_;  // not yet taken
  Batch part_;
  std::vector<float> gradients_;  // of all parameters, for the exchange with other ranks
};

InputShape FusedEngine::shape_of(const Batch& batch) const {
  const std::int64_t inputs = element_count(options_.network.sample_shape);
  if (batch.has_spikes()) return {batch.size(), batch.spike_steps, inputs, /*is_sequence=*/true};
  const auto values = static_cast<std::int64_t>(batch.values.size());
  const std::int64_t steps = batch.is_sequence ? values / (inputs * batch.size()) : options_.steps;
  return {batch.size(), steps, inputs, batch.is_sequence, batch.unit};
}

// The problem with a batch, or nothing; the kernels do not check their input.
std::string FusedEngine::problem_of(const Batch& batch) const {
  const std::int64_t inputs = element_count(options_.network.sample_shape),
                     row = batch.size() * inputs;
  const auto values = static_cast<std::int64_t>(batch.values.size());
  const std::string spikes = spikes_problem(batch, inputs);
  if (!spikes.empty()) return spikes;
  if (!batch.has_spikes() &&
      (batch.size() == 0 || element_count(batch.shape) != inputs || values % row != 0 ||
       (batch.is_sequence ? values == 0 : values != row))) {
    return "a batch of " + std::to_string(batch.size()) + " samples has " + std::to_string(values) +
           " values, expected " + std::to_string(inputs) + " per sample" +
           (batch.is_sequence ? " and step" : "");
  }
  for (const std::uint8_t label : batch.labels) {
    if (label < loss_.classes()) continue;
    return "a label is " + std::to_string(label) + ", but there are " +
           std::to_string(loss_.classes()) + " classes";
  }
  return "";
}

void FusedEngine::check(const Batch& batch) const {
  const std::string problem = problem_of(batch);
  if (!problem.empty()) throw Error(ExitCode::kUsage, problem);
}

// Reads a batch on this thread alone.
void FusedEngine::read(const Batch& batch, NetworkInput& to) const {
  const InputShape shape = shape_of(batch);
  to.is_spikes = batch.has_spikes();
  if (to.is_spikes) {
    to.spikes.begin(shape);
    for (std::int64_t part = 0; part < shape.parts(); ++part) {
      to.spikes.read_part(part, batch.spikes.data());
    }
  } else {
    to.values.begin(shape);
    for (std::int64_t part = 0; part < shape.parts(); ++part) {
      to.values.read_part(part, batch.values.data());
    }
    to.values.list_columns();
  }
}

// Uses only this thread, since it may run concurrently with a step.
void FusedEngine::prepare(const Batch& batch, PreparedBatch& prepared) const {
  check(batch);
  auto& own = own_content<PreparedFused>(prepared);
  const auto prepare_part = [&](const Batch& part, MicroBatch& to) {
    read(part, to.input);
    to.labels = part.labels;
    to.samples = part.samples;
  };
  const std::int64_t most = samples_at_once(batch);
  own.parts.resize(static_cast<std::size_t>(batch_count(batch.size(), most)));
  if (own.parts.size() == 1) {
    prepare_part(batch, own.parts[0]);
  } else {
    Batch part;
    for (std::size_t i = 0; i < own.parts.size(); ++i) {
      const std::int64_t first = static_cast<std::int64_t>(i) * most;
      copy_part(batch, first, std::min(most, batch.size() - first), part);
      prepare_part(part, own.parts[i]);
    }
  }
  own.epoch = batch.epoch;
  own.engine = this;
}

// Reads the samples [first, first + count) of a batch.
void FusedEngine::read_part_of(const Batch& batch, std::int64_t first, std::int64_t count) {
  InputShape shape = shape_of(batch);
  shape.samples = count;
  if (batch.has_spikes()) {
    network_.read_spikes(shape, batch.spikes.data() + first * words_of(shape.steps) * shape.inputs);
    return;
  }
  if (!batch.is_sequence || count == batch.size()) {
    network_.read(shape, batch.values.data() + first * shape.inputs);
    return;
  }
  copy_part(batch, first, count, part_);
  network_.read(shape, part_.values.data());
}

// Adds the outputs of each class, all steps of a sample's (T,padded), to its sum.
void FusedEngine::add_over_time(const float* values, std::span<float> sums) const {
  const std::int64_t population = options_.classes.population;
  for (std::int64_t t = 0; t < network_.steps(); ++t, values += network_.padded_classes()) {
    const float* value = values;
    for (float& sum : sums) {
      for (std::int64_t i = 0; i < population; ++i) sum += *value++;
    }
  }
}

// The step of each class's first spike.
void FusedEngine::find_first_spikes(const float* spikes, std::span<float> times) const {
  const std::int64_t population = options_.classes.population, steps = network_.steps();
  std::ranges::fill(times, static_cast<float>(steps - 1));
  for (std::int64_t t = steps; t-- > 0;) {
    const float* spike = spikes + t * network_.padded_classes();
    for (float& time : times) {
      for (std::int64_t i = 0; i < population; ++i) {
        if (*spike++ != 0) time = static_cast<float>(t);
      }
    }
  }
}

// Computes the loss of a sample, its gradients if they are wanted, and the prediction.
void FusedEngine::answer_sample(std::int64_t sample, std::uint8_t label, bool wants_gradient,
                                BatchOutcome& answer) const {
  const std::int64_t steps = network_.steps(), padded = network_.padded_classes();
  const std::int64_t classes = loss_.classes(), at = sample * steps * padded;
  SampleOutputs outputs{network_.spikes() + at, network_.membrane() + at, label, nullptr, nullptr};
  if (wants_gradient && loss_.reads_spikes()) {
    outputs.spikes_gradient = network_.spikes_gradient() + at;
  }
  if (wants_gradient && loss_.reads_membrane()) {
    outputs.membrane_gradient = network_.membrane_gradient() + at;
  }
  answer.losses[static_cast<std::size_t>(sample)] = loss_(outputs, steps, samples_of_step_);

  const auto row_of = [&](std::vector<float>& all) {
    return std::span<float>(all.data() + sample * classes, static_cast<std::size_t>(classes));
  };
  const auto counts = row_of(answer.spike_counts), membranes = row_of(answer.membrane_sums),
             times = row_of(answer.first_spikes);
  add_over_time(outputs.spikes, counts);
  if (!wants_gradient || depends_on_membrane(options_.decision, counts)) {
    add_over_time(outputs.membrane, membranes);
  }
  if (!wants_gradient || options_.decision == Decision::kTemporal) {
    find_first_spikes(outputs.spikes, times);
  }
  answer.predictions[static_cast<std::size_t>(sample)] =
      decide(options_.decision, {counts, membranes, times});
}

void FusedEngine::train_batch(PreparedBatch& batch, double learning_rate,
                              const SideWork& meanwhile) {
  const FlushDenormals flush;
  auto* own = dynamic_cast<PreparedFused*>(batch.content.get());
  if (own == nullptr || own->engine != this) {
    throw Error(ExitCode::kInternal, "the batch was not prepared by this engine");
  }
  StepSums sums;
  for (const MicroBatch& part : own->parts) sums.samples += std::ssize(part.labels);
  for (MicroBatch& part : own->parts) {
    const InputLoan loan(network_, part.input);
    compute(part.labels, training_pass(own->epoch, part.samples),
            sums.done == 0 ? meanwhile : SideWork{}, sums);
    if (sums.done == sums.samples) results_.push_back(finish(sums, learning_rate));
  }
}

void FusedEngine::train_batch(const Batch& batch, double learning_rate) {
  if (batch.size() > samples_at_once(batch)) {
    PreparedBatch prepared;
    prepare(batch, prepared);
    return train_batch(prepared, learning_rate, {});
  }
  const FlushDenormals flush;
  check(batch);
  read_part_of(batch, 0, batch.size());
  StepSums sums;
  sums.samples = batch.size();
  compute(batch.labels, training_pass(batch.epoch, batch.samples), {}, sums);
  results_.push_back(finish(sums, learning_rate));
}

// Computes losses and predictions of the network's batch and the gradients of all currents; false
// if one of the gradients is unsafe (FusedNetwork::backward()).
bool FusedEngine::forward_backward(const std::vector<std::uint8_t>& labels,
                                   const SideWork& meanwhile, BatchOutcome& outcome) {
  const Regularizer& regularizer = options_.regularizer;
  std::function<void()> on_forward;
  if (!regularizer.terms.empty()) {
    on_forward = [&] {
      const double share =
          static_cast<double>(network_.samples()) / static_cast<double>(samples_of_step_);
      outcome.penalty = network_.regularize(regularizer, share, loss_.reads_spikes());
    };
  }
  return network_.forward_backward(
      loss_.reads_spikes() || on_forward, loss_.reads_membrane(),
      [&](std::int64_t first, std::int64_t end) {
        for (std::int64_t i = first; i < end; ++i) {
          answer_sample(i, labels[static_cast<std::size_t>(i)], /*wants_gradient=*/true, outcome);
        }
      },
      meanwhile, on_forward);
}

// Computes a micro-batch, the network's input.
void FusedEngine::compute(const std::vector<std::uint8_t>& labels, const Pass& pass,
                          const SideWork& meanwhile, StepSums& sums) {
  samples_of_step_ = sums.samples;
  network_.set_pass(pass);
  network_.add_gradients(sums.done > 0);
  BatchOutcome outcome(std::ssize(labels), loss_.classes());
  sums.is_safe = forward_backward(labels, meanwhile, outcome) && sums.is_safe;
  sums.loss += outcome.loss_sum();
  sums.penalty += outcome.penalty;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    sums.correct += outcome.predictions[i] == labels[i] ? 1 : 0;
  }
  sums.done += std::ssize(labels);
  if (std::ssize(labels) == sums.samples) return;
  sums.gradient_norm = network_.compute_gradients();
  sums.has_gradients = true;
}

// Takes a step after all its micro-batches were computed; the input of a single one is still the
// network's.
BatchResult FusedEngine::finish(StepSums& sums, double learning_rate) {
  BatchResult result;
  result.samples = sums.samples;
  result.loss = sums.loss / static_cast<double>(sums.samples);
  result.penalty = sums.penalty;
  result.correct = sums.correct;
  result.gradient_norm = std::numeric_limits<double>::quiet_NaN();
  const bool has_finite_loss = std::isfinite(result.loss), is_alone = !options_.communicator;
  if (is_alone && !has_finite_loss) return result;

  kernels::UpdateRule rule = update_rule(options_.optimizer, step_ + 1, learning_rate);
  const OptimizerOptions& optimizer = options_.optimizer;
  const double clip = optimizer.clip_grad_norm;
  if (clip > 0 || !sums.is_safe || !is_alone || sums.has_gradients) {
    // The norm must be known before any parameter changes.
    result.gradient_norm = sums.has_gradients ? sums.gradient_norm : network_.compute_gradients();
    if (!is_alone) result.gradient_norm = exchange_gradients(has_finite_loss, sums.samples);
    if (!result.is_finite()) return result;
    if (clip > 0 && result.gradient_norm > clip) {
      rule.gradient_scale = static_cast<float>(clip / result.gradient_norm);
    }
    network_.update(rule, /*has_gradients=*/true);
  } else {
    result.gradient_norm = network_.update(rule, /*has_gradients=*/false);
  }
  ++step_;
  if (optimizer.max_norm > 0) network_.limit_norms(optimizer.max_norm);
  if (has_averages()) {
    network_.update_averages(static_cast<float>(1 - average_decay(optimizer.ema, step_)));
  }
  return result;
}

// Averages the gradients over the samples of all ranks and returns their norm: NaN if the loss of a
// rank is not finite.
double FusedEngine::exchange_gradients(bool has_finite_loss, std::int64_t samples) {
  std::vector<TensorView> learned = network_.tensors();
  std::erase_if(learned, [](const TensorView& tensor) { return !tensor.is_learned; });
  gradients_.clear();
  for (const TensorView& tensor : learned) {
    const std::size_t first = gradients_.size();
    gradients_.resize(first + value_count(tensor.shape));
    tensor.read(Kind::kGradient, gradients_.data() + first);
  }
  const bool is_finite =
      average_over_ranks(*options_.communicator, has_finite_loss, samples, gradients_);
  if (!is_finite) return std::numeric_limits<double>::quiet_NaN();
  const float* from = gradients_.data();
  for (const TensorView& tensor : learned) {
    tensor.write(Kind::kGradient, from);
    from += value_count(tensor.shape);
  }
  return norm_of(gradients_);
}

Evaluation FusedEngine::evaluate(const Batch& batch, const SideWork& meanwhile) {
  const FlushDenormals flush;
  check(batch);
  const AverageLoan averages(network_, has_averages());
  network_.set_pass({});
  Evaluation whole;
  for (std::int64_t first = 0; first < batch.size(); first += kEvaluatedTogether) {
    read_part_of(batch, first, std::min(kEvaluatedTogether, batch.size() - first));
    const std::uint8_t* labels = batch.labels.data() + first;
    BatchOutcome answer(network_.samples(), loss_.classes());
    network_.forward(
        [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i)
            answer_sample(i, labels[i], /*wants_gradient=*/false, answer);
        },
        first == 0 ? meanwhile : SideWork{});
    Evaluation part;
    part.loss_sum = answer.loss_sum();
    part.has_output_spikes = network_.has_output_spikes();
    part.predictions = std::move(answer.predictions);
    part.spike_counts = std::move(answer.spike_counts);
    part.membrane_sums = std::move(answer.membrane_sums);
    part.first_spikes = std::move(answer.first_spikes);
    part.layer_spikes.resize(options_.network.layers.size());
    for (std::size_t i = 0; i < part.layer_spikes.size(); ++i) {
      network_.count_spikes(i, part.layer_spikes[i]);
    }
    append(whole, part);
  }
  return whole;
}

std::vector<StateTensor> FusedEngine::state_tensors() const {
  const bool is_adam = options_.optimizer.kind != OptimizerKind::kSgd;
  std::vector<TensorView> views = network_.tensors();
  std::ranges::move(network_.constants(), std::back_inserter(views));
  std::vector<StateTensor> tensors;
  for (TensorView& view : views) {
    const auto add = [&](const std::string& name, Kind kind) {
      tensors.push_back({name, view.shape, [read = view.read, kind](float* to) { read(kind, to); },
                         [write = view.write, kind](const float* from) { write(kind, from); }});
    };
    add(view.name, Kind::kValue);
    if (!view.is_learned) continue;
    if (has_averages()) add(kAveragePrefix + view.name, Kind::kAverage);
    if (is_adam) {
      add(kMomentPrefix + ("exp_avg." + view.name), Kind::kFirstMoment);
      add(kMomentPrefix + ("exp_avg_sq." + view.name), Kind::kSecondMoment);
    } else if (options_.optimizer.momentum != 0) {
      add(kMomentPrefix + ("momentum_buffer." + view.name), Kind::kFirstMoment);
    }
  }
  return tensors;
}

EngineState FusedEngine::export_state() const { return {export_tensors(state_tensors()), step_}; }

void FusedEngine::import_state(const EngineState& state) {
  const FlushDenormals flush;
  import_tensors(state.tensors, state_tensors());
  step_ = state.step;
}

void FusedEngine::import_parameters(const HostTensors& tensors) {
  const FlushDenormals flush;
  snn::import_parameters(tensors, state_tensors());
  restart_averages();
}

}  // namespace

std::string why_not(const EngineOptions& options) {
  if (options.device != "cpu") return "it runs on the CPU only, not on " + options.device;
  const std::string what = uncovered(options.network);
  if (!what.empty()) return "it does not support " + what;
  return "";
}

std::unique_ptr<Engine> make_fused_engine(const EngineOptions& options) {
  snn::check(options.network);
  if (options.steps < 1) throw Error(ExitCode::kUsage, "steps: expected at least 1");
  const std::string why = why_not(options);
  if (!why.empty()) {
    throw Error(ExitCode::kUsage, "engine fused: " + why + "; use --engine reference");
  }
  return std::make_unique<FusedEngine>(options);
}

}  // namespace snn::fused

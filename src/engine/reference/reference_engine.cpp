#include "engine/reference/reference_engine.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "engine/engine_state.h"
#include "engine/gradient_exchange.h"
#include "engine/input_check.h"
#include "engine/optimizer.h"
#include "engine/prepared_content.h"
#include "engine/reference/weight_average.h"
#include "snn/network/network.h"
#include "snn/numeric/spike_words.h"
#include "snn/text/error.h"
#include "system/thread_pool.h"

namespace snn {
namespace {

using torch::Tensor;

// A batch is computed in pieces of that many samples, each independently on one thread: one fork
// and join for all of them instead of one per operation, and the same bits for any number of
// threads. Operations over a whole batch process it in one piece, on torch's threads.
constexpr std::int64_t kTrainingPiece = 32;
constexpr std::int64_t kEvaluationPiece = 100;

NamedParameters trainable(Network& network) {
  NamedParameters named;
  for (const auto& item : network->named_parameters()) named.emplace_back(item.key(), item.value());
  return named;
}

// Makes LibTorch run each operation of this thread on this thread alone.
void use_one_thread() { torch::set_num_threads(1); }

// Makes LibTorch divide the operations of this thread among `threads` threads during the object's
// lifetime.
class TorchThreads {
 public:
  explicit TorchThreads(int threads) { torch::set_num_threads(threads); }
  TorchThreads(const TorchThreads&) = delete;
  TorchThreads& operator=(const TorchThreads&) = delete;
  ~TorchThreads() { use_one_thread(); }
};

// The contribution of a piece to its batch.
struct Piece {
  Tensor loss;     // its share of the mean over the batch
  Tensor penalty;  // the same of the regulariser
  Tensor correct;
  std::vector<Tensor> gradients;  // in the order of the parameters; undefined if there is none
};

// Adds the gradients of a piece, which it then has no more, to `sums`, empty at first.
void take_gradients(Piece& piece, std::vector<Tensor>& sums) {
  if (sums.empty()) {
    sums = std::move(piece.gradients);
  } else {
    for (std::size_t k = 0; k < sums.size(); ++k) {
      if (sums[k].defined()) sums[k].add_(piece.gradients[k]);
    }
  }
  piece.gradients.clear();
}

// Copies the values of a tensor to host memory.
void read_values(const Tensor& tensor, float* to) {
  const Tensor host = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
  std::copy_n(host.data_ptr<float>(), host.numel(), to);
}

// Replaces the gradients of this rank's samples by those of all ranks' samples; NaN if the loss of
// a rank is not finite.
void exchange(Communicator& communicator, double loss, std::int64_t samples,
              std::vector<Tensor>& gradients) {
  std::vector<float> values;
  for (const Tensor& gradient : gradients) {
    if (!gradient.defined()) continue;  // undefined on every rank
    const std::size_t first = values.size();
    values.resize(first + static_cast<std::size_t>(gradient.numel()));
    read_values(gradient, values.data() + first);
  }
  const bool is_finite = average_over_ranks(communicator, std::isfinite(loss), samples, values);
  float* from = values.data();
  for (Tensor& gradient : gradients) {
    if (!gradient.defined()) continue;
    gradient.copy_(torch::from_blob(from, gradient.sizes()));
    if (!is_finite) gradient.fill_(std::numeric_limits<float>::quiet_NaN());
    from += gradient.numel();
  }
}

// The spikes of the samples [begin, end) of `batch` as floats, (T,B,...).
Tensor spikes_of(const Batch& batch, std::int64_t begin, std::int64_t end) {
  const std::int64_t inputs = element_count(batch.shape), words = words_of(batch.spike_steps);
  std::vector<std::int64_t> shape = batch.shape;
  shape.insert(shape.begin(), {batch.spike_steps, end - begin});
  Tensor spikes = torch::zeros(shape, torch::kFloat);
  float* to = spikes.data_ptr<float>();
  for (std::int64_t b = begin; b < end; ++b) {
    for (std::int64_t t = 0; t < batch.spike_steps; ++t) {
      const std::uint32_t* bits = batch.spikes.data() + (b * words + t / kStepsPerWord) * inputs;
      float* row = to + (t * (end - begin) + b - begin) * inputs;
      for (std::int64_t i = 0; i < inputs; ++i) {
        row[i] = static_cast<float>(bits[i] >> t % kStepsPerWord & 1U);
      }
    }
  }
  return spikes;
}

// The network's input for the samples [begin, end) of `batch`: (B,...), or (T,B,...) for sequences.
Tensor input_of(const Batch& batch, std::int64_t begin, std::int64_t end, torch::Device device) {
  if (batch.has_spikes()) return spikes_of(batch, begin, end).to(device);
  std::vector<std::int64_t> shape = batch.shape;
  const auto samples = static_cast<std::int64_t>(batch.labels.size());
  const auto values = static_cast<std::int64_t>(batch.values.size());
  const std::int64_t frames = values / (samples * element_count(batch.shape));
  shape.insert(shape.begin(), samples);
  if (batch.is_sequence) shape.insert(shape.begin(), frames);
  // from_blob takes no pointer to const, but nothing is written through it.
  const Tensor bytes =
      torch::from_blob(const_cast<std::uint8_t*>(batch.values.data()), shape, torch::kUInt8);
  return bytes.narrow(batch.is_sequence ? 1 : 0, begin, end - begin)
      .to(device)
      .to(torch::kFloat)
      .div_(batch.unit);
}

Tensor labels_of(const Batch& batch, std::int64_t begin, std::int64_t end, torch::Device device) {
  return torch::from_blob(const_cast<std::uint8_t*>(batch.labels.data()), {batch.size()},
                          torch::kUInt8)
      .narrow(0, begin, end - begin)
      .to(device, torch::kLong);
}

struct PreparedReference : PreparedBatch::Content {
  Batch batch;
};

class ReferenceEngine : public Engine {
 public:
  ReferenceEngine(const EngineOptions& options, Network network)
      : options_(options),
        device_(options.device),
        network_(std::move(network)),
        optimizer_(options.optimizer, trainable(network_)),
        pool_(options.threads, use_one_thread) {
    use_one_thread();
    network_->to(device_);  // moves the tensors that the optimiser has, too
    average_ = WeightAverage(options.optimizer.ema, trainable(network_));
    snn::class_count(options.classes, output_count(options.network));
  }

  std::string name() const override { return std::string(name_of(EngineKind::kReference)); }
  void prepare(const Batch& batch, PreparedBatch& prepared) const override;
  void train_batch(PreparedBatch& batch, double learning_rate, const SideWork& meanwhile) override;
  void train_batch(const Batch& batch, double learning_rate) override;
  std::vector<BatchResult> take_results() override { return std::exchange(results_, {}); }
  Evaluation evaluate(const Batch& batch, const SideWork& meanwhile) override;
  EngineState export_state() const override;
  void import_state(const EngineState& state) override;
  void import_parameters(const HostTensors& tensors) override;

  // See record_activity().
  std::vector<LayerActivity> activity(const Batch& batch);

 private:
  NetworkOutput run(const Batch& batch, std::int64_t begin, std::int64_t end, bool is_training,
                    bool record_layers = false) {
    const std::string problem = spikes_problem(batch, element_count(options_.network.sample_shape));
    if (!problem.empty()) throw Error(ExitCode::kUsage, problem);
    const Tensor input = input_of(batch, begin, end, device_);
    return network_->forward(
        batch.is_sequence ? Sequence::varying(input) : Sequence::constant(input, options_.steps),
        pass_of(batch, begin, end, is_training), record_layers);
  }
  Pass pass_of(const Batch& batch, std::int64_t begin, std::int64_t end, bool is_training) const {
    Pass pass{is_training, options_.seed, batch.epoch, batch.samples, options_.tbptt};
    if (!batch.samples.empty()) {
      pass.samples = pass.samples.subspan(static_cast<std::size_t>(begin),
                                          static_cast<std::size_t>(end - begin));
    }
    return pass;
  }
  std::vector<Piece> train_pieces(const Batch& batch, std::int64_t begin, std::int64_t end,
                                  const SideWork& meanwhile);
  void step(const Batch& batch, double learning_rate, const SideWork& meanwhile);
  Piece train_piece(const Batch& batch, std::int64_t begin, std::int64_t end);
  Evaluation evaluate_piece(const Batch& batch, std::int64_t begin, std::int64_t end);
  /// Calls work(begin, end) for each piece of at most `piece` of the `size` samples; on a GPU for
  /// all at once. The items of `meanwhile` are more pieces of work.
  template <class Work>
  auto in_pieces(std::int64_t size, std::int64_t piece, const Work& work,
                 const SideWork& meanwhile) const;
  void limit_weights();
  std::vector<StateTensor> state_tensors(bool has_optimizer) const;

  EngineOptions options_;
  torch::Device device_;
  Network network_;
  mutable Optimizer optimizer_;  // makes its moments when they are asked for
  WeightAverage average_{0, {}};
  mutable ThreadPool pool_;
  std::vector<BatchResult> results_;  // not yet taken
};

template <class Work>
auto ReferenceEngine::in_pieces(std::int64_t size, std::int64_t piece, const Work& work,
                                const SideWork& meanwhile) const {
  if (!device_.is_cpu()) piece = size;
  const std::int64_t count = (size + piece - 1) / piece;
  std::vector<decltype(work(0, 0))> results(static_cast<std::size_t>(count));
  pool_.run(count + meanwhile.count, [&](std::int64_t i, int) {
    if (i < count) {
      results[static_cast<std::size_t>(i)] = work(i * piece, std::min(size, (i + 1) * piece));
    } else {
      meanwhile.work(i - count);
    }
  });
  return results;
}

Piece ReferenceEngine::train_piece(const Batch& batch, std::int64_t begin, std::int64_t end) {
  const Tensor labels = labels_of(batch, begin, end, device_);
  const NetworkOutput output = run(batch, begin, end, /*is_training=*/true);
  const double share = static_cast<double>(end - begin) / static_cast<double>(batch.size());
  const Tensor loss =
      compute_loss(options_.loss, output.spikes, output.membrane, labels, options_.classes) * share;
  Piece piece;
  Tensor objective = loss;
  if (!options_.regularizer.terms.empty()) {
    piece.penalty = compute_regularizer(options_.regularizer, output.layer_spikes) * share;
    objective = loss + piece.penalty;
    piece.penalty = piece.penalty.detach();
  }
  piece.gradients = torch::autograd::grad({objective}, network_->parameters(), {},
                                          /*retain_graph=*/false, /*create_graph=*/false,
                                          /*allow_unused=*/true);
  piece.loss = loss.detach();
  piece.correct = predict(output.spikes.detach(), output.membrane.detach(), options_.decision,
                          options_.classes.population)
                      .eq(labels)
                      .sum();
  return piece;
}

// Computes the samples [begin, end).
std::vector<Piece> ReferenceEngine::train_pieces(const Batch& batch, std::int64_t begin,
                                                 std::int64_t end, const SideWork& meanwhile) {
  const auto work = [&](std::int64_t first, std::int64_t last) {
    return train_piece(batch, begin + first, begin + last);
  };
  if (!network_->needs_whole_batch() && !needs_whole_batch(options_.regularizer)) {
    return in_pieces(end - begin, kTrainingPiece, work, meanwhile);
  }
  pool_.run(meanwhile.count, [&](std::int64_t item, int) { meanwhile.work(item); });
  const TorchThreads threads(options_.threads);
  std::vector<Piece> whole;
  whole.push_back(work(0, end - begin));
  return whole;
}

void ReferenceEngine::prepare(const Batch& batch, PreparedBatch& prepared) const {
  own_content<PreparedReference>(prepared).batch = batch;
}

void ReferenceEngine::train_batch(PreparedBatch& batch, double learning_rate,
                                  const SideWork& meanwhile) {
  const auto* own = dynamic_cast<const PreparedReference*>(batch.content.get());
  if (own == nullptr) throw Error(ExitCode::kInternal, "the batch was not prepared by this engine");
  step(own->batch, learning_rate, meanwhile);
}

void ReferenceEngine::train_batch(const Batch& batch, double learning_rate) {
  step(batch, learning_rate, {});
}

void ReferenceEngine::step(const Batch& batch, double learning_rate, const SideWork& meanwhile) {
  std::vector<Piece> pieces;
  std::vector<Tensor> gradients;
  const std::int64_t most = options_.micro_batch > 0 ? options_.micro_batch : batch.size();
  for (std::int64_t begin = 0; begin < batch.size(); begin += most) {
    const std::int64_t end = std::min(begin + most, batch.size());
    for (Piece& piece : train_pieces(batch, begin, end, begin == 0 ? meanwhile : SideWork{})) {
      take_gradients(piece, gradients);
      pieces.push_back(std::move(piece));
    }
  }
  const auto sum_of = [&](Tensor Piece::*part) {
    std::vector<Tensor> parts;
    for (const Piece& piece : pieces) parts.push_back(piece.*part);
    return torch::stack(parts).to(torch::kDouble).sum();
  };
  if (options_.communicator != nullptr) {
    exchange(*options_.communicator, sum_of(&Piece::loss).item<double>(), batch.size(), gradients);
  }
  // One transfer for all of them: each would wait for the device.
  std::vector<Tensor> sums = {sum_of(&Piece::loss), sum_of(&Piece::correct),
                              norm_of(gradients).to(device_, torch::kDouble)};
  const bool has_penalty = !options_.regularizer.terms.empty();
  if (has_penalty) sums.push_back(sum_of(&Piece::penalty));
  const Tensor numbers = torch::stack(sums).cpu();
  const double* number = numbers.data_ptr<double>();
  const BatchResult result{number[0], static_cast<std::int64_t>(number[1]), batch.size(), number[2],
                           has_penalty ? number[3] : 0.0};
  results_.push_back(result);
  if (!result.is_finite()) return;
  optimizer_.step(gradients, learning_rate, result.gradient_norm);
  if (options_.optimizer.max_norm > 0) limit_weights();
  average_.update(optimizer_.step_count);
}

void ReferenceEngine::limit_weights() {
  const NetworkSpec& spec = options_.network;
  const auto parameters = network_->named_parameters();
  for (std::size_t layer = 0; layer < spec.layers.size(); ++layer) {
    for (std::size_t i = 0; i < spec.layers[layer].synapse.size(); ++i) {
      const SynapseSpec& operation = spec.layers[layer].synapse[i];
      const bool is_linear = std::holds_alternative<LinearSpec>(operation) ||
                             std::holds_alternative<DelayedLinearSpec>(operation);
      if (!is_linear) continue;
      limit_norms(parameters[synapse_name(spec, layer, i) + ".weight"],
                  options_.optimizer.max_norm);
    }
  }
}

Evaluation ReferenceEngine::evaluate_piece(const Batch& batch, std::int64_t begin,
                                           std::int64_t end) {
  const torch::NoGradGuard no_grad;
  const Tensor labels = labels_of(batch, begin, end, device_);
  const NetworkOutput output = run(batch, begin, end, /*is_training=*/false);
  Evaluation evaluation;
  evaluation.loss_sum =
      compute_loss(options_.loss, output.spikes, output.membrane, labels, options_.classes)
          .item<double>() *
      static_cast<double>(end - begin);
  const auto read = [](const Tensor& values, std::vector<float>& to) {
    to.resize(static_cast<std::size_t>(values.numel()));
    read_values(values, to.data());
  };
  const Tensor spikes = sum_population(output.spikes, options_.classes.population);
  const Tensor membrane = sum_population(output.membrane, options_.classes.population);
  read(spikes.sum(0), evaluation.spike_counts);
  read(membrane.sum(0), evaluation.membrane_sums);
  read(first_spike_times(spikes), evaluation.first_spikes);
  evaluation.has_output_spikes = has_spikes(options_.network.layers.back().neuron);
  evaluation.predictions.resize(static_cast<std::size_t>(end - begin));
  for (std::size_t i = 0; i < evaluation.predictions.size(); ++i) {
    evaluation.predictions[i] = decide(options_.decision, evaluation.outputs_of(i));
  }
  for (const Tensor& of_layer : output.layer_spikes) {
    const Tensor per_neuron = of_layer.ne(0).to(torch::kFloat).flatten(0, 1).sum(0).cpu();
    const float* first = per_neuron.data_ptr<float>();
    evaluation.layer_spikes.emplace_back(first, first + per_neuron.numel());
  }
  return evaluation;
}

Evaluation ReferenceEngine::evaluate(const Batch& batch, const SideWork& meanwhile) {
  const WeightAverage::Loan averages(average_);
  const auto pieces = in_pieces(
      batch.size(), kEvaluationPiece,
      [&](std::int64_t begin, std::int64_t end) { return evaluate_piece(batch, begin, end); },
      meanwhile);
  Evaluation whole;
  for (const Evaluation& piece : pieces) append(whole, piece);
  return whole;
}

std::vector<StateTensor> ReferenceEngine::state_tensors(bool has_optimizer) const {
  std::vector<StateTensor> tensors;
  const auto add = [&](const std::string& name, const Tensor& tensor) {
    const auto write = [tensor](const float* from) {
      const torch::NoGradGuard no_grad;
      tensor.copy_(torch::from_blob(const_cast<float*>(from), tensor.sizes()));
    };
    tensors.push_back(
        {name, tensor.sizes().vec(), [tensor](float* to) { read_values(tensor, to); }, write});
  };
  for (const auto& item : network_->named_parameters()) add(item.key(), item.value());
  for (const auto& item : network_->named_buffers()) add(item.key(), item.value());
  if (!has_optimizer) return tensors;
  for (const auto& [name, moment] : optimizer_.moments()) add(kMomentPrefix + name, moment);
  for (const auto& [name, average] : average_.tensors()) add(kAveragePrefix + name, average);
  return tensors;
}

EngineState ReferenceEngine::export_state() const {
  return {export_tensors(state_tensors(/*has_optimizer=*/true)), optimizer_.step_count};
}

void ReferenceEngine::import_state(const EngineState& state) {
  import_tensors(state.tensors, state_tensors(/*has_optimizer=*/true));
  optimizer_.step_count = state.step;
}

void ReferenceEngine::import_parameters(const HostTensors& tensors) {
  snn::import_parameters(tensors, state_tensors(/*has_optimizer=*/false));
  average_.restart();
}

std::vector<LayerActivity> ReferenceEngine::activity(const Batch& batch) {
  const torch::NoGradGuard no_grad;
  const NetworkOutput output = run(batch, 0, 1, /*is_training=*/false, /*record_layers=*/true);
  const auto values = [](const Tensor& tensor) {
    std::vector<float> all(static_cast<std::size_t>(tensor.numel()));
    read_values(tensor, all.data());
    return all;
  };
  std::vector<LayerActivity> layers;
  for (std::size_t i = 0; i < output.layer_spikes.size(); ++i) {
    layers.push_back({output.layer_spikes[i].size(2), values(output.layer_currents[i]),
                      values(output.layer_membranes[i]), values(output.layer_spikes[i])});
  }
  return layers;
}

}  // namespace

std::vector<LayerActivity> record_activity(const EngineOptions& options,
                                           const HostTensors& parameters, const Batch& batch) {
  ReferenceEngine engine(options, Network(options.network, options.seed));
  engine.import_parameters(parameters);
  return engine.activity(batch);
}

std::unique_ptr<Engine> make_reference_engine(const EngineOptions& options) {
  return make_reference_engine(options, Network(options.network, options.seed));
}

std::unique_ptr<Engine> make_reference_engine(const EngineOptions& options, Network network) {
  return std::make_unique<ReferenceEngine>(options, std::move(network));
}

}  // namespace snn

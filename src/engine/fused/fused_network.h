#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/fused/spike_input.h"
#include "kernels/kernels.h"
#include "kernels/neuron_model.h"
#include "numeric/buffer.h"
#include "snn/engine/side_work.h"
#include "snn/network/network_spec.h"
#include "snn/network/pass.h"
#include "snn/network/regularizer.h"
#include "system/thread_pool.h"

namespace snn::fused {

/// The sums of kernels::NeuronSums in a layer's order, followed by the gradients of the parameters
/// of its neurons' model.
inline constexpr int kCurrent = 0, kSquare = 1, kOfParameters = 2;

/// The data of each parameter.
enum class Kind { kValue, kGradient, kFirstMoment, kSecondMoment, kAverage };
inline constexpr std::size_t kKinds = 5;

/// A tensor of a network, which stores it in its own order. `name` is its name in a checkpoint:
/// "fc1.weight".
struct TensorView {
  std::string name;
  std::vector<std::int64_t> shape;
  bool is_learned = false;
  /// Copy the tensor's values, or its other data, out and in, row-major.
  std::function<void(Kind kind, float* to)> read;
  std::function<void(Kind kind, const float* from)> write;
};

/// A network that computes all T steps of a block of neurons at once, on raw memory, with
/// everything needed for training. A training step is
///
///     read(batch), forward(), then the gradients of the output are put where spikes_gradient() or
///     membrane_gradient() says, backward(), and update() or compute_gradients()
///
/// The work of each call is divided into pieces that depend only on the shapes, and contributions
/// of several pieces to one number are added in a fixed order: the bits do not depend on the number
/// of threads.
class FusedNetwork {
 public:
  FusedNetwork(const NetworkSpec& spec, const kernels::Kernels& kernels, Executor& executor);
  FusedNetwork(const FusedNetwork&) = delete;
  FusedNetwork& operator=(const FusedNetwork&) = delete;

  /// Every parameter of the network, learned or not.
  std::vector<TensorView> tensors();
  /// The other tensors of snnTorch's state_dict, which repeat options.
  std::vector<TensorView> constants() const;

  /// Initialises the synapses as Linear does.
  void initialize(std::uint64_t seed);

  /// Reads a batch at `values`; bytes v mean v/255. Throws Error(kUsage) if it is too large.
  template <class T>
  void read(const InputShape& shape, const T* values);
  /// The same for spikes as bits, (B,W,inputs).
  void read_spikes(const InputShape& shape, const std::uint32_t* words);

  /// Swaps in a batch that was read before, and returns the previous one in its place.
  void swap_input(NetworkInput& input) { std::swap(input_, input); }

  /// The context of the passes that follow: dropout, where it is training, and the window of the
  /// gradients. Its samples must outlive the next forward pass.
  void set_pass(const Pass& pass) { pass_ = pass; }

  /// Called for the samples [first, end) when their outputs are computed; on any thread.
  using OnOutput = std::function<void(std::int64_t first, std::int64_t end)>;

  /// Computes every layer from rest, then calls `on_output` for all samples. `meanwhile` is done
  /// concurrently.
  void forward(const OnOutput& on_output = {}, const SideWork& meanwhile = {});

  /// The same, followed by backward(): `on_output` must store the gradients of its samples'
  /// outputs. If the last layer is narrow, each part of the samples passes through it, `on_output`
  /// and the backward pass together; not with `on_forward`, which is called between the passes of
  /// the whole batch.
  bool forward_backward(bool has_spikes_gradient, bool has_membrane_gradient,
                        const OnOutput& on_output, const SideWork& meanwhile = {},
                        const std::function<void()>& on_forward = {});

  /// Between forward() and backward(), which then must have a gradient of the spikes: adds the
  /// gradient of a regulariser, times `share`, to that of every layer's outputs and returns the
  /// penalty, times `share`. Without `has_spikes_gradient` the output's has no other.
  double regularize(const Regularizer& regularizer, double share, bool has_spikes_gradient);

  std::int64_t samples() const { return input_.shape().samples; }
  std::int64_t steps() const { return input_.shape().steps; }
  std::int64_t classes() const { return layers_.back().outputs; }
  /// Outputs of the last layer after forward(): (B,T,padded), 0 in the padding.
  /// False if the last layer hands on its membrane, which spikes() then is.
  bool has_output_spikes() const { return layers_.back().neurons.has_spikes; }
  std::int64_t padded_classes() const { return layers_.back().padded; }
  const float* spikes() const { return has_output_spikes() ? spikes_.data() : membrane_.data(); }
  const float* membrane() const { return membrane_.data(); }

  /// Buffers for the gradients of spikes() and membrane(); (B,T,padded), 0 in the padding.
  float* spikes_gradient();
  float* membrane_gradient();

  /// Adds the spikes of each neuron of a layer, over all samples and steps, to `counts`; for
  /// outputs that are no spikes those that are not 0.
  void count_spikes(std::size_t layer, std::vector<std::int64_t>& counts) const;
  /// The spikes of a layer as floats, (T,B,outputs).
  void write_spikes(std::size_t layer, float* values) const;

  /// Computes the gradients of every layer's currents from those of the output, once per forward().
  /// False if one is not finite, or so large that its square may not be.
  bool backward(bool has_spikes_gradient, bool has_membrane_gradient);

  /// Computes the gradients of all parameters and stores them for update() and for reading. Returns
  /// their norm.
  double compute_gradients();

  /// With `adds`, backward() and compute_gradients() add to the gradients that are there: those of
  /// neurons and of synapses.
  void add_gradients(bool adds) { adds_gradients_ = adds; }

  /// Copies the gradients of all learned tensors, row-major, to `to`, in the order of tensors().
  void write_gradients(const std::vector<float*>& to);

  /// Updates all parameters by `rule`, with gradients computed on the fly and not stored or, with
  /// `has_gradients`, with those of compute_gradients(). Returns the norm of the gradients before
  /// scaling.
  double update(const kernels::UpdateRule& rule, bool has_gradients);

  /// Scales the weights of each neuron down to this norm; see OptimizerOptions::max_norm.
  void limit_norms(double most);

  /// Moves the averages of all learned parameters towards these by `share`; 1 copies them.
  void update_averages(float share);
  /// Exchanges the learned parameters and their averages for forward().
  void swap_averages();

 private:
  /// A tensor of parameters, its gradient and its moments, by Kind.
  using Parameter = std::array<Buffer<float>, kKinds>;

  /// A piece of a layer's weights: those of one block for some inputs.
  struct WeightPiece {
    std::size_t layer;
    std::int64_t block, first, count;
    bool has_bias, is_recurrent;
  };

  /// A parameter of neurons: one value per layer, or one per neuron.
  struct NeuronParameter {
    Field field;
    bool is_learned = false;
    bool is_drawn = false;  // a value per neuron, drawn as a bias is
    std::int64_t size = 1;
    Parameter values;  // (padded)
  };

  /// Linear connections to the neurons of a layer.
  struct Synapses {
    std::int64_t inputs = 0;
    bool has_bias = false, is_learned = true;
    // By blocks of neurons, (inputs + 1,lanes) each, the bias last.
    Parameter weights;
    // By blocks of the inputs, (outputs,lanes of the input block); not of the network's input.
    Buffer<float> transposed;
  };

  struct Layer {
    std::int64_t outputs, padded, blocks;
    kernels::NeuronModel neurons;
    Synapses synapses;
    Synapses recurrent;  // from the layer's spikes of the step before; without inputs if there are
                         // none
    std::vector<NeuronParameter> parameters;  // the learnable options, in the order of fields()
    // (padded) each: the parameters of the kernels' model.
    std::vector<Buffer<float>> model_parameters;
    // Of the batch. By blocks (B,rows of a sample,lanes): currents, and then their gradients.
    Buffer<float> currents;
    Buffer<float> driven;  // the same with the recurrent currents, (B,T,lanes); see driven_of()
    Buffer<std::uint16_t> masks;          // (blocks,B,T,4)
    Buffer<std::uint32_t> words;          // (B,W,padded)
    Buffer<std::uint16_t> active;         // (B,padded): for each block, the neurons that spiked
    Buffer<std::uint16_t> active_counts;  // (blocks,B)
    Buffer<float> of_rate;  // (padded): what regularize() adds to every dL/dS; empty: nothing
    // (part,sums,padded) sums over samples and steps: see kernels::NeuronSums.
    Buffer<float> sums;

    std::optional<DropoutSpec> dropout;  // of the spikes that the synapse receives
    std::size_t linear = 0;              // the place of the synapses in their chain
    Buffer<float> scaled;                // the weights times the dropout's scale, and the bias
    // (B,W,padded) of the spikes for a next layer with dropout: what it keeps, and what is left.
    Buffer<std::uint32_t> kept, sent;

    bool is_recurrent() const { return recurrent.inputs > 0; }
    Synapses& synapses_of(bool is_recurrent) { return is_recurrent ? recurrent : synapses; }
    const Synapses& synapses_of(bool is_recurrent) const {
      return is_recurrent ? recurrent : synapses;
    }
    std::int64_t sum_count() const { return kOfParameters + std::ssize(model_parameters); }
    bool learns_neurons() const {
      return std::ranges::any_of(parameters, &NeuronParameter::is_learned);
    }
  };

  void build_layers();
  template <class Options>
  void add_parameters(Layer& layer, const Options& options);
  static void add_parameter(Layer& layer, const Field& field, bool is_learned, std::int64_t size);
  static void add_weights(const Layer& layer, Synapses& synapses, bool is_transposed);
  std::vector<WeightPiece> build_pieces(std::int64_t size_of_first) const;
  void add_pieces(std::size_t layer, bool is_recurrent, std::int64_t size,
                  std::vector<WeightPiece>& pieces) const;
  const std::vector<WeightPiece>& pieces() const {
    return input_.is_spikes ? pieces_of_spikes_ : pieces_of_values_;
  }
  void reserve_threads();
  void reserve_batch();
  void add_synapse_views(std::size_t layer, bool is_recurrent, std::vector<TensorView>& views);
  void add_neuron_views(std::size_t layer, std::vector<TensorView>& views);

  int lanes(const Layer& layer, std::int64_t block) const;
  std::int64_t outputs_of(const Layer& layer, std::int64_t block) const;  // without padding
  float* weights_of(Synapses& synapses, Kind kind, std::int64_t block) const;
  std::int64_t rows_of_sample(std::size_t layer) const;
  float* currents_of(std::size_t layer, std::int64_t block, std::int64_t sample);
  float* driven_of(std::size_t layer, std::int64_t block, std::int64_t sample);
  kernels::NeuronBlock neuron_block(const Layer& layer, std::int64_t block) const;
  std::int64_t parts() const { return input_.shape().parts(); }
  float* scratch(int thread, std::int64_t size);

  void call_for_part(const OnOutput& on_output, std::int64_t part) const;
  template <class Work>
  void run_pieces(std::size_t layer, std::int64_t count, const SideWork& meanwhile,
                  const Work& work);
  void input_forward(std::int64_t block, std::int64_t first, std::int64_t end);
  void input_gradient(const WeightPiece& piece, float* gradient);
  template <class Visit>
  void for_each_word(const Visit& visit) const;
  bool drops_input(std::size_t layer) const {
    return pass_.is_training && layers_[layer].dropout && layers_[layer].dropout->p > 0;
  }
  bool drops_output(std::size_t layer) const {
    return layer + 1 < layers_.size() && drops_input(layer + 1);
  }
  void reserve_dropout(std::size_t layer);
  void scale_weights(std::size_t layer);
  void drop_spikes(std::size_t layer, std::int64_t block, std::int64_t sample);
  void weigh_kept(std::size_t layer, std::int64_t block, std::int64_t sample, float* values) const;
  void weigh_kept_at(std::size_t layer, std::int64_t block, std::int64_t sample, std::int64_t t,
                     float* values) const;
  // The spikes that the next layer receives, (B,W,padded).
  const std::uint32_t* sent_words(std::size_t layer) const {
    return (drops_output(layer) ? layers_[layer].sent : layers_[layer].words).data();
  }
  const float* weights_of_inputs(std::size_t layer, std::int64_t block);

  void forward_layer(std::size_t layer, const SideWork& meanwhile);
  kernels::NeuronGradients of_membrane_alone(kernels::NeuronGradients gradients, std::int64_t at,
                                             int width);
  void backward_layer(std::size_t layer, const kernels::NeuronGradients& output);
  std::vector<double> output_sums(std::size_t layer) const;
  kernels::NeuronGradients output_gradients(bool has_spikes, bool has_membrane);
  void compute_currents(std::size_t layer, std::int64_t block, std::int64_t part, int thread);
  kernels::NeuronRecord record_of(std::size_t layer, std::int64_t block, std::int64_t sample);
  void forward_piece(std::size_t layer, std::int64_t block, std::int64_t part, int thread);
  void forward_recurrent(std::size_t layer, std::int64_t part, int thread);
  void add_recurrent_gradients(std::size_t layer, std::int64_t block, std::int64_t first,
                               std::int64_t count, std::int64_t t, const float* of_output,
                               float* of_spikes);
  void backward_recurrent(std::size_t layer, std::int64_t part, int thread,
                          const kernels::NeuronGradients& output);
  void sum_driven(std::size_t layer, std::int64_t first, std::int64_t count, float* scratch);
  void list_active(Layer& layer, std::int64_t block, std::int64_t sample);
  bool wants_sums_over_time(std::size_t layer) const;
  const float* weights_from(const Layer& before, std::int64_t block, const Layer& layer,
                            const Synapses& synapses, std::int64_t to) const;
  kernels::NeuronSums clear_sums(Layer& layer, std::int64_t block, std::int64_t part);
  void sum_over_time(std::size_t layer, std::int64_t block, std::int64_t first, std::int64_t end,
                     const kernels::NeuronSums& totals, float* slopes);
  bool begin_gradients(const Layer& layer, std::int64_t block, std::int64_t rows,
                       float* of_spikes) const;
  void add_rates(const Layer& layer, std::int64_t block, std::int64_t rows, float* of_spikes) const;
  bool ends_window(std::int64_t t) const {
    return t + 1 == steps() || (pass_.window > 0 && (t + 1) % pass_.window == 0);
  }
  void backward_piece(std::size_t layer, std::int64_t block, std::int64_t part, int thread,
                      kernels::NeuronGradients output);
  bool reduce_sums();
  void reduce(Layer& layer, const float* sums);
  template <class Work>
  double norm_of_pieces(const Work& work);
  void compute_gradient(const WeightPiece& piece, float* gradient, int thread);
  void compute_bias_gradient(const WeightPiece& piece, float* gradient);
  double update(const WeightPiece& piece, const kernels::UpdateRule& rule, bool has_gradients,
                int thread);
  template <class Visit>
  void visit_averaged(const Visit& visit);
  void update_neurons(Layer& layer, const kernels::UpdateRule& rule);
  double value_of(const Layer& layer, int option, std::int64_t neuron) const;
  void refresh(Layer& layer);
  void copy_out(const Layer& layer, std::int64_t block, const float* rows, std::int64_t count,
                float* to, std::int64_t stride) const;
  void transpose(std::size_t layer, bool is_recurrent);
  void transpose(const WeightPiece& piece);

  NetworkSpec spec_;
  const kernels::Kernels& kernels_;
  Executor& executor_;
  std::vector<Layer> layers_;
  std::vector<WeightPiece> pieces_of_values_, pieces_of_spikes_;  // by the kind of the input
  NetworkInput input_;
  Pass pass_;
  bool adds_gradients_ = false;
  Buffer<float> spikes_, membrane_, spikes_gradient_, membrane_gradient_;
  Buffer<float> ones_;                           // (T)
  std::vector<Buffer<float>> scratch_, tables_;  // one per thread
};

}  // namespace snn::fused

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "snn/network/loss.h"
#include "snn/network/neurons/leaky_options.h"
#include "snn/numeric/spike_words.h"

/// The inner loops of the fused engine, over raw memory. T steps, B samples, N neurons.
///
/// Neurons are computed side by side, in the lanes of vector registers. A layer is padded to whole
/// groups of 16 neurons and cut into blocks of 64; the last block may have 16, 32 or 48. In the
/// names below `lanes` is a block's width. All floats are aligned to 64 bytes.
///
/// Spikes are stored as bits, twice, in the orders in which two kinds of loops read them:
///   masks   (N/64,B,T,4) uint16: bit n of a word is neuron n of its group at that step. Blocks
///           are stored apart, because threads that write to one cache line slow each other down.
///   words   (B,W,N) uint32, W = ceil(T/30): bit t of a word is step t of its 30 steps
namespace snn::kernels {

inline constexpr int kGroup = 16;
inline constexpr int kBlock = 64;
using snn::kStepsPerWord;
inline constexpr int kMasksOfBlock = kBlock / kGroup;

/// `neurons` rounded up to whole groups.
constexpr std::int64_t padded(std::int64_t neurons) {
  return (neurons + kGroup - 1) / kGroup * kGroup;
}

/// A non-zero value of a sparse row or column, and its index.
struct Entry {
  std::uint32_t index;
  float value;
};

/// Rows of a sparse matrix, cut into tiles of kTile columns, so that the weights of a tile stay in
/// the first-level cache while many rows use them. Tile i of row r is the entries from offsets[r *
/// (tiles + 1) + i] up to the next offset, an even number (the last may have the value 0).
struct SparseRows {
  const Entry* entries;
  const std::uint32_t* offsets;  ///< (rows,tiles + 1)
  std::int64_t tiles;
};
inline constexpr std::int64_t kTile = 264;

/// The spikes of the inputs of a sample in some steps, as lists of inputs: list i is from
/// inputs[ends[i]] up to ends[i + 1]. Those of list 0 spike in every step; list 2t + 1 are those
/// that spike in step t too, and list 2t + 2 those that do not.
struct SpikeLists {
  const std::uint32_t* inputs;
  const std::uint32_t* ends;
};

/// The same, input by input: bit t of `steps` is step t. An input with the bit kExcept spikes in
/// all steps but those of the other bits.
struct SpikeTrain {
  std::uint32_t input, steps;
};
inline constexpr std::uint32_t kExcept = 1U << kStepsPerWord;

/// The neurons of which the kernels have a loop over time, by their arithmetic: `decay`, `gain`,
/// ... are parameters of the neurons, V the membrane and I the current. The resets come on top.
enum class Model {
  kLeaky,           ///< decay V + I
  kDriven,          ///< decay V + gain I
  kSynaptic,        ///< s = current_decay s + I; decay V + s
  kAdaptive,        ///< decay V + (1 - decay) (I - w), then w = slow w + (1 - slow) (a V + b S)
  kAlpha,           ///< e = slow e + I, h = fast h - I, tau (e + h)
  kLooped,          ///< decay V + I + V_r S of the step before
  kRectified,       ///< max(0, decay V + I + bias)
  kChanging,        ///< decay V + I, which spikes where it changes by more than the threshold
  kLoopedSynaptic,  ///< s = current_decay s + I + V_r S of the step before; decay V + s
};

/// The parameters of a model, in the order of NeuronBlock::parameters and NeuronSums::parameters;
/// the threshold comes first and, but for kAlpha, the decay second.
namespace parameter {
inline constexpr int kThreshold = 0, kDecay = 1;
inline constexpr int kGain = 2;                                   // kDriven
inline constexpr int kBias = 2;                                   // kRectified
inline constexpr int kCurrentDecay = 2;                           // kSynaptic, kLoopedSynaptic
inline constexpr int kSlow = 2, kOfMembrane = 3, kOfSpikes = 4;   // kAdaptive: slow, a, b
inline constexpr int kExcitation = 1, kInhibition = 2, kTau = 3;  // kAlpha: slow, fast, tau
inline constexpr int kLoop = 2, kSynapticLoop = 3;                // kLooped, kLoopedSynaptic: V_r
inline constexpr int kMost = 5;
}  // namespace parameter

/// When a spike resets the membrane, and whether that is differentiated.
enum class ResetTiming {
  kDelayed,    ///< in the next step, where the membrane passed on is above the threshold: R; not
  kImmediate,  ///< in its own step, by S - R, S differentiated: snnTorch's reset_delay=False
  kDetached,   ///< in its own step, not differentiated: SpikingJelly's detach_reset
};

/// A block of neurons and their parameters.
struct NeuronBlock {
  Model model;
  int lanes;
  std::int64_t steps;
  Reset reset;
  ResetTiming timing;
  Surrogate surrogate;
  const float* parameters[parameter::kMost];  ///< (lanes) each
  std::int64_t window = 0;                    ///< of gradients, see Pass; 0: all steps
};

/// The results of a forward pass of a block of neurons for one sample. Pointers are at the block's
/// first neuron; those that are null are not written.
struct NeuronRecord {
  std::uint16_t* masks;
  std::ptrdiff_t masks_stride;  ///< from a step to the next
  std::uint32_t* words;
  std::ptrdiff_t words_stride;  ///< from 30 steps to the next
  float* spikes;                ///< 0 or 1
  float* membrane;              ///< after the step, as the next one uses it
  std::ptrdiff_t record_stride;
};

/// The gradients that a backward pass starts from, for one sample. Null pointers mean zero.
struct NeuronGradients {
  const float* spikes;  ///< dL/dS (T,lanes)
  std::ptrdiff_t spikes_stride;
  const float* membrane;  ///< dL/dU (T,lanes)
  std::ptrdiff_t membrane_stride;
};

/// Sums over samples and steps that a backward pass adds to, (lanes) each.
struct NeuronSums {
  float* current;  ///< of dL/dI: the gradient of the bias
  float* square;   ///< of (dL/dI)^2, to find what is not finite before it is used
  /// The gradients of the parameters; those that are null are not wanted.
  float* parameters[parameter::kMost];
};

/// Floats of scratch for a backward pass, per step and lane.
inline constexpr std::int64_t kReplayArrays = 5;

/// Floats of state of neurons that go step by step, per sample and lane.
inline constexpr std::int64_t kStateArrays = 3;

/// The formula of an update; AdamW is kAdam with a `shrink`.
enum class UpdateFormula { kAdam, kSgd, kMomentum };

/// One step of an optimiser, with its scalars computed in advance.
struct UpdateRule {
  UpdateFormula formula = UpdateFormula::kAdam;
  float gradient_scale = 1;  ///< of clipping
  float shrink = 1;          ///< decoupled weight decay: parameters are multiplied by it
  float weight_decay = 0;    ///< added to the gradient
  float rate = 0;            ///< adam: lr / (1 - beta1^t); else lr
  float second_scale = 1;    ///< adam: 1 / sqrt(1 - beta2^t)
  float momentum = 0;
};

/// The inputs and results of a loss for one sample.
struct LossImage {
  std::int64_t steps;
  std::int64_t classes;
  std::int64_t padded;  ///< classes in a row: a multiple of 16
  const float* spikes;  ///< (T,padded) 0 or 1, or their sums or means over a class's outputs; zero
                        ///< in the padding
  const float* membrane;
  std::int64_t label;
  float scale;      ///< of the gradient: 1/B
  float* gradient;  ///< (T,padded) of spikes or membrane, see reads_membrane(); null: not wanted
  float* scratch;   ///< 2 * padded floats
  std::int64_t population = 1;  ///< the number of a class's outputs whose spikes are summed
};

/// One table of kernels for each instruction set; they give the same up to rounding.
struct Kernels {
  std::string_view name;  ///< "avx512", "avx2", "generic"

  /// currents (rows,lanes) = rows x weights + bias; weights (inputs + 1,lanes), the bias last.
  void (*rows_forward)(int lanes, const float* weights, std::int64_t inputs,
                       const SparseRows& input, std::int64_t first_row, std::int64_t rows,
                       float* currents);

  /// The same from spikes: row r's masks of block i are at masks + i * block_stride + 4 r.
  /// The first `neurons` lanes are not padding; `scratch` holds kScratchFloats.
  void (*spikes_forward)(int lanes, int neurons, const float* weights, std::int64_t inputs,
                         const std::uint16_t* masks, std::ptrdiff_t block_stride, std::int64_t rows,
                         float* currents, float* scratch);

  /// The currents (steps,lanes) of one sample from lists of spikes, with the weights of
  /// rows_forward().
  void (*lists_forward)(int lanes, const float* weights, std::int64_t inputs,
                        const SpikeLists& spikes, std::int64_t steps, float* currents);

  /// Runs a block of neurons from rest. `current` is (T,lanes) with `stride` floats from a step to
  /// the next; 0 for one that is the same at every step.
  void (*neurons_forward)(const NeuronBlock& block, const float* current, std::ptrdiff_t stride,
                          const NeuronRecord& record);

  /// Lists the neurons of a block that spiked at all: those with a bit in one of their `count`
  /// words, `stride` apart. Writes `first` + the neuron for each to `active`, which has room for
  /// `lanes`; returns their number.
  int (*list_active)(int lanes, const std::uint32_t* words, std::ptrdiff_t stride,
                     std::int64_t count, int first, std::uint16_t* active);

  /// The gradient of the current: (T,lanes) with `stride`, or their sum (lanes) if stride is 0.
  /// It may overwrite `current`. `scratch` holds kReplayArrays * T * lanes floats.
  void (*neurons_backward)(const NeuronBlock& block, const float* current, std::ptrdiff_t stride,
                           const NeuronGradients& gradients, float* gradient,
                           const NeuronSums& sums, float* scratch);

  /// For a current that is the same at every step, whose gradient is wanted alone, summed over
  /// time, of neurons whose membrane is linear in it, given resets that are not differentiated.
  /// The gradient of a step's spikes, e(t) = dL/dS, reaches the current through dU(t)/dI, computed
  /// forward in time (for delayed resets that subtract: 1 + decay + ... + decay^t): with s the
  /// surrogate's derivative, the sum is that of s(t) e(t) dU(t)/dI over t. Writes the factors of e,
  /// (T,lanes), to `slopes`, which holds 2 * T * lanes floats.
  void (*neuron_slopes)(const NeuronBlock& block, const float* current, float* slopes);

  /// neurons_forward() and neurons_backward() one step at a time, for currents that depend on the
  /// step before (kDriven and kSynaptic). The arrays of `samples` samples follow each other;
  /// `state` holds kStateArrays * samples * lanes floats, from one step to the next.
  ///
  /// Takes step `t`, of which total (B,T,lanes) = current (lanes, `current_stride` from a sample to
  /// the next) + recurrent (B,lanes).
  void (*neurons_step)(const NeuronBlock& block, std::int64_t t, std::int64_t samples,
                       const float* current, std::ptrdiff_t current_stride, const float* recurrent,
                       float* total, const NeuronRecord& record, float* state);

  /// Before the steps back, for each sample; `learns`: gradients of the parameters are wanted.
  /// `replay` holds kReplayArrays * T * lanes floats for each sample.
  void (*neurons_replay)(const NeuronBlock& block, std::int64_t samples, const float* total,
                         bool learns, float* replay);

  /// Goes back by step `t`: replaces total (B,T,lanes) of that step by its gradient. The gradients
  /// are those of the step, and their strides from a sample to the next.
  void (*neurons_step_back)(const NeuronBlock& block, std::int64_t t, std::int64_t samples,
                            const NeuronGradients& gradients, float* total, const NeuronSums& sums,
                            float* replay, float* state);

  /// total (lanes) = (or +=, with `add`) the sum of slopes * (left (T,count) x right (count,lanes))
  /// over T; a row of `left` is `left_stride` from the next.
  void (*multiply_slopes)(int lanes, std::int64_t steps, std::int64_t count, const float* left,
                          std::ptrdiff_t left_stride, const float* right, const float* slopes,
                          float* total, bool add);

  /// Adds `rows` rows of `lanes` values, and their squares, to the sums.
  void (*add_rows)(int lanes, std::int64_t rows, const float* values, float* sums, float* squares);

  /// output (rows,lanes) = (or +=, with `add`) left (rows,count) x right (count,lanes); a row of
  /// `left` is `left_stride` from the next.
  void (*multiply)(int lanes, std::int64_t rows, std::int64_t count, const float* left,
                   std::ptrdiff_t left_stride, const float* right, float* output, bool add);

  /// gradient (columns,lanes) = input^T x currents' gradient, for the columns [first, first +
  /// columns); `offsets` (columns + 1) into `entries`, whose index is a row, an even number each.
  void (*rows_gradient)(int lanes, const Entry* entries, const std::uint32_t* offsets,
                        std::int64_t columns, const float* current_gradient, float* gradient);

  /// Adds the gradient of one sample for some inputs that spike: gradient (inputs,lanes). `words`
  /// is at the first of these inputs. `active` lists those that spiked at all, counts[i *
  /// counts_stride] of each block i of 64, from active + 64 i on. `table` is scratch of
  /// kScratchFloats.
  void (*spikes_gradient)(int lanes, std::int64_t steps, const float* current_gradient,
                          const std::uint32_t* words, std::ptrdiff_t words_stride,
                          const std::uint16_t* active, const std::uint16_t* counts,
                          std::ptrdiff_t counts_stride, std::int64_t blocks, float* gradient,
                          float* table);

  /// Adds the gradient of one sample and up to kStepsPerWord steps for inputs from `first` on:
  /// gradient (inputs,lanes). `trains` are their `count` trains of spikes.
  void (*trains_gradient)(int lanes, std::int64_t steps, const float* current_gradient,
                          const SpikeTrain* trains, std::int64_t count, std::int64_t first,
                          float* gradient);

  /// Changes `count` (a multiple of 16) parameters and moments. Moments that the rule does not have
  /// may be null.
  void (*update)(const UpdateRule& rule, std::int64_t count, const float* gradient,
                 float* parameters, float* first_moment, float* second_moment);

  /// rows_gradient() and update() in one: the gradient stays in registers, and parameters and
  /// moments come from memory while the next row's is computed. Returns the sum of the gradient's
  /// squares.
  double (*rows_update)(const UpdateRule& rule, int lanes, const Entry* entries,
                        const std::uint32_t* offsets, std::int64_t columns,
                        const float* current_gradient, float* parameters, float* first_moment,
                        float* second_moment);

  /// The sum of squares of `count` (a multiple of 16) values.
  double (*sum_of_squares)(std::int64_t count, const float* values);

  /// to (columns,rows) = the transpose of from (rows,columns); the strides are from a row to the
  /// next. Neither has to be aligned.
  void (*transpose)(std::int64_t rows, std::int64_t columns, const float* from,
                    std::ptrdiff_t from_stride, float* to, std::ptrdiff_t to_stride);

  /// The loss of one sample, without the term's weight; writes its gradient if that is wanted.
  double (*loss)(const LossTerm& term, const LossImage& image);
};

/// Floats of scratch that kernels with tables need.
inline constexpr std::size_t kScratchFloats = 32768;

}  // namespace snn::kernels

#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/modules/rnn.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/slstm_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Spiking long short-term memory, as snnTorch's SLSTM: PyTorch's LSTMCell whose hidden state is
/// the membrane. With R = 1 where the membrane before the step is above the threshold (not
/// differentiated):
///
///     F, c' = LSTMCell(I, (U, c))
///     subtract  U' = F - R threshold
///     zero      U' = F - R F, and the cell is kept
///     none      U' = F
///     S  = H(U' - threshold)
///
/// In snnTorch a cell with fewer or more inputs than neurons forgets its state at every step; here
/// it does not.
///
/// A layer of N neurons in a network has a cell of N inputs and N neurons: its synapse delivers N
/// currents, as torch.nn.Linear does before snntorch.SLSTM(N, N). A module of its own may have
/// another number of inputs.
///
/// state_quant works as in Leaky, on every state.
///
/// State: "cell", "membrane", (B,N) for currents (B,inputs). Parameters: "lstm_cell.weight_ih"
/// (4N,inputs), "lstm_cell.weight_hh" (4N,N), "lstm_cell.bias_ih" and "lstm_cell.bias_hh" (4N), in
/// PyTorch's order of gates, initially uniform in ±1/sqrt(N), and, if learned, else a buffer,
/// "threshold"; the buffers "graded_spikes_factor" (1) and "reset_mechanism_val" complete
/// snnTorch's state_dict.
class SlstmImpl : public torch::nn::Cloneable<SlstmImpl>, public Neuron {
 public:
  explicit SlstmImpl(SlstmOptions options = {}, std::int64_t inputs = 1, std::int64_t neurons = 1,
                     Seeds seeds = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override { return {"cell", "membrane"}; }
  State initial_state(torch::IntArrayRef shape, const torch::TensorOptions& options) const override;
  StepResult step(const torch::Tensor& current, const State& state) const override;

  SlstmOptions options;
  torch::Tensor threshold;
  torch::nn::LSTMCell lstm_cell = nullptr;

 private:
  std::int64_t inputs_, neurons_;
  Seeds seeds_;
};
TORCH_MODULE(Slstm);

inline Slstm make_neuron(const SlstmOptions& options, const Shape& shape, const Seeds& seeds) {
  return Slstm(options, element_count(shape), element_count(shape), seeds);
}

}  // namespace snn

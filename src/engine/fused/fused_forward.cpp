#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/fused/coverage.h"
#include "engine/fused/denormals.h"
#include "engine/fused/fused_network.h"
#include "kernels/select.h"
#include "snn/engine/fused.h"
#include "snn/text/error.h"
#include "system/thread_pool.h"

namespace snn {
namespace {

using fused::FusedNetwork;
using fused::Kind;
using fused::TensorView;
using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// Uses torch's threads, which keep spinning after work and would slow down other threads.
class TorchThreads : public Executor {
 public:
  int threads() const override { return torch::get_num_threads(); }

  void run(std::int64_t count, const Work& work) override {
    at::parallel_for(0, count, /*grain_size=*/1, [&](std::int64_t begin, std::int64_t end) {
      const fused::FlushDenormals flush;
      for (std::int64_t i = begin; i < end; ++i) work(i, at::get_thread_num());
    });
  }
};

// A network in the kernels' layout, with the data that a forward pass stores for its backward pass.
struct Workspace : torch::CustomClassHolder {
  Workspace(const NetworkSpec& spec, const kernels::Kernels& kernels)
      : network(spec, kernels, threads), tensors(network.tensors()) {}

  TorchThreads threads;
  FusedNetwork network;
  std::vector<TensorView> tensors;
  bool has_forward = false;
};
using WorkspacePointer = c10::intrusive_ptr<Workspace>;

// Converts between torch's layout (T,B,C) and the kernels' layout (B,T,padded). A loop over the
// short rows is faster than torch's own conversion.
Tensor from_kernels(const float* values, const FusedNetwork& network) {
  const std::int64_t steps = network.steps(), samples = network.samples();
  const std::int64_t classes = network.classes(), padded = network.padded_classes();
  Tensor result = torch::empty({steps, samples, classes});
  float* to = result.data_ptr<float>();
  for (std::int64_t t = 0; t < steps; ++t) {
    for (std::int64_t b = 0; b < samples; ++b, to += classes) {
      std::copy_n(values + (b * steps + t) * padded, classes, to);
    }
  }
  return result;
}

void to_kernels(const Tensor& gradient, const FusedNetwork& network, float* to) {
  const std::int64_t steps = network.steps(), samples = network.samples();
  const std::int64_t classes = network.classes(), padded = network.padded_classes();
  const Tensor contiguous = gradient.to(torch::kFloat).contiguous();
  const float* from = contiguous.data_ptr<float>();
  for (std::int64_t t = 0; t < steps; ++t) {
    for (std::int64_t b = 0; b < samples; ++b, from += classes) {
      float* row = to + (b * steps + t) * padded;
      std::fill(std::copy_n(from, classes, row), row + padded, 0.0F);
    }
  }
}

// Inputs: the parameters, in the order of the workspace's learned tensors. Outputs: spikes and
// membrane of the last layer.
class FusedFunction : public torch::autograd::Function<FusedFunction> {
 public:
  static tensor_list forward(AutogradContext* context, const WorkspacePointer& workspace,
                             at::TensorList /*parameters*/) {  // the workspace has their values
    context->saved_data["workspace"] = c10::IValue::make_capsule(workspace);
    const FusedNetwork& network = workspace->network;
    return {from_kernels(network.spikes(), network), from_kernels(network.membrane(), network)};
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const fused::FlushDenormals flush;
    const auto capsule = context->saved_data["workspace"].toCapsule();
    auto& workspace = static_cast<Workspace&>(*capsule);
    TORCH_CHECK(workspace.has_forward,
                "FusedForward: second backward pass through the same forward pass; run the forward "
                "pass again first");
    workspace.has_forward = false;  // the gradients overwrite the currents
    FusedNetwork& network = workspace.network;
    const bool has_spikes = gradients[0].defined(), has_membrane = gradients[1].defined();
    if (has_spikes) to_kernels(gradients[0], network, network.spikes_gradient());
    if (has_membrane) to_kernels(gradients[1], network, network.membrane_gradient());
    network.backward(has_spikes, has_membrane);
    tensor_list result = {Tensor()};
    std::vector<float*> values;
    for (const TensorView& view : workspace.tensors) {
      if (!view.is_learned) continue;
      result.push_back(torch::empty(view.shape));
      values.push_back(result.back().data_ptr<float>());
    }
    network.write_gradients(values);
    return result;
  }
};

}  // namespace

struct FusedForward::Implementation {
  Implementation(Network network_, FusedOptions options_)
      : network(std::move(network_)), options(options_), kernels(kernels::select(options.simd)) {}

  // A workspace that no backward pass will need.
  WorkspacePointer free_workspace() {
    for (const WorkspacePointer& workspace : workspaces) {
      if (workspace.use_count() == 1) return workspace;
    }
    workspaces.push_back(c10::make_intrusive<Workspace>(network->spec, kernels));
    return workspaces.back();
  }

  Network network;
  FusedOptions options;
  const kernels::Kernels& kernels;
  std::vector<WorkspacePointer> workspaces;
};

FusedForward::FusedForward(Network network, FusedOptions options) {
  const std::string what = fused::uncovered(network->spec);
  if (!what.empty()) {
    throw Error(ExitCode::kUsage, "FusedForward: it does not support " + what);
  }
  implementation_ = std::make_shared<Implementation>(std::move(network), options);
}

FusedForward::~FusedForward() = default;
FusedForward::FusedForward(FusedForward&&) noexcept = default;
FusedForward& FusedForward::operator=(FusedForward&&) noexcept = default;

NetworkOutput FusedForward::operator()(const Tensor& input, std::int64_t steps, const Pass& pass) {
  return (*this)(Sequence::constant(input, steps), pass);
}

NetworkOutput FusedForward::operator()(const Sequence& input, const Pass& pass) {
  const fused::FlushDenormals flush;
  const bool is_sequence = !input.is_constant();
  const WorkspacePointer workspace = implementation_->free_workspace();
  FusedNetwork& network = workspace->network;

  const Tensor values = input.values().detach().contiguous();
  const std::int64_t samples = values.size(is_sequence ? 1 : 0);
  const std::int64_t inputs = element_count(implementation_->network->spec.sample_shape);
  TORCH_CHECK(samples > 0, "FusedForward expects at least one sample, found ", values.sizes());
  TORCH_CHECK(values.device().is_cpu() &&
                  values.numel() == (is_sequence ? input.steps() : 1) * samples * inputs,
              "FusedForward expects ", inputs, " values per sample on the CPU, found ",
              values.sizes(), " on ", values.device());
  const fused::InputShape shape = {samples, input.steps(), inputs, is_sequence};
  if (values.scalar_type() == torch::kByte) {
    network.read(shape, values.data_ptr<std::uint8_t>());
  } else {
    TORCH_CHECK(values.scalar_type() == torch::kFloat, "FusedForward expects float32 or uint8");
    network.read(shape, values.data_ptr<float>());
  }

  const auto parameters = implementation_->network->named_parameters();
  const auto buffers = implementation_->network->named_buffers();
  tensor_list learned;
  for (const TensorView& view : workspace->tensors) {
    const Tensor& tensor = view.is_learned ? parameters[view.name] : buffers[view.name];
    TORCH_CHECK(tensor.device().is_cpu() && tensor.scalar_type() == torch::kFloat,
                "FusedForward computes with float32 parameters on the CPU, but ", view.name, " is ",
                tensor.scalar_type(), " on ", tensor.device());
    const Tensor contiguous = tensor.detach().contiguous();
    view.write(Kind::kValue, contiguous.data_ptr<float>());
    if (view.is_learned) learned.push_back(tensor);
  }

  network.set_pass(pass);
  network.forward();
  workspace->has_forward = true;
  const tensor_list outputs = FusedFunction::apply(workspace, at::TensorList(learned));
  NetworkOutput output;
  output.spikes = outputs[0];
  output.membrane = outputs[1];
  const std::size_t layers = implementation_->network->spec.layers.size();
  for (std::size_t i = 0; implementation_->options.record_layers && i + 1 < layers; ++i) {
    output.layer_spikes.push_back(
        torch::empty({network.steps(), samples, neuron_count(implementation_->network->spec, i)}));
    network.write_spikes(i, output.layer_spikes.back().data_ptr<float>());
  }
  output.layer_spikes.push_back(output.spikes);
  return output;
}

}  // namespace snn

#include "engine/engine_state.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

#include "snn/text/error.h"
#include "snn/text/text.h"

namespace snn {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw Error(ExitCode::kCheckpoint, why); }

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::vector<std::string> sizes;
  for (const std::int64_t size : shape) sizes.push_back(std::to_string(size));
  return "[" + join(sizes, ", ") + "]";
}

bool is_average(const std::string& name) { return name.starts_with(kAveragePrefix); }

bool is_parameter(const std::string& name) {
  return !name.starts_with(kMomentPrefix) && !is_average(name);
}

// Writes the tensors of `from` whose name passes `counts`; each must be one of `tensors`.
template <class Counts>
void import_those(const HostTensors& from, const std::vector<StateTensor>& tensors,
                  const Counts& counts) {
  std::set<std::string> unused;
  for (const auto& [name, host] : from) {
    if (counts(name)) unused.insert(name);
  }
  for (const StateTensor& tensor : tensors) {
    const auto found = from.find(tensor.name);
    if (found == from.end()) refuse("the tensor '" + tensor.name + "' is missing");
    if (found->second.shape != tensor.shape) {
      refuse("the tensor '" + tensor.name + "' has the shape " + shape_text(found->second.shape) +
             ", expected " + shape_text(tensor.shape));
    }
    unused.erase(tensor.name);
  }
  if (!unused.empty()) {
    refuse("the tensor '" + *unused.begin() + "' belongs to no part of the network");
  }
  for (const StateTensor& tensor : tensors) tensor.write(from.at(tensor.name).values.data());
}

}  // namespace

std::size_t value_count(const std::vector<std::int64_t>& shape) {
  return static_cast<std::size_t>(
      std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
}

HostTensors export_tensors(const std::vector<StateTensor>& tensors) {
  HostTensors exported;
  for (const StateTensor& tensor : tensors) {
    HostTensor host{tensor.shape, std::vector<float>(value_count(tensor.shape))};
    tensor.read(host.values.data());
    exported.emplace(tensor.name, std::move(host));
  }
  return exported;
}

void import_tensors(const HostTensors& from, const std::vector<StateTensor>& tensors) {
  import_those(from, tensors, [](const std::string&) { return true; });
}

void import_parameters(const HostTensors& from, std::vector<StateTensor> tensors) {
  std::erase_if(tensors, [](const StateTensor& tensor) { return !is_parameter(tensor.name); });
  import_those(from, tensors, is_parameter);
}

double average_decay(double ema, std::int64_t step) {
  const auto steps = static_cast<double>(step);
  return std::min(ema, (1 + steps) / (10 + steps));
}

bool has_averages(const HostTensors& tensors) {
  return std::ranges::any_of(tensors, [](const auto& item) { return is_average(item.first); });
}

HostTensors averaged_parameters(const HostTensors& tensors) {
  HostTensors averaged;
  for (const auto& [name, tensor] : tensors) {
    if (!is_parameter(name)) continue;
    const auto average = tensors.find(kAveragePrefix + name);
    averaged.emplace(name, average == tensors.end() ? tensor : average->second);
  }
  return averaged;
}

}  // namespace snn

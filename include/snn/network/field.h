#pragma once

#include <algorithm>
#include <string>

#include "snn/network/per_neuron.h"
#include "snn/text/range.h"
#include "snn/text/text.h"

namespace snn {

/// One option of a neuron or synapse, declared once. An options class declares its options in
///
///     template <class Self, class Visit>
///     static void fields(Self& self, Visit visit) {
///       visit(Field{.name = "beta", .help = "Membrane decay per time step"}, self.beta(),
///             self.learn_beta());  // learnable: whether it is learned comes third
///       visit(Field{.name = "reset", .help = "Reset mechanism after a spike"}, self.reset());
///     }
///
/// and all code that reads, writes, checks, counts, registers, prints and documents options is
/// generated from these declarations. Values may be bool, std::int64_t, double, PerNeuron,
/// Surrogate, StateQuant or an enumeration with Names; learnable ones are PerNeuron.
struct Field {
  std::string name;  ///< kebab-case: the flag, the key in YAML and JSON
  std::string help;  ///< one sentence, with the unit where there is one
  /// snnTorch's name, also of its tensor in modules and checkpoints, if it is not the name with
  /// underscores.
  std::string snntorch = {};
  Range range = {};  ///< valid range of given and learned values
  /// True if the library, too, refuses numbers outside the range.
  bool is_strict = false;
  /// True if the forward pass clamps values to the range.
  bool is_clamped = false;
  /// The consequence of a learned value outside the range: "a neuron spikes at rest".
  std::string outside = {};
  /// Whether neurons spike more at a higher value (1) or at a lower one (-1); 0: neither, or it
  /// depends. Warnings about silent neurons advise accordingly.
  int excites = 0;
  /// True if the state or the spikes of a neuron under a given current depend on it.
  bool shapes_membrane = false;
  /// True if it has no default and must be given.
  bool is_required = false;
  /// The option's value for a value of its tensor and its inverse, if the tensor holds another form
  /// of it.
  double (*shown)(double tensor) = nullptr;
  double (*stored)(double option) = nullptr;
};

/// The name of its tensor in a module, and so in a checkpoint: graded_spikes_factor.
inline std::string tensor_name(const Field& field) {
  return field.snntorch.empty() ? with_underscores(field.name) : field.snntorch;
}

/// The name of a learned parameter in metrics and messages: its tensor's, unless the tensor holds
/// another form of the option.
inline std::string learned_name(const Field& field) {
  return field.shown == nullptr ? tensor_name(field) : with_underscores(field.name);
}

/// The initial values of its tensor for values of the option.
inline PerNeuron tensor_values(const Field& field, PerNeuron values) {
  if (field.stored != nullptr)
    std::ranges::transform(values.values, values.values.begin(), field.stored);
  return values;
}

/// The value that the forward pass uses for a value of its tensor.
inline double used_value(const Field& field, double value) {
  return field.is_clamped ? std::clamp(value, field.range.low, field.range.high) : value;
}

/// The switch beside a learnable field: learn-beta.
inline Field learn_field(const Field& field) {
  return {.name = "learn-" + field.name, .help = "Make " + field.name + " a learnable parameter"};
}

/// Calls visit(field, value) for every option: first the values, then, for each learnable one,
/// whether it is learned.
template <class Options, class Visit>
void visit_options(Options& options, Visit visit) {
  options.fields(options, [&](const Field& field, auto& value, auto&...) { visit(field, value); });
  options.fields(options, [&](const Field& field, auto&, auto&... learn) {
    (visit(learn_field(field), learn), ...);
  });
}

/// Calls visit(field, value, is_learned) for every learnable option, but not for those without
/// effect beside the others, where options say so by `has_tensor(field)`.
template <class Options, class Visit>
void visit_learnable(Options& options, Visit visit) {
  options.fields(options, [&](const Field& field, auto& value, auto&... learn) {
    if constexpr (sizeof...(learn) == 1) {
      if constexpr (requires { options.has_tensor(field); }) {
        if (!options.has_tensor(field)) return;
      }
      visit(field, value, learn...);
    }
  });
}

}  // namespace snn

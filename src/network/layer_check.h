#pragma once

#include <cstddef>
#include <string>

#include "snn/network/network_spec.h"

namespace snn {

/// The label of layer `index` in messages: it counts from 1, as do the modules fc1 and lif1.
std::string layer_label(std::size_t index);

/// Throws Error(kUsage) naming the place of a problem in a specification.
[[noreturn]] void refuse_spec(const std::string& where, const std::string& problem);

/// Throw Error(kUsage) for an absurd number of layers, and for a layer that cannot be built on an
/// input of the shape `input`; if that is empty, not known yet, only checks that do not depend on
/// it are made. `where` names the layer.
void check_depth(std::size_t layers);
void check_layer(const LayerSpec& layer, const Shape& input, const std::string& where);

}  // namespace snn

#pragma once

#include <cstddef>
#include <string>

#include "snn/network/network_spec.h"

namespace snn {

/// How messages call layer `index`: people count layers from 1, as the modules fc1 and lif1 do.
std::string layer_label(std::size_t index);

/// Throws Error(kUsage) that names the place of a problem in a specification.
[[noreturn]] void refuse_spec(const std::string& where, const std::string& problem);

/// Throw Error(kUsage) for more layers than anybody means, and for a layer that cannot be built on
/// what has the shape `input`; of an empty one, not known yet, only what does not depend on it is
/// checked. `where` names the layer.
void check_depth(std::size_t layers);
void check_layer(const LayerSpec& layer, const Shape& input, const std::string& where);

}  // namespace snn

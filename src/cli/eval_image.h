#pragma once

#include <cstdint>
#include <string>

#include "cli/eval_subject.h"

namespace snn::cli {

/// Draws currents, membranes and spikes of each layer for the image `index` as an SVG file. Throws
/// Error(kUsage) for a stateless network.
void draw_raster(const Subject& subject, std::uint32_t index, const std::string& path);

/// Prints the image `index` and the network's prediction, or both as JSON. `raster` is the file of
/// its drawing, if any.
void show_image(Subject& subject, std::uint32_t index, const std::string& raster);

}  // namespace snn::cli

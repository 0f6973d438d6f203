#pragma once

#include <cstdint>
#include <span>

#include "snn/network/pass.h"
#include "snn/network/seeds.h"
#include "snn/network/synapses/dropout_spec.h"

namespace snn {

/// Draws which of the values [first, first + kept.size()) that dropout receives are kept (1) and
/// which are dropped (0): for sample `place` of a batch, of `width` values each, at step `step`; 0
/// unless spec.per_step. The draw of a value is a function of the pass's seed, epoch and sample,
/// of layer and operation (`seeds`), step and value alone.
void draw_kept(const DropoutSpec& spec, const Seeds& seeds, const Pass& pass, std::int64_t place,
               std::int64_t step, std::int64_t width, std::int64_t first,
               std::span<std::uint8_t> kept);

}  // namespace snn

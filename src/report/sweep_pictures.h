#pragma once

#include <string>
#include <vector>

#include "report/page.h"
#include "report/sweep_settings.h"

namespace snn::report {

/// Learning curves by value of each parameter, heat maps for pairs of them, the metric against
/// training time and spikes, parallel coordinates for three parameters or more; only those for
/// which the sweep has data. `settings` as of settings_of(), `baseline` as of baseline_of().
std::vector<Picture> sweep_pictures(const SweepFolder& sweep,
                                    const std::vector<std::string>& baseline,
                                    const std::vector<Setting>& settings);

}  // namespace snn::report

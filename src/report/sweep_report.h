#pragma once

#include <filesystem>

#include "report/page.h"
#include "report/sweep.h"

namespace snn::report {

/// Settings by rank, learning curves by value of each parameter, heat maps for pairs of them, the
/// metric against training time and spikes, parallel coordinates for three parameters or more, and
/// failed runs. Runs with a report link to it, relative to the sweep's folder.
Report report_sweep(const SweepFolder& sweep);

/// Reads the sweep in `folder` and writes report.html and pictures there. Throws as read_sweep()
/// and write_report().
void write_sweep_report(const std::filesystem::path& folder);

}  // namespace snn::report

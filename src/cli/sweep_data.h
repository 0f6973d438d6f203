#pragma once

#include "sweep/sweep.h"

namespace snn::cli {

/// Checks the data of a sweep before it starts: missing data would end each run, one after the
/// other; results from data different from that of completed runs would not be comparable. Throws
/// Error(kData).
void check_data(const Sweep& sweep);

/// The same for a dry run: data missing here may exist on the machine that will run it.
void check_present_data(const Plan& plan);

}  // namespace snn::cli

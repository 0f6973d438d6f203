#pragma once

#include "sweep/sweep.h"

namespace snn::cli {

/// Checks the data of a sweep before it starts: missing data would end each run, one after the
/// other; results from other data than that of the runs that are done could not be compared with
/// theirs. Throws Error(kData).
void check_data(const Sweep& sweep);

/// The same for a sweep that is only looked at: data that are not here may be where it will run.
void check_present_data(const Plan& plan);

}  // namespace snn::cli

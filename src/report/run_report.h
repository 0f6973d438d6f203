#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "report/page.h"
#include "report/run.h"
#include "snn/data/dataset.h"

namespace snn::report {

/// The source of the misclassified images.
struct TestImages {
  const Dataset* dataset = nullptr;  ///< the run's test images, if available
  std::string problem = {};          ///< the reason if they are not
};

/// Curves of loss, accuracy, spikes and silent neurons; for a finished run also confusion matrix,
/// misclassified images and tables of result and configuration.
Report report_run(const RunFiles& run, const TestImages& images);

/// Reads the run in `folder` and writes its report.html and pictures there. `images` are the test
/// images, if already loaded, as in snn-train. Throws as read_run() and write_report().
void write_run_report(const std::filesystem::path& folder, const Dataset& images);

/// The curves of several runs in the same charts, and the differences between their configurations.
std::string compare_runs(std::span<const RunFiles> runs);

}  // namespace snn::report

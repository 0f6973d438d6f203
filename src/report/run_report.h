#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "report/page.h"
#include "report/run.h"
#include "snn/data/dataset.h"

namespace snn::report {

/// Where the pictures of misclassified images come from.
struct TestImages {
  const Dataset* dataset = nullptr;  ///< the run's test images, if they are at hand
  std::string problem = {};          ///< else why they are not
};

/// Curves of loss, accuracy, spikes and silent neurons; of a finished run also confusion matrix,
/// misclassified images and tables of result and configuration.
Report report_run(const RunFiles& run, const TestImages& images);

/// Reads the run in `folder` and writes its report.html and pictures there. `images` are the test
/// images, as snn-train has them already. Throws as read_run() and write_report().
void write_run_report(const std::filesystem::path& folder, const Dataset& images);

/// The curves of several runs in the same charts, and what distinguishes their configurations.
std::string compare_runs(std::span<const RunFiles> runs);

}  // namespace snn::report

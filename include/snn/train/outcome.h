#pragma once

#include <string_view>
#include <utility>

#include "snn/text/names.h"

namespace snn {

/// How a training run ended; the `outcome` of summary.json.
enum class Outcome {
  kFinished,     ///< all epochs completed, or early stopping
  kInterrupted,  ///< ended by a signal, after a checkpoint; the run has no summary
  kDiverged,     ///< a loss or gradient was infinite or not a number
};
template <>
struct Names<Outcome> {
  static constexpr std::pair<Outcome, std::string_view> table[] = {
      {Outcome::kFinished, "finished"},
      {Outcome::kInterrupted, "interrupted"},
      {Outcome::kDiverged, "diverged"}};
};

}  // namespace snn

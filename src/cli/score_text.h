#pragma once

#include <string>
#include <vector>

#include "snn/engine/evaluation.h"
#include "snn/network/decision.h"
#include "snn/train/learned.h"
#include "snn/train/metrics.h"

namespace snn::cli {

/// How many images tie: "430 images, 12 of them without output spikes"; empty where it is not known
/// or the outputs are logits.
std::string ties_text(const Score& score);

/// A line with the membranes that decide between the classes that have the most spikes, or all of
/// them by Decision::kMembrane; empty where they decide nothing. `answer` is that to one image.
std::string tie_text(const Evaluation& answer, Decision decision,
                     const std::vector<std::string>& class_names);

/// A heading and a line for each parameter, or nothing.
std::string learned_text(const std::vector<LearnedParameter>& learned);

}  // namespace snn::cli

#pragma once

#include <string>
#include <vector>

#include "snn/engine/evaluation.h"
#include "snn/network/decision.h"
#include "snn/train/learned.h"
#include "snn/train/metrics.h"

namespace snn::cli {

/// The number of images with ties: "430 images, 12 of them without output spikes"; empty if unknown
/// or if the outputs are logits.
std::string ties_text(const Score& score);

/// A line with the membranes that break the tie between the classes with the most spikes, or with
/// all membranes for Decision::kMembrane; empty if they decide nothing. `answer` is the evaluation
/// of one image.
std::string tie_text(const Evaluation& answer, Decision decision,
                     const std::vector<std::string>& class_names);

/// A heading and one line per parameter of `network`, or nothing.
std::string learned_text(const std::vector<LearnedParameter>& learned, const NetworkSpec& network);

}  // namespace snn::cli

#include "cli/score_text.h"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>

#include "cli/layout.h"
#include "snn/text/text.h"
#include "text/message.h"

namespace snn::cli {

std::string ties_text(const Score& score) {
  if (!score.ties || !score.without_spikes) return "";
  return fmt::format("{} image{}, {} of them without output spikes", format_count(*score.ties),
                     *score.ties == 1 ? "" : "s", format_count(*score.without_spikes));
}

std::string tie_text(const Evaluation& answer, Decision decision,
                     const std::vector<std::string>& class_names) {
  const auto& counts = answer.spike_counts;
  const bool is_tie = tied_classes(counts) > 1;
  if (decision == Decision::kTemporal) return "";
  if (!answer.has_output_spikes || (!is_tie && decision != Decision::kMembrane)) return "";
  const float most = *std::ranges::max_element(counts);
  std::vector<std::string> sums;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] < most && decision != Decision::kMembrane) continue;
    sums.push_back(fmt::format("{} {:.4g}", class_names[c], answer.membrane_sums[c]));
  }
  const std::string text = fmt::format(
      "{}membranes summed over time: {}; {}", is_tie ? "tie; " : "", join(sums, ", "),
      decision == Decision::kCount ? "the lowest class is taken" : "the largest decides");
  return '\n' + wrapped(text, 0, static_cast<std::size_t>(columns_of(STDOUT_FILENO))) + '\n';
}

std::string learned_text(const std::vector<LearnedParameter>& learned, const NetworkSpec& network) {
  std::string text = learned.empty() ? "" : "\nlearned\n";
  for (const LearnedParameter& each : learned) {
    const std::string problem = range_problem(each, network);
    const std::string name = full_name(each, neuron_name(network, each.layer - 1));
    text += fmt::format("{:<25}  {}{}\n", name, shown_value(each),
                        problem.empty() ? "" : " (" + problem + ")");
  }
  return text;
}

}  // namespace snn::cli

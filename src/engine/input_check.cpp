#include "engine/input_check.h"

#include "snn/numeric/spike_words.h"

namespace snn {

std::string spikes_problem(const Batch& batch, std::int64_t inputs) {
  if (!batch.has_spikes()) return "";
  const std::int64_t words = batch.size() * words_of(batch.spike_steps) * inputs;
  const auto found = static_cast<std::int64_t>(batch.spikes.size());
  if (batch.size() > 0 && element_count(batch.shape) == inputs && found == words) return "";
  return "a batch of " + std::to_string(batch.size()) + " samples has " + std::to_string(found) +
         " words of spikes in " + std::to_string(batch.spike_steps) + " steps, expected those of " +
         std::to_string(inputs) + " inputs per sample";
}

}  // namespace snn

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/chart.h"
#include "snn/network/activity.h"

namespace snn::report {

/// A layer as it is drawn.
struct ShownLayer {
  std::string name;  ///< "lif1"
  LayerActivity activity;
  std::vector<float> thresholds;          ///< one, or one for each neuron; none if it has none
  std::vector<std::string> neuron_names;  ///< empty: their numbers
};

/// An image and a network's answer to it.
struct ShownAnswer {
  Image image;
  std::string title;  ///< "image 8: label 5, prediction 5"
  std::vector<std::string> class_names;
  std::vector<double> counts;  ///< of each class, its spikes
  std::int64_t label = 0;
};

/// What happens in a network while it looks at one image: the image and the spike counts of the
/// classes, then for each layer, over time, current and membrane of a few neurons, the spikes of
/// all (of more than 600 of every 2nd, 3rd, ... neuron) in rows of 1 px or more, and the share of
/// all that spike in each step. The few are five of those that spike, but not at every step, with
/// counts as evenly spread as there are; of the output layer, the label's and the most active. What
/// belongs to the label's class is orange.
Drawing draw_activity(const ShownAnswer& answer, const std::vector<ShownLayer>& layers,
                      double width);

}  // namespace snn::report

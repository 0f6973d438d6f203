#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/chart.h"
#include "snn/network/activity.h"

namespace snn::report {

/// The drawn data of a layer.
struct ShownLayer {
  std::string name;  ///< "lif1"
  LayerActivity activity;
  std::vector<float> thresholds;          ///< one, or one per neuron; empty if it has none
  std::vector<std::string> neuron_names;  ///< empty: their numbers
};

/// An image and the network's prediction.
struct ShownAnswer {
  Image image;
  std::string title;  ///< "image 8: label 5, prediction 5"
  std::vector<std::string> class_names;
  std::vector<double> counts;  ///< spikes of each class
  std::int64_t label = 0;
};

/// Draws the activity of a network for one image: the image and the spike counts of the classes,
/// then for each layer, over time, current and membrane of a few neurons, the spikes of all neurons
/// (of more than 600, every 2nd, 3rd, ... neuron) in rows of 1 px or more, and the share of neurons
/// that spike in each step. The few are five neurons that spike, but not at every step, with evenly
/// spread counts; in the output layer, the label's and the most active ones. The label's class is
/// orange.
Drawing draw_activity(const ShownAnswer& answer, const std::vector<ShownLayer>& layers,
                      double width);

}  // namespace snn::report

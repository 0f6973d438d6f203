#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace snn::cli {

/// The number of samples of class `label`: the sum of its row of confusion[label][prediction].
std::int64_t class_total(const std::vector<std::vector<std::int64_t>>& confusion,
                         std::size_t label);

/// The share of them that is predicted correctly; empty if there are none.
std::optional<double> class_accuracy(const std::vector<std::vector<std::int64_t>>& confusion,
                                     std::size_t label);

/// The confusion matrix with the accuracy of each class or, if it is wider than `columns`, one line
/// per class with its most frequent wrong predictions. confusion[label][prediction]; `names` has
/// one name per class.
std::string confusion_table(const std::vector<std::vector<std::int64_t>>& confusion,
                            const std::vector<std::string>& names, int columns);

}  // namespace snn::cli

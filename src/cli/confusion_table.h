#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace snn::cli {

/// The confusion matrix with the accuracy of each class or, if it is wider than `columns`, one line
/// per class with its most frequent wrong predictions. confusion[label][prediction]; `names` has
/// one name per class.
std::string confusion_table(const std::vector<std::vector<std::int64_t>>& confusion,
                            const std::vector<std::string>& names, int columns);

}  // namespace snn::cli

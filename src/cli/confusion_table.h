#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace snn::cli {

/// How often samples of each class were taken for which, and the share that is right: a matrix or,
/// where that is wider than `columns`, a line for each class with what it was most often taken for.
/// confusion[label][prediction]; `names` has one for each class.
std::string confusion_table(const std::vector<std::vector<std::int64_t>>& confusion,
                            const std::vector<std::string>& names, int columns);

}  // namespace snn::cli

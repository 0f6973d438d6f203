#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// A word quoted, if necessary, so that a shell reads it back unchanged.
std::string shell_word(std::string_view word);
/// The words of a command as a shell command line.
std::string shell_line(const std::vector<std::string>& words);

}  // namespace snn

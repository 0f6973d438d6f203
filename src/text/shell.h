#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// A word as a shell reads it back: quoted where it must be.
std::string shell_word(std::string_view word);
/// The words of a command as a line for a shell.
std::string shell_line(const std::vector<std::string>& words);

}  // namespace snn

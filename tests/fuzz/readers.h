#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace snn::fuzz {

/// Something of ours that reads what anybody may have written.
struct Reader {
  std::string name;
  /// Reads `bytes`. That it refuses them (snn::Error) is fine; anything else that is thrown, and
  /// what breaks a promise of the reader, is a defect.
  void (*read)(std::string_view bytes);
  std::vector<std::string> seeds;  ///< inputs to start from: good ones, and those that once fell
};

/// All of them.
const std::vector<Reader>& readers();

/// Calls reader.read(). Returns what is wrong with the reader, or nothing.
std::string problem_with(const Reader& reader, std::string_view bytes);

}  // namespace snn::fuzz

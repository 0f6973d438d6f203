#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace snn::fuzz {

/// A parser of files or texts that may come from anybody.
struct Reader {
  std::string name;
  /// Parses `bytes`. A refusal (snn::Error) is correct; any other exception and a broken invariant
  /// are defects.
  void (*read)(std::string_view bytes);
  std::vector<std::string> seeds;  ///< initial inputs: good ones, and those that once crashed it
};

/// All readers.
const std::vector<Reader>& readers();

/// Calls reader.read(). Returns the defect, or nothing.
std::string problem_with(const Reader& reader, std::string_view bytes);

}  // namespace snn::fuzz

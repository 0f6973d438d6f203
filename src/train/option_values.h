#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/codec.h"

namespace snn {

// Parsers of option values other than numbers, names and switches. Each stores the canonical form
// of the text in `value` and returns the problem, or nothing.

/// A path; ~ and ~user become home folders.
std::string read_path(std::string_view found, std::string& value);
/// The checkpoint to resume; as in other programs, true, false and none are accepted too.
std::string read_resume(std::string_view found, std::string& value);
/// A device by PyTorch's names, or by a number as in Ultralytics.
std::string read_device(std::string_view found, std::string& value);
/// The plain name of a folder.
std::string read_run_name(std::string_view found, std::string& value);

std::vector<std::string> log_levels();
std::string read_log_level(std::string_view found, std::string& value);

/// The neurons of the last layer, in the form of neuron_text(), or empty: "same".
codec::Codec<std::string> readout_codec();

/// The full network specification as JSON, stored in the form of layers_to_json().
codec::Codec<std::string> layers_codec();

}  // namespace snn

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/codec.h"

namespace snn {

// The values of options that are more than a number, a name or a switch. Each reads what people
// write, puts it into `value` as it is kept, and returns what is wrong with it, or nothing.

/// A path; ~ and ~user become home folders.
std::string read_path(std::string_view found, std::string& value);
/// The checkpoint to resume; people who know other programs say true, and false or none.
std::string read_resume(std::string_view found, std::string& value);
/// PyTorch's names, and a number as Ultralytics has it.
std::string read_device(std::string_view found, std::string& value);
/// A plain name of a folder.
std::string read_run_name(std::string_view found, std::string& value);

std::vector<std::string> log_levels();
std::string read_log_level(std::string_view found, std::string& value);

/// The whole network as JSON, kept as layers_to_json() writes it.
codec::Codec<std::string> layers_codec();

}  // namespace snn

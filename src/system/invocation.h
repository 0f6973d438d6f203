#pragma once

#include <filesystem>
#include <string>

namespace snn {

/// The word, quoted for a shell, that starts `program` ("snn-eval") from the user's current folder:
/// its plain name if this program was found on the PATH, else its path beside this program, derived
/// from the path of this call: build/snn-eval.
std::string program_word(const std::string& program);

/// The same for the script that fetches data: scripts/get-data.sh of the source tree that contains
/// the build, or an installed snn-get-data beside this program.
std::string get_data_word();

/// `path` as a word for a shell. A path that looks like a flag is prefixed with ./.
std::string path_word(const std::filesystem::path& path);

}  // namespace snn

#pragma once

#include <filesystem>
#include <string>

namespace snn {

/// The word, quoted for a shell, that starts `program` ("snn-eval") from where the user stands:
/// plain for who found this program by PATH, else beside this one by the path that it was called
/// by: build/snn-eval.
std::string program_word(const std::string& program);

/// The same for the script that fetches data: scripts/get-data.sh of the source tree that this
/// program was built in, or snn-get-data beside it where it is installed.
std::string get_data_word();

/// `path` as a word for a shell. One that could be taken for a flag begins with ./.
std::string path_word(const std::filesystem::path& path);

}  // namespace snn

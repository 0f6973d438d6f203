#pragma once

#include <filesystem>
#include <string>

namespace snn {

/// The files that belong to the programs in `folder`, which were installed (PREFIX/bin,
/// PREFIX/share) or built within the source tree; paths are empty if the files do not exist.
struct Installation {
  std::filesystem::path get_data;  ///< the script that fetches data sets
  std::filesystem::path configs;   ///< the folder of the example configurations
};
Installation installation_of(const std::filesystem::path& folder);

/// The folder of the running program, with links resolved; empty if the system does not provide it.
std::filesystem::path program_folder();

/// True if `path` is an executable file.
bool is_program(const std::filesystem::path& path);

/// The program `name`: in the folder `beside`, else the first one in the folders of `search_path`,
/// which has the format of PATH. Empty if it is in neither.
std::filesystem::path find_program(const std::filesystem::path& name,
                                   const std::filesystem::path& beside,
                                   const std::string& search_path);

/// The folder where an installed get-data puts data sets, each in a folder of its name:
/// $XDG_DATA_HOME/snn-train or ~/.local/share/snn-train; empty if there is no home.
std::filesystem::path user_data_folder();

}  // namespace snn

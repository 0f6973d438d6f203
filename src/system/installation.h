#pragma once

#include <filesystem>
#include <string>

namespace snn {

/// What belongs to the programs in `folder`, which were installed (PREFIX/bin, PREFIX/share) or
/// built within the source tree; empty paths where it is not there.
struct Installation {
  std::filesystem::path get_data;  ///< the script that fetches data sets
  std::filesystem::path configs;   ///< the folder of the example configurations
};
Installation installation_of(const std::filesystem::path& folder);

/// The folder of the program that runs, links to it resolved; empty where the system does not say.
std::filesystem::path program_folder();

/// Whether `path` is a file that may be executed.
bool is_program(const std::filesystem::path& path);

/// The program that is called `name`: the one in the folder `beside`, else the first one in the
/// folders of `search_path`, which is written as PATH is. Empty if neither is there.
std::filesystem::path find_program(const std::filesystem::path& name,
                                   const std::filesystem::path& beside,
                                   const std::string& search_path);

/// Where an installed get-data puts data sets, each in a folder of its name:
/// $XDG_DATA_HOME/snn-train or ~/.local/share/snn-train; empty if there is no home.
std::filesystem::path user_data_folder();

}  // namespace snn

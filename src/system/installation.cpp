#include "system/installation.h"

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <system_error>

#include "snn/text/text.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

// The path if it exists, else an empty one.
fs::path if_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) ? path : fs::path();
}

fs::path folder_of(const char* variable, const char* rest) {
  const char* value = std::getenv(variable);
  // The XDG base directory specification requires relative paths to be ignored.
  return value != nullptr && *value == '/' ? fs::path(value) / rest : fs::path();
}

}  // namespace

Installation installation_of(const fs::path& folder) {
  const fs::path installed = if_there(folder / "snn-get-data");
  const fs::path configs = if_there(folder.parent_path() / "share/snn-train/configs");
  if (!installed.empty() || !configs.empty()) return {installed, configs};
  // A build folder (build/, build/debug/) is some levels below the sources.
  constexpr int kLevels = 4;
  fs::path source = folder;
  for (int level = 0; level < kLevels && source.has_relative_path(); ++level) {
    source = source.parent_path();
    const fs::path script = if_there(source / "scripts/get-data.sh");
    if (!script.empty()) return {script, if_there(source / "configs")};
  }
  return {};
}

fs::path program_folder() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

fs::path find_program(const fs::path& name, const fs::path& beside,
                      const std::string& search_path) {
  if (!beside.empty() && is_program(beside / name)) return beside / name;
  for (const std::string& folder : split(search_path, ':')) {
    // An empty entry means the current folder.
    const fs::path path = fs::path(folder.empty() ? "." : folder) / name;
    if (is_program(path)) return path;
  }
  return {};
}

fs::path user_data_folder() {
  const fs::path folder = folder_of("XDG_DATA_HOME", "snn-train");
  return folder.empty() ? folder_of("HOME", ".local/share/snn-train") : folder;
}

}  // namespace snn

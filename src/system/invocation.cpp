#include "system/invocation.h"

#include <fstream>
#include <system_error>

#include "system/installation.h"
#include "text/shell.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

// The path by which this process was called, argv[0].
fs::path called_by() {
  std::ifstream stream("/proc/self/cmdline", std::ios::binary);
  std::string word;
  std::getline(stream, word, '\0');
  return word;
}

// The shorter of the absolute and the relative path.
fs::path reached(const fs::path& path) {
  std::error_code error;
  const fs::path relative = fs::relative(path, error);
  const bool is_short =
      !error && !relative.empty() && relative.native().size() < path.native().size();
  return is_short ? relative : path;
}

}  // namespace

std::string program_word(const std::string& program) {
  const fs::path called = called_by();
  const fs::path beside = called.parent_path() / program;
  return called.has_parent_path() && is_program(beside) ? path_word(beside) : shell_word(program);
}

std::string get_data_word() {
  const fs::path script = installation_of(program_folder()).get_data;
  if (script.empty()) return "scripts/get-data.sh";
  const bool is_beside = script.parent_path() == program_folder();
  return is_beside ? program_word(script.filename()) : path_word(reached(script));
}

std::string path_word(const fs::path& path) {
  const bool looks_like_flag = path.native().starts_with('-');
  return shell_word(looks_like_flag ? "./" + path.string() : path.string());
}

}  // namespace snn

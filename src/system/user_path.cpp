#include "system/user_path.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "snn/text/error.h"
#include "text/message.h"

namespace snn {
namespace {

[[noreturn]] void fail(const std::string& problem) { throw Error(ExitCode::kUsage, problem); }

// The home folder of a user; an empty name means the current user.
std::string home_of(const std::string& user) {
  const char* home = user.empty() ? std::getenv("HOME") : nullptr;
  if (home != nullptr && *home != '\0') return home;
  const passwd* entry = user.empty() ? ::getpwuid(::getuid()) : ::getpwnam(user.c_str());
  return entry == nullptr || entry->pw_dir == nullptr ? "" : entry->pw_dir;
}

// The NAME in `$NAME/...` and `${NAME}/...`; empty for other paths.
std::string variable_of(std::string_view path) {
  if (!path.starts_with('$')) return "";
  std::string_view name = path.substr(1, path.find('/') - 1);
  if (name.starts_with('{') && name.ends_with('}')) name = name.substr(1, name.size() - 2);
  const auto is_of_name = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  return std::ranges::all_of(name, is_of_name) ? std::string(name) : "";
}

}  // namespace

std::string expand_path(std::string_view path) {
  const std::size_t first_end = std::min(path.find('/'), path.size());
  const std::string rest(path.substr(first_end));
  const std::string variable = variable_of(path);
  if (!variable.empty()) {
    const char* value = std::getenv(variable.c_str());
    const std::string meant =
        value == nullptr ? "" : "write " + std::string(value) + rest + ", or ";
    fail("expected a path, found " + quote(path) + ", which only a shell expands; " + meant + "./" +
         std::string(path) + " for a folder of that name");
  }
  if (!path.starts_with('~')) return std::string(path);
  const std::string user(path.substr(1, first_end - 1));
  const std::string home = home_of(user);
  if (home.empty()) {
    fail("expected a path, found " + quote(path) + ", but there is no " +
         (user.empty() ? "home folder" : "user " + quote(user)) + "; write ./" + std::string(path) +
         " for a folder of that name");
  }
  return home + rest;
}

}  // namespace snn

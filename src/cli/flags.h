#pragma once

#include <string>
#include <vector>

#include "cli/command_line.h"

namespace snn::cli {

/// A flag of a program's command line: an option or an action.
struct Flag {
  std::string name;
  char short_name;
  bool is_switch;
  std::string value;  ///< format of its value
  std::vector<std::string> choices;
  const Option* option;  ///< or null
  const Action* action;  ///< or null
};

/// All flags of `program`, in the order of its help; --help and similar ones at the end.
std::vector<Flag> flags_of(const Program& program);

}  // namespace snn::cli

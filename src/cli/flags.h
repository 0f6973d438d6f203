#pragma once

#include <string>
#include <vector>

#include "cli/command_line.h"

namespace snn::cli {

/// What may stand on a program's command line after dashes: an option or an action.
struct Flag {
  std::string name;
  char short_name;
  bool is_switch;
  std::string value;  ///< what its value looks like
  std::vector<std::string> choices;
  const Option* option;  ///< or null
  const Action* action;  ///< or null
};

/// All flags of `program`, in the order of its help; --help and its like at the end.
std::vector<Flag> flags_of(const Program& program);

}  // namespace snn::cli

#pragma once

#include <string>
#include <vector>

#include "cli/flags.h"

namespace snn::cli {

/// The words of a command line in an unambiguous form for CLI11, and the problems with them.
struct Rewritten {
  std::vector<std::string> words;
  std::vector<std::string> problems;
};

/// Rewrites each flag to `--name=value` with `program`'s own name: a flag's value is never mistaken
/// for a flag (--lr -1), a switch never consumes the positional argument (--quiet run), an empty
/// value is kept (--run-name=). All unknown flags, missing values and probable mistakes (-beta,
/// –beta, beta=0.9, --hidden 500 200) are reported, not only the first.
Rewritten rewrite(const Program& program, const std::vector<Flag>& flags,
                  std::vector<std::string> words);

}  // namespace snn::cli

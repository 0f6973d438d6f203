#pragma once

#include <string>
#include <vector>

#include "cli/flags.h"

namespace snn::cli {

/// The words of a command line so that CLI11 has nothing to guess, and what is wrong with them.
struct Rewritten {
  std::vector<std::string> words;
  std::vector<std::string> problems;
};

/// Makes `--name=value` of each flag, under the name that `program` has for it: a flag's value is
/// never taken for a flag (--lr -1), a switch never takes the positional argument for its value
/// (--quiet run), an empty value stays (--run-name=). Each unknown flag, missing value and word
/// that cannot be meant so (-beta, –beta, beta=0.9, --hidden 500 200) is reported, not only the
/// first.
Rewritten rewrite(const Program& program, const std::vector<Flag>& flags,
                  std::vector<std::string> words);

}  // namespace snn::cli

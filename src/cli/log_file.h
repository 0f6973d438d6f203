#pragma once

#include <spdlog/logger.h>

#include <filesystem>
#include <memory>
#include <string_view>

#include "cli/terminal.h"
#include "snn/train/config.h"

namespace snn::cli {

/// A run's log: what a logger says, with time and level, without colours, from debug on, appended
/// to a regular file that is no link. Nothing depends on it: one that cannot be opened or written
/// is a warning.
class LogFile {
 public:
  /// Has `logger` write to `path` too.
  LogFile(spdlog::logger& logger, const std::filesystem::path& path, const Config& config,
          Terminal& terminal);

  /// Writes what standard output or standard error is told in another way.
  void note(spdlog::level::level_enum level, std::string_view text);

  /// Of the open file; -1 if it is not.
  int descriptor() const;

 private:
  class Sink;
  std::shared_ptr<Sink> sink_;
};

}  // namespace snn::cli

#pragma once

#include <spdlog/logger.h>

#include <filesystem>
#include <memory>
#include <string_view>

#include "cli/terminal.h"
#include "snn/train/config.h"

namespace snn::cli {

/// A run's log: a logger's messages from level debug, with time and level but without colours,
/// appended to a regular file (not a link). Nothing depends on it: failing to open or write it
/// causes a warning.
class LogFile {
 public:
  /// Makes `logger` also write to `path`.
  LogFile(spdlog::logger& logger, const std::filesystem::path& path, const Config& config,
          Terminal& terminal);

  /// Logs a message that standard output or standard error receives in another form.
  void note(spdlog::level::level_enum level, std::string_view text);

  /// The descriptor of the open file, or -1.
  int descriptor() const;

 private:
  class Sink;
  std::shared_ptr<Sink> sink_;
};

}  // namespace snn::cli

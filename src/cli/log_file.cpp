#include "cli/log_file.h"

#include <fcntl.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

namespace snn::cli {
namespace {

// `text` without the escape codes of Terminal::styled().
std::string without_styles(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const std::size_t start = std::min(text.find("\033["), text.size());
    plain += text.substr(0, start);
    text.remove_prefix(std::min(text.find('m', start), text.size() - 1) + 1);
  }
  return plain;
}

// Opens the file to append to. Returns -1 with errno set if it cannot be opened, or if writing to
// it could block.
int open_to_append(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(),
                        O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
  struct stat facts {};
  if (fd < 0 || (::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode))) return fd;
  ::close(fd);
  errno = ENXIO;
  return -1;
}

std::string why_not_opened(int error) {
  if (error == ENXIO) return "not a regular file";
  if (error == ELOOP) return "it is a link";
  return std::strerror(error);
}

}  // namespace

class LogFile::Sink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  Sink(const std::filesystem::path& path, Terminal& terminal)
      : path_(path.string()), terminal_(terminal), file_(open_to_append(path)) {
    set_pattern("%Y-%m-%d %H:%M:%S %l %v");
    if (file_ < 0) warn(why_not_opened(errno));
  }
  ~Sink() override {
    if (file_ >= 0) ::close(file_);
  }

  int descriptor() const { return file_; }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (file_ < 0) return;
    const std::string text =
        without_styles(std::string_view(message.payload.data(), message.payload.size()));
    spdlog::details::log_msg plain = message;
    plain.payload = text;
    spdlog::memory_buf_t line;
    formatter_->format(plain, line);
    for (std::size_t done = 0; done < line.size();) {
      const ssize_t written = ::write(file_, line.data() + done, line.size() - done);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return warn(std::strerror(errno));
      done += static_cast<std::size_t>(written);
    }
  }
  void flush_() override {}

 private:
  void warn(const std::string& why) {
    if (std::exchange(is_told_, true)) return;
    terminal_.print(terminal_.yellow("warning: ") + "cannot write " + path_ + ": " + why +
                    "; training continues without it");
  }

  std::string path_;
  Terminal& terminal_;
  int file_;
  bool is_told_ = false;
};

LogFile::LogFile(spdlog::logger& logger, const std::filesystem::path& path, const Config& config,
                 Terminal& terminal)
    : sink_(std::make_shared<Sink>(path, terminal)) {
  sink_->set_level(std::min(spdlog::level::from_str(config.log_level), spdlog::level::debug));
  logger.sinks().push_back(sink_);
}

void LogFile::note(spdlog::level::level_enum level, std::string_view text) {
  sink_->log(spdlog::details::log_msg("", level, {text.data(), text.size()}));
}

int LogFile::descriptor() const { return sink_->descriptor(); }

}  // namespace snn::cli

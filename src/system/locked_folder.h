#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "system/files.h"

namespace snn {

/// A folder that this process alone writes in, locked for as long as the object lives; the lock
/// ends with the process at the latest, however that ends, and programs that are started do not
/// inherit it.
///
/// What is written goes into the folder that was locked or nowhere: another one that has taken its
/// place meanwhile is somebody else's.
class LockedFolder {
 public:
  /// Locks `path`; nothing if another process holds the lock. Throws Error(kUsage) if it is no
  /// folder that can be opened.
  static std::optional<LockedFolder> lock(const std::filesystem::path& path);

  LockedFolder(LockedFolder&& other) noexcept;
  LockedFolder& operator=(LockedFolder&& other) noexcept;
  ~LockedFolder();

  const std::filesystem::path& path() const { return path_; }
  /// On a file system without locks, which the folder is used on all the same: what the user should
  /// know of it. Else empty.
  const std::string& warning() const { return warning_; }

  /// Throws Error(kInternal) if path() is not this folder any more: removed, moved or replaced.
  void check() const;
  bool is_replaced() const;

  /// As those of train/files.h, after check(); `file` is path() / something.
  void write(const std::filesystem::path& file, std::string_view bytes,
             Flush flush = Flush::kToDisk) const;
  void remove(const std::filesystem::path& file) const;

 private:
  LockedFolder(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::filesystem::path path_;
  int fd_;
  std::string warning_;
};

/// Whether another process has locked a folder; not, if there is none.
bool is_locked(const std::filesystem::path& folder);

}  // namespace snn

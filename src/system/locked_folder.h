#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "system/files.h"

namespace snn {

/// A folder in which this process alone writes, locked during the object's lifetime; the lock ends
/// at the latest with the process, however that ends, and is not inherited by programs that it
/// starts.
///
/// Files are written into the folder that was locked or nowhere: a folder that has replaced it
/// belongs to somebody else.
class LockedFolder {
 public:
  /// Locks `path`; returns nothing if another process holds the lock. Throws Error(kUsage) if it is
  /// not a folder that can be opened.
  static std::optional<LockedFolder> lock(const std::filesystem::path& path);

  LockedFolder(LockedFolder&& other) noexcept;
  LockedFolder& operator=(LockedFolder&& other) noexcept;
  ~LockedFolder();

  const std::filesystem::path& path() const { return path_; }
  /// The warning for the user if the file system does not support locks, in which case the folder
  /// is used unlocked; else empty.
  const std::string& warning() const { return warning_; }

  /// Throws Error(kInternal) if path() is no longer this folder: it was removed, moved or replaced.
  void check() const;
  bool is_replaced() const;

  /// Like those of files.h, after check(); `file` is path() / something.
  void write(const std::filesystem::path& file, std::string_view bytes,
             Flush flush = Flush::kToDisk) const;
  void remove(const std::filesystem::path& file) const;

 private:
  LockedFolder(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::filesystem::path path_;
  int fd_;
  std::string warning_;
};

/// True if another process has locked a folder; false if it does not exist.
bool is_locked(const std::filesystem::path& folder);

}  // namespace snn

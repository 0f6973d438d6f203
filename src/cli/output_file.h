#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace snn::cli {

/// The problem with writing a file of `format` (".svg", ".csv", ".html") to `path` that can be
/// detected in advance, or nothing: the extension of another format, a folder, or a missing parent
/// folder.
std::string output_problem(const std::filesystem::path& path, std::string_view format);

/// Writes to the target of the path, which may be a pipe or a link. Throws Error(kInternal) on a
/// system error, and then leaves no partial file.
void write_text(const std::filesystem::path& path, std::string_view text);

}  // namespace snn::cli

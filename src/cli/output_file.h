#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace snn::cli {

/// What is wrong with `path` as a file of `format` (".svg", ".csv", ".html") to write, as far as
/// can be told before the work is done, or nothing: its name ends as files of another format do, it
/// is a folder, or it lies in none.
std::string output_problem(const std::filesystem::path& path, std::string_view format);

/// Writes into whatever the path leads to, as any program does: it may be a pipe, or a link. Throws
/// Error(kInternal) when the system refuses; no part of a file is left then.
void write_text(const std::filesystem::path& path, std::string_view text);

}  // namespace snn::cli

#include "cli/output_file.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fstream>
#include <span>
#include <system_error>

#include "snn/text/error.h"
#include "text/message.h"
#include "text/shell.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;

// File extensions that users may expect, but which the programs do not write, or not here.
constexpr std::string_view kFormats[] = {
    ".svg",  ".svgz", ".png",  ".jpg",     ".jpeg",    ".gif", ".webp", ".avif", ".bmp",  ".tif",
    ".tiff", ".ico",  ".ppm",  ".pgm",     ".pdf",     ".eps", ".ps",   ".emf",  ".csv",  ".tsv",
    ".xls",  ".xlsx", ".ods",  ".parquet", ".feather", ".npy", ".npz",  ".pkl",  ".json", ".yaml",
    ".yml",  ".html", ".docx", ".md",      ".gz",      ".bz2", ".xz",   ".zst",  ".zip"};
// The formats to which rsvg-convert converts an .svg file.
constexpr std::string_view kConverted[] = {".png", ".pdf", ".eps", ".ps"};

bool is_among(std::string_view ending, std::span<const std::string_view> formats) {
  return std::ranges::find(formats, ending) != formats.end();
}

std::string format_problem(const fs::path& path, std::string_view format) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  if (ending == format || !is_among(ending, kFormats)) return "";
  std::string problem =
      "expected a " + std::string(format) + " file, found " + quote(path.string());
  if (format == ".svg" && is_among(ending, kConverted)) {
    fs::path drawing = path;
    drawing.replace_extension(format);
    problem +=
        "; write " + drawing.string() + " and convert it: " +
        shell_line({"rsvg-convert", "-f", ending.substr(1), "-o", path.string(), drawing.string()});
  }
  return problem;
}

}  // namespace

std::string output_problem(const fs::path& path, std::string_view format) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
  std::error_code ignored;
  if (!path.has_filename() || fs::is_directory(path, ignored)) {
    return "expected a file, found " + quote(path.string());
  }
  if (!fs::is_directory(folder, ignored)) {
    return "there is no folder " + folder.string();
  }
  return format_problem(path, format);
}

void write_text(const fs::path& path, std::string_view text) {
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  if (file << text << std::flush) return;
  const std::string why = std::generic_category().message(errno);
  // A partial table or picture is useless, and could be mistaken for a complete one.
  std::error_code ignored;
  const bool is_ours = file.is_open() && fs::is_regular_file(fs::symlink_status(path, ignored));
  if (is_ours) fs::remove(path, ignored);
  throw Error(ExitCode::kInternal, "cannot write " + path.string() + ": " + why);
}

}  // namespace snn::cli

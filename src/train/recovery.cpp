#include "train/recovery.h"

#include <optional>

#include "snn/text/error.h"
#include "snn/train/run_directory.h"
#include "system/files.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

// Reads a checkpoint; returns nothing and sets `problem` if it is missing or damaged.
std::optional<Checkpoint> read(const fs::path& path, std::string& problem) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  const bool is_known = !error || status.type() == fs::file_type::not_found;
  if (is_known && !fs::is_regular_file(status)) {
    problem = path.string() + (fs::exists(status) ? ": not a regular file" : ": no such file");
    return std::nullopt;
  }
  // An unreadable file may be intact.
  const std::string bytes = read_file(path, ExitCode::kCheckpoint);
  try {
    return deserialize(bytes, path.string());
  } catch (const LaterVersion&) {
    throw;
  } catch (const Error& found) {
    problem = found.what();
    return std::nullopt;
  }
}

}  // namespace

RunCheckpoint load_run_checkpoint(const fs::path& path, bool reported) {
  const fs::path meant = find_checkpoint(path, reported);
  if (meant == path) return {path, load_checkpoint(path), ""};
  std::string problem, other_problem;
  if (auto found = read(meant, problem)) return {meant, std::move(*found), ""};
  const bool is_best = meant.filename() == "best.safetensors";
  const fs::path other = meant.parent_path() / (is_best ? "last.safetensors" : "best.safetensors");
  if (auto found = read(other, other_problem)) return {other, std::move(*found), problem};
  throw Error(ExitCode::kCheckpoint, problem + "; there is no other checkpoint: " + other_problem);
}

}  // namespace snn

#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/program_test.h"
#include "system/locked_folder.h"
#include "text/csv.h"

namespace snn::cli {

using Row = std::map<std::string, std::string>;

/// The rows of a CSV file by column names.
inline std::vector<Row> rows(const std::filesystem::path& csv) {
  const Csv table = parse_csv(bytes_of(csv), csv.string());
  std::vector<Row> all(table.rows.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const std::string& name : table.header) all[i][name] = table.cell(i, name);
  }
  return all;
}

/// The rows without the columns that depend on time.
inline std::vector<Row> timeless_rows(const std::filesystem::path& csv) {
  std::vector<Row> all = rows(csv);
  for (Row& row : all) {
    for (const char* column : {"seconds", "samples_per_second", "peak_memory_mb", "threads"}) {
      EXPECT_EQ(row.erase(column), 1u) << column;
    }
  }
  return all;
}

inline std::vector<std::string> column(const std::vector<Row>& rows, const std::string& name) {
  std::vector<std::string> all;
  for (const Row& row : rows) all.push_back(row.at(name));
  return all;
}

/// Tests of sweeps of small networks.
class SnnSweep : public ProgramTest {
 protected:
  ProcessResult sweep_small(const Words& words, const ProcessOptions& options = {}) const {
    return sweep(base() + words, options);
  }
  /// The options of small_training() for a network whose size may be swept.
  static Words base() { return {"--data-dir", fixture(), "-T", "5", "-b", "32", "-e", "2"}; }

  /// Runs a sweep in DIR of a short run and three long ones, and calls `act` when the short one is
  /// finished and a long one is in progress.
  ProcessResult sweep_long(
      const std::string& dir, const std::function<void(pid_t)>& act = [](pid_t) {}) const {
    write_text(path("long.yaml"),
               "options: {batch-size: 2}\n"
               "parameters:\n"
               "  - {steps: {value: 5}, hidden: {value: 10}, epochs: {value: 1}}\n"
               "  - {steps: {value: 2000}, hidden: {values: [300, 20, 10]}, epochs: {value: 5}}\n");
    bool is_done = false;
    ProcessOptions options;
    options.on_err = [&](pid_t child, const std::string& err) {
      if (is_done || err.find("1/4  done") == std::string::npos) return;
      is_done = true;
      const std::string checkpoint =
          dir + "/runs/steps=2000_hidden=300_epochs=5_seed=1/checkpoints/last.safetensors";
      while (!std::filesystem::exists(path(checkpoint))) sched_yield();
      EXPECT_THAT(column(rows(path(dir + "/sweep.csv")), "status"),
                  testing::ElementsAre("done", "pending", "pending", "pending"));
      act(child);
    };
    return sweep({"long.yaml", "--data-dir", fixture(), "--out-dir", dir}, options);
  }

  /// Expects that no process is training in the folders of the runs.
  void expect_nobody_in(const std::string& runs) const {
    for (const auto& entry : std::filesystem::directory_iterator(path(runs))) {
      if (entry.is_symlink()) continue;
      EXPECT_FALSE(is_locked(entry.path())) << entry.path();
    }
  }

  void write_program(const std::string& name, const std::string& script) const {
    write_text(path(name), "#!/bin/sh\n" + script);
    std::filesystem::permissions(path(name), std::filesystem::perms::owner_all);
  }

  /// Provides a fake Slurm on the PATH: sbatch does `action` with the script in $script.
  ProcessOptions with_slurm(const std::string& action, const std::string& squeue) const {
    std::filesystem::create_directory(path("bin"));
    write_program("bin/sbatch", "for script; do :; done\necho \"$@\" >>sbatch.log\n" + action +
                                    "\necho '42;cluster'\n");
    write_program("bin/squeue", squeue);
    return {
        .environment = {{"PATH", path("bin").string() + ":" + std::string(std::getenv("PATH"))}}};
  }
};

}  // namespace snn::cli

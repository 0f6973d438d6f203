#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "snn/train/training_run.h"
#include "support/error_of.h"
#include "support/training.h"
#include "train/tensorboard.h"

namespace snn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Expects the event file to have exactly one point for each row of metrics.csv, with the same
// values.
void expect_events_of_all_rows(const RunInFolder& run) {
  constexpr std::size_t kWallTime = 9;  // bytes
  const std::string bytes = bytes_of(run.directory.events());
  const auto records = read_records(bytes);
  const auto rows = run.metrics();
  ASSERT_EQ(records.size(), 1 + rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(records[i + 1].substr(kWallTime), to_event(rows[i], run.network, 0).substr(kWallTime))
        << i;
  }
}

TEST_F(TrainingRunTest, KeepsTheEventFileInStepWithTheMetrics) {
  Config config = small_config();
  config.tensorboard = true;
  RunInFolder unbroken(folder("whole"), config);
  unbroken.training.run();
  expect_events_of_all_rows(unbroken);
  for (const int stop : {0, 3, 7, 8, 11}) {
    const fs::path path = folder(std::to_string(stop));
    RunInFolder(path, config, stop_at(stop)).training.run();
    RunInFolder resumed(path, config);
    // A kill in the middle of writing leaves a partial record.
    if (fs::exists(resumed.directory.events())) {
      fs::resize_file(resumed.directory.events(), fs::file_size(resumed.directory.events()) - 3);
    }
    ASSERT_EQ(resumed.go_on(), Outcome::kFinished);
    expect_events_of_all_rows(resumed);
  }
}

TEST_F(TrainingRunTest, CatchesUpWithAnEventFileThatIsAskedForLater) {
  Config config = small_config();
  config.lr_schedule = {};
  RunInFolder(folder("a"), config).training.run();
  EXPECT_FALSE(fs::exists(folder("a") / "events.out.tfevents.snn-train"));
  config.tensorboard = true;
  config.epochs = 4;
  RunInFolder later(folder("a"), config);
  later.go_on();
  expect_events_of_all_rows(later);
}

TEST_F(TrainingRunTest, KeepsItsCheckpointsWhenTheEventFileCannotBeWritten) {
  Config config = small_config();
  config.lr_schedule = {};
  config.epochs = 1;
  RunInFolder(folder("a"), config).training.run();
  config.tensorboard = true;
  config.epochs = 2;
  fs::create_directory(folder("a") / "events.out.tfevents.snn-train");
  const std::string error = error_of([&] { RunInFolder(folder("a"), config).go_on(); });
  EXPECT_THAT(error, HasSubstr("events.out.tfevents.snn-train: not a regular file"));
  fs::remove(folder("a") / "events.out.tfevents.snn-train");
  RunInFolder again(folder("a"), config);
  EXPECT_EQ(again.go_on(), Outcome::kFinished);
  expect_events_of_all_rows(again);
}

// The tests run as root, who ignores permissions; a folder in the place of the file obstructs it
// instead. It exists from the start of epoch `first` to before epoch `last`.
Observer obstruct(const fs::path& file, std::int64_t first, std::int64_t last,
                  std::vector<std::string>& warnings) {
  fs::path obstacle = file;
  obstacle += ".tmp";
  Observer observer;
  observer.epoch = [=](const EpochReport& report) {
    if (report.row.epoch + 1 == first) fs::create_directories(obstacle);
    if (report.row.epoch + 1 == last) fs::remove(obstacle);
  };
  observer.warning = [&](const std::string& text) { warnings.push_back(text); };
  return observer;
}

TEST_F(TrainingRunTest, GoesOnWhenACheckpointCannotBeWrittenAndFailsInTheEnd) {
  std::vector<std::string> warnings;
  const fs::path last = folder("a") / "checkpoints/last.safetensors";
  RunInFolder run(folder("a"), small_config(), obstruct(last, 2, 9, warnings));
  const std::string text = error_of(ExitCode::kInternal, [&] { run.training.run(); });
  EXPECT_EQ(text, "cannot write " + last.string() + ": Is a directory");
  EXPECT_THAT(warnings, ElementsAre(text + "; training continues")) << "not after the last epoch";
  EXPECT_EQ(run.training.rows().back().epoch, 3);
  EXPECT_EQ(epoch_of(last), 1) << "the last one that could be written";
}

TEST_F(TrainingRunTest, MakesUpForACheckpointThatCouldNotBeWritten) {
  RunInFolder unbroken(folder("whole"), small_config());
  unbroken.training.run();
  for (const char* name : {"checkpoints/last.safetensors", "metrics.csv"}) {
    const fs::path path = folder(fs::path(name).stem());
    std::vector<std::string> warnings;
    RunInFolder run(path, small_config(), obstruct(path / name, 2, 3, warnings));
    EXPECT_EQ(run.training.run(), Outcome::kFinished);
    EXPECT_EQ(warnings.size(), 1u);
    EXPECT_EQ(run.last(), unbroken.last());
    EXPECT_EQ(timeless(run.metrics()), timeless(unbroken.metrics()));
  }
}

TEST_F(TrainingRunTest, DoesNotBeginWithoutACheckpoint) {
  fs::create_directories(folder("a") / "checkpoints/last.safetensors.tmp");
  std::vector<MetricsRow> rows;
  std::vector<std::string> warnings;
  Observer observer;
  observer.epoch = [&](const EpochReport& report) { rows.push_back(report.row); };
  observer.warning = [&](const std::string& text) { warnings.push_back(text); };
  RunInFolder run(folder("a"), small_config(), observer);
  EXPECT_THAT(error_of(ExitCode::kInternal, [&] { run.training.run(); }),
              HasSubstr("cannot write " + run.directory.last().string()));
  EXPECT_THAT(rows, IsEmpty());
  EXPECT_THAT(warnings, IsEmpty());
}

}  // namespace
}  // namespace snn

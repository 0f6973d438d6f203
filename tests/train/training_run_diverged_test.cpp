#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>

#include "snn/train/training_run.h"
#include "support/error_of.h"
#include "support/training.h"

namespace snn {
namespace {

using testing::HasSubstr;

TEST_F(TrainingRunTest, StopsWhenItDiverges) {
  Config config = small_config();
  config.lr_schedule = {};
  config.lr_warmup = 0;
  config.lr = 1e38;  // close to the largest float
  RunInFolder run(folder("a"), config);
  const std::string text = error_of(ExitCode::kDiverged, [&] { run.training.run(); });
  EXPECT_THAT(text, HasSubstr("training diverged in epoch 1, step 2: loss "));
  EXPECT_THAT(text, HasSubstr("try a lower --lr or --clip-grad-norm 1"));
  EXPECT_THAT(text, HasSubstr(run.directory.last().string()));
  EXPECT_EQ(load_checkpoint(run.directory.last()).progress, Progress{});
}

TEST_F(TrainingRunTest, KeepsTheCheckpointsOfTheEpochBeforeItDiverged) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  ScriptedEngine bad_loss, bad_gradient;
  bad_loss.losses = {3, 2, std::nan(""), 1};
  bad_gradient.losses = {3, 2, 1, 1};
  int number = 0;
  for (const ScriptedEngine& script : {bad_loss, bad_gradient}) {
    auto engine = std::make_unique<ScriptedEngine>(script);
    ScriptedEngine* const watched = engine.get();
    std::string last;
    const fs::path path = folder("run" + std::to_string(++number));
    Observer observer;
    observer.epoch = [&](const EpochReport& report) {
      if (report.row.epoch != 2) return;
      last = bytes_of(path / "checkpoints/last.safetensors");
      if (number == 2) watched->gradient_norm = kInfinity;
    };
    RunInFolder run(path, scripted_config(4, 0), observer, std::move(engine));
    EXPECT_THAT(error_of(ExitCode::kDiverged, [&] { run.training.run(); }),
                HasSubstr("training diverged in epoch 3, step 3: loss " +
                          std::string(number == 2 ? "1, gradient norm inf" : "nan")));
    EXPECT_EQ(run.last(), last);
    EXPECT_EQ(epoch_of(run.directory.last()), 2);
    EXPECT_EQ(run.metrics().size(), 3u);
  }
}

TEST_F(TrainingRunTest, DoesNotKeepAnEpochWhoseLastStepRuinedTheWeights) {
  ScriptedEngine script;
  script.losses = {3, 2};
  script.evaluation_losses = {3, 2, std::nan("")};
  RunInFolder run(folder("run"), scripted_config(2, 0), {},
                  std::make_unique<ScriptedEngine>(script));
  EXPECT_THAT(error_of(ExitCode::kDiverged, [&] { run.training.run(); }),
              HasSubstr("training diverged in epoch 2, step 2: evaluation loss nan"));
  EXPECT_EQ(epoch_of(run.directory.last()), 1);
  EXPECT_EQ(run.metrics().size(), 2u);
}

// The loss does not show it, since a neuron whose current is NaN never spikes.
TEST_F(TrainingRunTest, NeverSavesWhatIsNotFinite) {
  ScriptedEngine script;
  script.losses = {1, 1, 1};
  script.weights = {0, 1, NAN, 0};
  RunInFolder run(folder("run"), scripted_config(3, 0), {},
                  std::make_unique<ScriptedEngine>(script));
  EXPECT_EQ(error_of(ExitCode::kDiverged, [&] { run.training.run(); }),
            "training diverged in epoch 2, step 2: fc2.weight holds nan, learning rate 0.01, last "
            "finite loss 1; try a lower --lr or --clip-grad-norm 1. The last good checkpoint is " +
                run.directory.last().string() + ", after epoch 1");
  EXPECT_EQ(epoch_of(run.directory.last()), 1);
  EXPECT_EQ(run.metrics().size(), 2u);
  EXPECT_EQ(run.training.progress().epoch, 1);
}

TEST_F(TrainingRunTest, LeavesNothingToGoOnWithWhenItFailsAtOnce) {
  ScriptedEngine script;
  script.fails_at_once = true;
  RunInFolder run(folder("run"), scripted_config(3, 0), {},
                  std::make_unique<ScriptedEngine>(script));
  EXPECT_THROW(run.training.run(), std::runtime_error);
  EXPECT_FALSE(fs::exists(run.directory.last()));
  EXPECT_FALSE(fs::exists(run.directory.metrics()));
}

TEST_F(TrainingRunTest, FindsOutBeforeTrainingThatTheFirstLossIsNotFinite) {
  ScriptedEngine script;
  script.losses = {3, 2};
  script.evaluation_losses = {std::numeric_limits<double>::infinity(), 2, 2};
  RunInFolder run(folder("run"), scripted_config(2, 0), {},
                  std::make_unique<ScriptedEngine>(script));
  EXPECT_THAT(error_of(ExitCode::kDiverged, [&] { run.training.run(); }),
              testing::AllOf(HasSubstr("training diverged in epoch 0, step 0: evaluation loss inf"),
                             testing::Not(HasSubstr("last finite loss"))));
  EXPECT_FALSE(fs::exists(run.directory.metrics()));
}

}  // namespace
}  // namespace snn

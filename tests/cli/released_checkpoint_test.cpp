// Checkpoints of version 0.1, in tests/data/checkpoints-0.1: four networks after two epochs on
// mnist-200, by each engine that supports them, and after three.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cli/program_test.h"
#include "snn/train/checkpoint.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;

struct Released {
  const char* name;
  const char* engine;
  double accuracy, loss;  // as evaluated by version 0.1
};

// The name of a test case in gtest's output.
void PrintTo(const Released& released, std::ostream* stream) { *stream << released.name; }

fs::path file_of(const Released& released, int epochs) {
  return fs::path(SNN_TEST_DATA_DIR) / "checkpoints-0.1" /
         (std::string(released.name) + "-" + released.engine + "-" + std::to_string(epochs) +
          ".safetensors");
}

class ReleasedCheckpoint : public ProgramTest, public testing::WithParamInterface<Released> {};

TEST_P(ReleasedCheckpoint, EvaluatesAsItDid) {
  const ProcessResult result = run_process(
      {SNN_EVAL_BINARY, file_of(GetParam(), 2).string(), "--data-dir", fixture(), "--json"}, {});
  ASSERT_EQ(result.code, 0) << result.err;
  const auto json = nlohmann::ordered_json::parse(result.out);
  EXPECT_DOUBLE_EQ(json.at("accuracy"), GetParam().accuracy);
  // The order of summation in float32 depends on the processor.
  EXPECT_NEAR(json.at("loss"), GetParam().loss, 1e-5 * GetParam().loss);
}

// The largest difference between the numbers of two states.
double difference(const EngineState& one, const EngineState& other) {
  double largest = 0;
  EXPECT_EQ(one.tensors.size(), other.tensors.size());
  for (const auto& [name, tensor] : one.tensors) {
    const auto found = other.tensors.find(name);
    if (found == other.tensors.end() || found->second.shape != tensor.shape) {
      ADD_FAILURE() << name;
      continue;
    }
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      largest = std::max(largest, std::abs(static_cast<double>(tensor.values[i]) -
                                           static_cast<double>(found->second.values[i])));
    }
  }
  return largest;
}

TEST_P(ReleasedCheckpoint, ResumesToWhatItBecame) {
  const fs::path run = path("runs/released/checkpoints/last.safetensors");
  fs::create_directories(run.parent_path());
  fs::copy_file(file_of(GetParam(), 2), run);
  const ProcessResult result =
      train({"--resume", "runs/released", "--data-dir", fixture(), "-e", "3", "--engine",
             GetParam().engine, "--simd", "generic", "--threads", "1"});
  ASSERT_EQ(result.code, 0) << result.err;
  const Checkpoint now = load_checkpoint(run), then = load_checkpoint(file_of(GetParam(), 3));
  EXPECT_EQ(now.network, then.network);
  EXPECT_EQ(now.state.step, then.state.step);
#if defined(__x86_64__)
  // The fused engine reproduces its bits per instruction set; the reference engine depends on the
  // BLAS, whose rounding changes Adam's steps of 0.001 by far less than this tolerance.
  const double tolerance = std::string(GetParam().engine) == "fused" ? 0 : 1e-4;
#else
  const double tolerance = 1e-4;
#endif
  EXPECT_LE(difference(now.state, then.state), tolerance);
}

INSTANTIATE_TEST_SUITE_P(Each, ReleasedCheckpoint,
                         testing::Values(Released{"default", "fused", 0.34, 16.88462675969709},
                                         Released{"default", "reference", 0.34, 16.884626735885398},
                                         Released{"learned", "fused", 0.1, 0.6886666666666666},
                                         Released{"learned", "reference", 0.1, 0.6886666666666666},
                                         Released{"sgd", "fused", 0.34, 1.9161963473907144},
                                         Released{"sgd", "reference", 0.34, 1.9161963473907144},
                                         Released{"layers", "reference", 0.1, 13.899429321289062}),
                         [](const auto& each) {
                           return std::string(each.param.name) + "_" + each.param.engine;
                         });

}  // namespace
}  // namespace snn::cli

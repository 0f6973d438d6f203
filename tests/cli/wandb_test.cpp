// Sweep files in the format of Weights & Biases.

#include <gmock/gmock.h>

#include "cli/program_test.h"

namespace snn::cli {
namespace {

using testing::HasSubstr;

class Wandb : public ProgramTest {
 protected:
  ProcessResult plan(const std::string& yaml) const {
    write_text(path("w.yaml"), yaml);
    return sweep({"w.yaml", "--dry-run"});
  }
};

constexpr const char* kWhole = R"(program: train.py
project: snn-mnist
entity: lab
name: beta-and-width
method: random
run_cap: 4
metric:
  name: validation_accuracy
  goal: maximize
parameters:
  learning_rate: {distribution: log_uniform_values, min: 1.0e-4, max: 1.0e-2}
  beta: {distribution: uniform, min: 0.5, max: 0.99}
  hidden_size: {values: [100, 200]}
  batch_size: {distribution: q_log_uniform_values, q: 8, min: 32, max: 256}
  num_steps: {value: 10}
  optimizer: {values: [Adam, SGD]}
  dataset: {value: MNIST}
  validation: {value: 1000}
early_terminate: {type: hyperband, min_iter: 3, eta: 3}
command: ["${env}", python, "${program}", "${args}"]
)";

TEST_F(Wandb, FilesAreTakenWhole) {
  const ProcessResult result = plan(kWhole);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("4 runs in sweeps/w"));
  EXPECT_THAT(result.out, HasSubstr("--steps 10"));
  EXPECT_THAT(
      result.err,
      HasSubstr("note: w.yaml: ignored, because only W&B uses it: program, project, entity, "
                "command\n"));
  EXPECT_THAT(result.err, HasSubstr("method: successive-halving with min_epochs: 3 and eta: 3"));
  // The values are multiples of 8 from 32 to 256.
  std::size_t at = 0, found = 0;
  while ((at = result.out.find("--batch-size ", at)) != std::string::npos) {
    const int size = std::stoi(result.out.substr(at += 13));
    EXPECT_EQ(size % 8, 0);
    EXPECT_TRUE(size >= 32 && size <= 256) << size;
    ++found;
  }
  EXPECT_EQ(found, 4u);
}

TEST_F(Wandb, ConstantsAndCategoriesAreValues) {
  const ProcessResult result = plan(
      "parameters:\n  beta: {distribution: categorical, values: [0.5, 0.9]}\n"
      "  lr: {distribution: constant, value: 0.01}\n  learn_beta: {values: [True, False]}\n");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("4 runs"));
  EXPECT_THAT(result.out, HasSubstr("--lr 0.01"));
  EXPECT_THAT(plan("parameters: {lr: {distribution: constant, min: 1, max: 2}}").err,
              HasSubstr("lr: expected values, or value, or both min and max"));
}

TEST_F(Wandb, LogUniformIsOfExponents) {
  const std::string head = "method: random\nrun_cap: 5\nparameters:\n  lr: ";
  const ProcessResult result =
      plan(head + "{distribution: log_uniform, min: -9.210340371976182, max: -4.605170185988091}");
  EXPECT_EQ(result.code, 0) << result.err;
  // 0.0001 is exp(-9.21...).
  EXPECT_THAT(result.err, HasSubstr("lr: log_uniform draws from exp(-9.210340371976182) = 0.0001 "
                                    "to exp(-4.605170185988091) = 0.01\n"));
  std::size_t at = 0, found = 0;
  while ((at = result.out.find("--lr ", at)) != std::string::npos) {
    const double lr = std::stod(result.out.substr(at += 5));
    EXPECT_TRUE(lr >= 0.0001 && lr <= 0.01) << lr;
    ++found;
  }
  EXPECT_EQ(found, 5u);

  for (const char* ends : {"min: 0.0001, max: 0.01", "min: 1, max: 1000"}) {
    const ProcessResult refused = plan(head + "{distribution: log_uniform, " + ends + "}");
    EXPECT_EQ(refused.code, 2) << ends;
    EXPECT_THAT(refused.err, HasSubstr("use log_uniform_values")) << ends;
  }
}

TEST_F(Wandb, WhatIsNotOfferedIsNamed) {
  const std::string head = "method: random\nrun_cap: 5\nparameters:\n  lr: ";
  EXPECT_THAT(plan("method: bayes\nparameters: {lr: {values: [1, 2]}}").err,
              HasSubstr("method: bayes is not supported; expected random with run_cap: N"));
  EXPECT_THAT(plan(head + "{distribution: normal, mu: 0, sigma: 1}").err,
              HasSubstr("distribution: expected constant, categorical, uniform, q_uniform,"));
  EXPECT_THAT(plan(head + "{values: [1, 2], probabilities: [0.5, 0.5]}").err,
              HasSubstr("probabilities are not supported"));
  EXPECT_THAT(plan(head + "{min: 1, max: 2, q: 0.5}").err,
              HasSubstr("q is only valid with q_uniform"));
  EXPECT_THAT(plan("method: random\nrun_cap: 2\nparameters:\n  hidden: {distribution: q_uniform, "
                   "q: 100, min: 10, max: 90}")
                  .err,
              HasSubstr("hidden: no multiple of q = 100 lies between min and max"));
  const std::string metric = "parameters: {lr: {values: [1, 2]}}\nmetric: {name: ";
  EXPECT_THAT(plan(metric + "val_acc}").err, HasSubstr("did you mean 'validation_accuracy'?"));
  EXPECT_THAT(plan(metric + "test/loss}").err, HasSubstr("did you mean 'test_loss'?"));
}

TEST_F(Wandb, MapsAreMergedInSweepsToo) {
  const ProcessResult result = plan(
      "base: &base {epochs: 3, hidden: 20}\n"
      "options: {<<: *base, lr: 0.01}\n"
      "parameters: {beta: {values: [0.5, 0.9]}}\n");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("--hidden 20"));
}

}  // namespace
}  // namespace snn::cli

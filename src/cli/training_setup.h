#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

#include "cli/resume.h"
#include "cli/terminal.h"
#include "snn/engine/engine.h"
#include "snn/network/network_spec.h"
#include "snn/train/summary.h"
#include "snn/train/training_data.h"

namespace snn::cli {

/// All components of a run, built and checked before anything is written.
struct Setup {
  Start start;
  TrainingData data;
  NetworkSpec network;
  EngineOptions engine_options;
  std::unique_ptr<Engine> engine;

  const Config& config() const { return start.config; }
};

/// Throws an Error with all problems that prevent training.
Setup build(Start start);

RunFacts facts(const Setup& setup, Outcome outcome = Outcome::kFinished);

/// Prints the network, the data and the program of the run.
void log_banner(const Setup& setup, const std::string& program, const Terminal& terminal,
                spdlog::logger& log);

}  // namespace snn::cli

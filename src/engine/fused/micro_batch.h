#pragma once

#include <cstdint>
#include <vector>

#include "engine/fused/fused_network.h"
#include "snn/engine/engine.h"

namespace snn::fused {

/// Samples that a step computes at once.
struct MicroBatch {
  NetworkInput input;
  std::vector<std::uint8_t> labels;
  std::vector<std::uint32_t> samples;
};

/// A batch that prepare() made for a step.
struct PreparedFused : PreparedBatch::Content {
  const Engine* engine = nullptr;  // the engine that has checked it
  std::uint64_t epoch = 0;
  std::vector<MicroBatch> parts;
};

/// Lends an input to a network during the object's lifetime.
class InputLoan {
 public:
  InputLoan(FusedNetwork& network, NetworkInput& input) : network_(network), input_(input) {
    network_.swap_input(input_);
  }
  InputLoan(const InputLoan&) = delete;
  InputLoan& operator=(const InputLoan&) = delete;
  ~InputLoan() { network_.swap_input(input_); }

 private:
  FusedNetwork& network_;
  NetworkInput& input_;
};

/// Lends the averages of the parameters to a network during the object's lifetime.
class AverageLoan {
 public:
  AverageLoan(FusedNetwork& network, bool has_averages)
      : network_(has_averages ? &network : nullptr) {
    if (network_ != nullptr) network_->swap_averages();
  }
  AverageLoan(const AverageLoan&) = delete;
  AverageLoan& operator=(const AverageLoan&) = delete;
  ~AverageLoan() {
    if (network_ != nullptr) network_->swap_averages();
  }

 private:
  FusedNetwork* network_;
};

}  // namespace snn::fused

#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "engine/optimizer.h"

namespace snn {

/// The moving average of parameters, see OptimizerOptions::ema.
class WeightAverage {
 public:
  /// Begins with the parameters as they are; keeps nothing if `ema` is 0.
  WeightAverage(double ema, const NamedParameters& parameters);

  /// Follows the parameters after optimiser step `step`, counted from 1.
  void update(std::int64_t step);
  /// Begins anew with the parameters as they are.
  void restart();

  /// "PARAMETER" -> the average itself, not a copy.
  const NamedParameters& tensors() const { return averages_; }

  /// Lends the averages to the parameters during the object's lifetime.
  class Loan {
   public:
    explicit Loan(WeightAverage& average) : average_(average) { average_.swap(); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() { average_.swap(); }

   private:
    WeightAverage& average_;
  };

 private:
  void swap();

  double ema_;
  std::vector<torch::Tensor> parameters_;
  NamedParameters averages_;
};

}  // namespace snn

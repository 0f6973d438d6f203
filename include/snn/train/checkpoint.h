#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "snn/engine/host_tensor.h"
#include "snn/network/network_spec.h"
#include "snn/text/error.h"
#include "snn/train/config.h"

namespace snn {

/// Sums over the batches of the current epoch.
struct EpochSums {
  double loss = 0.0;           ///< sum of the samples' losses
  double gradient_norm = 0.0;  ///< sum of the batches' gradient norms
  std::int64_t correct = 0;
  std::int64_t samples = 0;
  double penalty = 0.0;  ///< sum of the regulariser over the batches
  bool operator==(const EpochSums&) const = default;
};

/// The epoch with the best weights so far: by validation accuracy, or by training loss without a
/// validation set.
struct Best {
  std::int64_t epoch = 0;
  double value = 0.0;
  bool operator==(const Best&) const = default;
};

/// The progress of a run. Together with the seed it determines every random number still to be
/// drawn.
struct Progress {
  std::int64_t epoch = 0;  ///< completed epochs
  std::int64_t batch = 0;  ///< completed batches of the next one
  EpochSums sums;          ///< over those batches
  std::optional<Best> best;
  bool operator==(const Progress&) const = default;
};

/// The progress of a run in words: "epoch 5", or within an epoch "epoch 4 and 123 of 469 batches of
/// the next"; the size of an epoch is derived from `step`, the number of optimiser steps.
std::string to_string(const Progress& progress, std::int64_t step);

/// Everything needed to evaluate a network and to resume its training bit for bit. Only the result
/// options of `config` are stored: no time, host or path, so that equal runs give equal bytes.
struct Checkpoint {
  Config config;
  NetworkSpec network;
  std::string train_digest;  ///< digest of the training data (Dataset::digest)
  std::string test_digest;
  Progress progress;
  EngineState state;
};

/// A safetensors file: the tensors of `state` by their names, the rest as metadata. The header
/// starts with exactly `{"__metadata__":{"digest":"crc32:XXXXXXXX",` where XXXXXXXX is the CRC-32
/// of the whole file with these eight digits as '0'.
std::string serialize(const Checkpoint& checkpoint);

/// A checkpoint was written by a later version of the program; it is not damaged.
class LaterVersion : public Error {
 public:
  explicit LaterVersion(const std::string& message) : Error(ExitCode::kCheckpoint, message) {}
};

/// The checkpoint in `bytes`; `name` is its name in messages. The digest is checked before anything
/// else is read; then ranges of numbers, consistency of network and options, shapes of weights, and
/// finiteness of all values. Throws Error(kCheckpoint), or LaterVersion for a checkpoint of a later
/// version.
Checkpoint deserialize(std::string_view bytes, const std::string& name);

Checkpoint load_checkpoint(const std::filesystem::path& path);

}  // namespace snn

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

/// Sums over the batches of an epoch that is under way.
struct EpochSums {
  double loss = 0.0;           ///< of the samples' losses
  double gradient_norm = 0.0;  ///< of the batches' gradient norms
  std::int64_t correct = 0;
  std::int64_t samples = 0;
  bool operator==(const EpochSums&) const = default;
};

/// The epoch whose weights were the best so far: by validation accuracy, or by training loss where
/// nothing is held out for validation.
struct Best {
  std::int64_t epoch = 0;
  double value = 0.0;
  bool operator==(const Best&) const = default;
};

/// How far a run has come. Together with the seed it fixes every random number still to be drawn.
struct Progress {
  std::int64_t epoch = 0;  ///< epochs finished
  std::int64_t batch = 0;  ///< batches done of the next one
  EpochSums sums;          ///< over those batches
  std::optional<Best> best;
  bool operator==(const Progress&) const = default;
};

/// How far a run has come, in words: "epoch 5", or within an epoch "epoch 4 and 123 of 469 batches
/// of the next"; `step` is the number of optimiser steps, from which the size of an epoch follows.
std::string to_string(const Progress& progress, std::int64_t step);

/// Everything needed to evaluate a network, and to go on training it bit for bit. Of `config` only
/// the result options are kept: no time, host or path, so that equal runs give equal bytes.
struct Checkpoint {
  Config config;
  NetworkSpec network;
  std::string train_digest;  ///< of the data it was trained on (Dataset::digest)
  std::string test_digest;
  Progress progress;
  EngineState state;
};

/// A safetensors file: the tensors of `state` by their names, the rest as metadata. The header
/// starts with exactly `{"__metadata__":{"digest":"crc32:XXXXXXXX",` where XXXXXXXX is the CRC-32
/// of the whole file with these eight digits as '0'.
std::string serialize(const Checkpoint& checkpoint);

/// Says that a later version of the program wrote a checkpoint: it is not damaged.
class LaterVersion : public Error {
 public:
  explicit LaterVersion(const std::string& message) : Error(ExitCode::kCheckpoint, message) {}
};

/// The checkpoint in `bytes`; `name` is what to call it in messages. The digest is checked before
/// anything else is read, and what is read is checked: numbers in their ranges, network and options
/// of one mind, weights of the network's shape, all values finite. Throws Error(kCheckpoint),
/// LaterVersion where it is that.
Checkpoint deserialize(std::string_view bytes, const std::string& name);

Checkpoint load_checkpoint(const std::filesystem::path& path);

}  // namespace snn

#include "snn/train/checkpoint.h"

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/config_text.h"
#include "system/files.h"
#include "text/json.h"
#include "text/message.h"
#include "train/checkpoint_check.h"
#include "train/safetensors.h"

namespace snn {
namespace {

constexpr const char* kFormat = "snn-train";
constexpr int kFormatVersion = 1;

void check_version(const std::string& text) {
  long long version = 0;
  if (!parse_integer(text, version) || version < 1) {
    throw Error(ExitCode::kCheckpoint, "its format_version is " + quote(text));
  }
  if (version > kFormatVersion) {
    throw LaterVersion("its format version is " + text + ", this program reads up to " +
                       std::to_string(kFormatVersion) + "; use a newer snn-train");
  }
}

std::string progress_to_json(const Progress& progress, std::int64_t step) {
  const EpochSums& sums = progress.sums;
  Json json = {{"epoch", progress.epoch},
               {"batch", progress.batch},
               {"step", step},
               {"loss_sum", sums.loss},
               {"gradient_norm_sum", sums.gradient_norm},
               {"penalty_sum", sums.penalty},
               {"correct", sums.correct},
               {"samples", sums.samples},
               {"best", nullptr}};
  if (progress.best) {
    json["best"] = {{"epoch", progress.best->epoch}, {"value", progress.best->value}};
  }
  return json.dump();
}

Progress progress_from_json(const std::string& text, std::int64_t& step) {
  const Json json = parse_json(text);
  const auto integer = [](const Json& object, const char* key) {
    return integer_of(object.at(key));
  };
  Progress progress;
  progress.epoch = integer(json, "epoch");
  progress.batch = integer(json, "batch");
  step = integer(json, "step");
  // Version 0.1 had no regulariser.
  progress.sums = {json.at("loss_sum"), json.at("gradient_norm_sum"), integer(json, "correct"),
                   integer(json, "samples"), json.value("penalty_sum", 0.0)};
  const Json& best = json.at("best");
  if (!best.is_null()) progress.best = Best{integer(best, "epoch"), best.at("value")};
  return progress;
}

}  // namespace

std::string to_string(const Progress& progress, std::int64_t step) {
  std::string text = "epoch " + std::to_string(progress.epoch);
  if (progress.batch == 0) return text;
  text += " and " + std::to_string(progress.batch);
  // The number of batches per epoch is unknown before the first epoch is completed.
  const std::int64_t before = step - progress.batch;
  if (progress.epoch > 0 && before > 0 && before % progress.epoch == 0) {
    text += " of " + std::to_string(before / progress.epoch);
  }
  return text + " batches of the next epoch";
}

std::string serialize(const Checkpoint& checkpoint) {
  const Json data = {{"train", checkpoint.train_digest}, {"test", checkpoint.test_digest}};
  safetensors::Content content;
  content.metadata = {{"format", kFormat},
                      {"format_version", std::to_string(kFormatVersion)},
                      {"config", result_options_to_json(checkpoint.config)},
                      {"network", to_json(checkpoint.network)},
                      {"data", data.dump()},
                      {"progress", progress_to_json(checkpoint.progress, checkpoint.state.step)}};
  content.tensors = checkpoint.state.tensors;
  return safetensors::encode(content);
}

Checkpoint deserialize(std::string_view bytes, const std::string& name) {
  safetensors::Content content = safetensors::decode(bytes, name);
  const auto metadata = [&](const std::string& key) -> const std::string& {
    for (const auto& [word, text] : content.metadata) {
      if (word == key) return text;
    }
    throw Error(ExitCode::kCheckpoint, "metadata key '" + key + "' is missing");
  };
  try {
    if (metadata("format") != kFormat) {
      throw Error(ExitCode::kCheckpoint,
                  "expected format " + quote(kFormat) + ", found " + quote(metadata("format")));
    }
    check_version(metadata("format_version"));
    Checkpoint checkpoint;
    checkpoint.config = config_from_json(metadata("config"));
    checkpoint.network = network_spec_from_json(metadata("network"));
    const auto data = parse_json(metadata("data"));
    checkpoint.train_digest = data.at("train");
    checkpoint.test_digest = data.at("test");
    checkpoint.progress = progress_from_json(metadata("progress"), checkpoint.state.step);
    checkpoint.state.tensors = std::move(content.tensors);
    check(checkpoint);
    return checkpoint;
  } catch (const LaterVersion& error) {
    throw LaterVersion(name + ": " + error.what());
  } catch (const std::exception& error) {
    throw Error(ExitCode::kCheckpoint, name + ": " + error.what());
  }
}

Checkpoint load_checkpoint(const std::filesystem::path& path) {
  return deserialize(read_file(path, ExitCode::kCheckpoint), path.string());
}

}  // namespace snn

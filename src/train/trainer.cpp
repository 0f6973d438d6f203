#include "snn/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <span>
#include <utility>

#include "message.h"
#include "snn/error.h"
#include "snn/random.h"
#include "snn/text.h"
#include "snn/train/schedule.h"
#include "snn/train/summary.h"
#include "train/files.h"
#include "train/tensorboard.h"

namespace snn {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::uint32_t> range(std::int64_t begin, std::int64_t end) {
  std::vector<std::uint32_t> indices(static_cast<std::size_t>(end - begin));
  std::iota(indices.begin(), indices.end(), static_cast<std::uint32_t>(begin));
  return indices;
}

// `limit` samples at most; 0 stands for all.
std::int64_t limited(std::int64_t size, std::int64_t limit) {
  return limit > 0 ? std::min(size, limit) : size;
}

// `what` has become infinite or NaN.
[[noreturn]] void throw_diverged(std::int64_t epoch, std::int64_t step, const std::string& what,
                                 double lr, double last_finite_loss,
                                 const std::filesystem::path& checkpoint) {
  throw Error(ExitCode::kDiverged,
              "training diverged in epoch " + std::to_string(epoch) + ", step " +
                  std::to_string(step) + ": " + what + ", learning rate " + format_real(lr) +
                  ", last finite loss " + format_real(last_finite_loss) +
                  "; try a lower --lr or --clip-grad-norm 1. The last good checkpoint is " +
                  checkpoint.string());
}

// The epochs from 0 to `last` that have no row: "0-2, 5".
std::string missing_epochs(const std::vector<MetricsRow>& rows, std::int64_t last) {
  std::vector<std::string> ranges;
  std::int64_t next = 0;
  const auto expect = [&](std::int64_t epoch) {
    const std::string first = std::to_string(next), before = std::to_string(epoch - 1);
    if (next < epoch) ranges.push_back(first == before ? first : first + "-" + before);
    next = epoch + 1;
  };
  for (const MetricsRow& row : rows) expect(row.epoch);
  expect(last + 1);
  return join(ranges, ", ");
}

}  // namespace

TrainingData load_training_data(const Config& config) {
  TrainingData data;
  data.train = load_dataset(config.dataset, Split::kTrain, config.data_dir);
  data.test = load_dataset(config.dataset, Split::kTest, config.data_dir);
  const std::int64_t size = data.train.size();
  if (config.validation >= size) {
    throw Error(ExitCode::kUsage, "validation: expected less than the " + std::to_string(size) +
                                      " training images, found " +
                                      std::to_string(config.validation));
  }
  const std::int64_t held_out = size - config.validation;
  data.train_indices = range(0, limited(held_out, config.limit_train));
  data.validation_indices = range(held_out, size);
  data.test_indices = range(0, limited(data.test.size(), config.limit_test));
  return data;
}

void restore(Engine& engine, const Checkpoint& checkpoint, const TrainingData& data) {
  if (checkpoint.train_digest != data.train.digest || checkpoint.test_digest != data.test.digest) {
    throw Error(ExitCode::kData, "the checkpoint was trained on other data: expected " +
                                     checkpoint.train_digest + " and " + checkpoint.test_digest +
                                     ", found " + data.train.digest + " and " + data.test.digest +
                                     " in " + data.train.directory.string());
  }
  engine.import_state(checkpoint.state);
}

Trainer::Trainer(Engine& engine, const TrainingData& data, Config config, NetworkSpec network,
                 const RunDirectory& directory, Observer observer)
    : engine_(engine),
      data_(data),
      config_(std::move(config)),
      network_(std::move(network)),
      directory_(directory),
      observer_(std::move(observer)) {}

void Trainer::resume(const Checkpoint& checkpoint) {
  restore(engine_, checkpoint, data_);
  progress_ = checkpoint.progress;
  const std::filesystem::path path = directory_.metrics();
  if (std::filesystem::exists(path)) {
    rows_ = metrics_from_csv(read_file(path, ExitCode::kCheckpoint), network_.layers.size(),
                             path.string());
  }
  std::erase_if(rows_, [&](const MetricsRow& row) { return row.epoch > progress_.epoch; });
  const std::string missing = missing_epochs(rows_, progress_.epoch);
  const bool is_new = step() == 0;  // the row of epoch 0 is still to come
  if (!is_new && !missing.empty() && observer_.warning) {
    observer_.warning(path.string() + ": the rows of these epochs are missing: " + missing);
  }
}

bool Trainer::is_finished() const {
  if (progress_.epoch >= config_.epochs) return true;
  return config_.patience > 0 && progress_.best &&
         progress_.epoch - progress_.best->epoch >= config_.patience;
}

Outcome Trainer::run() {
  const bool is_new = step() == 0;
  if (is_new) save(/*is_best=*/false);
  // Later ones may fail and be made up for; with no checkpoint at all there is nothing to go on
  // from.
  if (is_new && !unsaved_.empty()) throw Error(ExitCode::kInternal, unsaved_);
  // Those of a run that goes on: it may have ended before they were written.
  write_events();
  bool goes_on = fill_rows();
  while (goes_on && !is_finished()) goes_on = train_epoch() && finish_epoch();
  if (!goes_on) save(/*is_best=*/false);
  if (!unsaved_.empty()) throw Error(ExitCode::kInternal, unsaved_);
  if (goes_on && reported_row(config_, progress_, rows_) == nullptr) {
    throw Error(ExitCode::kCheckpoint, directory_.metrics().string() +
                                           ": the row of the best epoch is missing, and " +
                                           directory_.best().string() + " is of another epoch");
  }
  return goes_on ? Outcome::kFinished : Outcome::kInterrupted;
}

// Evaluates what has no row yet, but is at hand: the weights of now (epoch 0, most often), and the
// best ones if the summary is going to report on them.
bool Trainer::fill_rows() {
  const bool is_between_epochs = progress_.batch == 0;
  if (is_between_epochs && !has_row(progress_.epoch) && !evaluate_epoch(progress_.epoch)) {
    return false;
  }
  const bool needs_best = config_.validation > 0 && progress_.best;
  if (!needs_best || has_row(progress_.best->epoch)) return true;
  const Checkpoint best = load_checkpoint(directory_.best());
  // A kill between best and last checkpoint leaves a newer one, which will be the best again.
  if (best.progress.epoch != progress_.best->epoch) return true;
  const EngineState now = engine_.export_state();
  engine_.import_state(best.state);
  const bool is_done = evaluate_epoch(best.progress.epoch);
  engine_.import_state(now);
  return is_done;
}

bool Trainer::has_row(std::int64_t epoch) const {
  return std::ranges::find(rows_, epoch, &MetricsRow::epoch) != rows_.end();
}

// Adds a row of `epoch` with what its weights tell, which the engine holds.
bool Trainer::evaluate_epoch(std::int64_t epoch) {
  MetricsRow row;
  row.epoch = epoch;
  row.step = epoch * batches_per_epoch();
  if (!evaluate_into(row)) return false;
  rows_.insert(std::ranges::upper_bound(rows_, epoch, {}, &MetricsRow::epoch), row);
  write_file(directory_.metrics(), metrics_to_csv(rows_, network_.layers.size()));
  write_events();
  if (observer_.epoch) observer_.epoch({row, config_.epochs, false});
  return true;
}

bool Trainer::train_epoch() {
  seconds_ = 0;
  timed_samples_ = 0;
  const auto epoch = static_cast<std::uint32_t>(progress_.epoch + 1);
  const auto size = static_cast<std::uint32_t>(data_.train_indices.size());
  std::vector<std::uint32_t> order =
      shuffled(size, static_cast<std::uint64_t>(config_.seed), epoch);
  for (std::uint32_t& index : order) index = data_.train_indices[index];

  Batch batch, next;
  if (progress_.batch < batches_per_epoch()) gather_batch(order, progress_.batch, batch);
  while (progress_.batch < batches_per_epoch()) {
    if (stop_requested()) return false;
    const auto start = Clock::now();
    train_batch(batch, [&] { return gather_batch(order, progress_.batch + 1, next); });
    std::swap(batch, next);
    seconds_ += std::chrono::duration<double>(Clock::now() - start).count();
    timed_samples_ += next.size();
    report_batch();
  }
  return true;
}

// Fills `batch` with the samples of batch `index` of an epoch and returns it; null past its end.
const Batch* Trainer::gather_batch(const std::vector<std::uint32_t>& order, std::int64_t index,
                                   Batch& batch) const {
  if (index >= batches_per_epoch()) return nullptr;
  const auto first = static_cast<std::size_t>(index * config_.batch_size);
  const auto count = std::min(static_cast<std::size_t>(config_.batch_size), order.size() - first);
  gather(data_.train, std::span(order).subspan(first, count), batch);
  return &batch;
}

void Trainer::train_batch(const Batch& batch, const NextBatch& next) {
  const double lr = learning_rate_of(step());
  const BatchResult result = engine_.train_batch(batch, lr, next);
  if (!std::isfinite(result.loss) || !std::isfinite(result.gradient_norm)) {
    throw_diverged(
        progress_.epoch + 1, step() + 1,
        "loss " + format_real(result.loss) + ", gradient norm " + format_real(result.gradient_norm),
        lr, last_finite_loss_, directory_.last());
  }
  last_finite_loss_ = result.loss;
  ++progress_.batch;
  progress_.sums.loss += result.loss * static_cast<double>(batch.size());
  progress_.sums.gradient_norm += result.gradient_norm;
  progress_.sums.correct += result.correct;
  progress_.sums.samples += batch.size();
}

void Trainer::report_batch() const {
  if (!observer_.batch) return;
  const auto samples = static_cast<double>(progress_.sums.samples);
  const double rate = static_cast<double>(timed_samples_) / seconds_;
  const double left = static_cast<double>(data_.train_indices.size()) - samples;
  observer_.batch({progress_.epoch + 1, config_.epochs, progress_.batch, batches_per_epoch(),
                   progress_.sums.loss / samples,
                   static_cast<double>(progress_.sums.correct) / samples, rate, left / rate});
}

bool Trainer::finish_epoch() {
  const EpochSums& sums = progress_.sums;
  const auto samples = static_cast<double>(sums.samples);
  MetricsRow row;
  row.epoch = progress_.epoch + 1;
  row.step = step();
  row.lr = learning_rate_of(step() - 1);
  row.train = {sums.loss / samples, static_cast<double>(sums.correct) / samples};
  row.gradient_norm = sums.gradient_norm / static_cast<double>(batches_per_epoch());
  // Of an epoch that was interrupted only the speed is known.
  if (timed_samples_ == sums.samples) row.seconds = seconds_;
  if (seconds_ > 0) row.images_per_second = static_cast<double>(timed_samples_) / seconds_;
  if (!evaluate_into(row)) return false;
  // The epoch's last step may have been one too far.
  for (const Score& score : {row.validation, row.test}) {
    if (!score.loss || std::isfinite(*score.loss)) continue;
    throw_diverged(row.epoch, row.step, "evaluation loss " + format_real(*score.loss), *row.lr,
                   last_finite_loss_, directory_.last());
  }

  const bool is_best = update_best(row);
  ++progress_.epoch;
  progress_.batch = 0;
  progress_.sums = {};
  rows_.push_back(row);
  save(is_best);
  if (!unsaved_.empty() && !is_finished() && observer_.warning) {
    observer_.warning(unsaved_ + "; training goes on");
  }
  if (observer_.epoch) observer_.epoch({row, config_.epochs, is_best});
  return true;
}

bool Trainer::evaluate_into(MetricsRow& row) {
  if (!data_.validation_indices.empty()) {
    const auto validation =
        evaluate(engine_, data_.train, data_.validation_indices, observer_.stop_requested);
    if (!validation) return false;
    row.validation = score(*validation, data_.train, data_.validation_indices);
  }
  const auto test = evaluate(engine_, data_.test, data_.test_indices, observer_.stop_requested);
  if (!test) return false;
  row.test = score(*test, data_.test, data_.test_indices);
  row.spikes_per_neuron = spikes_per_neuron(*test);
  row.silent_fraction = silent_fraction(*test);
  if (learns_neurons(network_)) {
    row.learned = learned_parameters(network_, engine_.export_state().tensors);
    warn_of_ranges(row);
  }
  return true;
}

// Once of each parameter of each layer: what has left its range seldom comes back.
void Trainer::warn_of_ranges(const MetricsRow& row) {
  for (const LearnedParameter& each : row.learned) {
    const std::string problem = range_problem(each);
    if (problem.empty() || !out_of_range_.insert(each.full_name()).second) continue;
    const std::string effect = each.name == "beta"
                                   ? "it counts as the nearer end there, and learns no more"
                               : each.name == "threshold" ? "a neuron spikes at rest"
                                                          : "a spike is worth nothing, or less";
    if (!observer_.warning) continue;
    observer_.warning("layer " + std::to_string(each.layer) + ": in epoch " +
                      std::to_string(row.epoch) + " the learned " + kebab_case(each.name) + " is " +
                      problem + " (" + shown_value(each) + "): " + effect + "; try a lower --lr");
  }
}

bool Trainer::update_best(const MetricsRow& row) {
  const bool validates = row.validation.accuracy.has_value();
  const double value = validates ? *row.validation.accuracy : *row.train.loss;
  const auto& best = progress_.best;
  if (best && !(validates ? value > best->value : value < best->value)) return false;
  progress_.best = Best{row.epoch, value};
  return true;
}

// In this order, so that a kill in between leaves a last checkpoint from which all of it is redone.
void Trainer::save(bool is_best) {
  try {
    const std::string bytes = serialize(checkpoint());
    if (is_best) write_file(directory_.best(), bytes);
    if (!rows_.empty()) {
      write_file(directory_.metrics(), metrics_to_csv(rows_, network_.layers.size()));
    }
    write_file(directory_.last(), bytes);
    write_events();  // after all that training needs, which it could keep from being written
    unsaved_.clear();
  } catch (const Error& error) {
    unsaved_ = error.what();
  }
}

void Trainer::write_events() const {
  if (config_.tensorboard && !rows_.empty()) {
    snn::write_events(directory_.events(), rows_, network_);
  }
}

Checkpoint Trainer::checkpoint() const {
  return {config_,           network_,  data_.train.digest,
          data_.test.digest, progress_, engine_.export_state()};
}

double Trainer::learning_rate_of(std::int64_t step) const {
  return learning_rate(config_.lr_schedule, config_.lr, config_.lr_warmup, batches_per_epoch(),
                       config_.epochs, step);
}

std::int64_t Trainer::batches_per_epoch() const {
  const auto size = static_cast<std::int64_t>(data_.train_indices.size());
  return (size + config_.batch_size - 1) / config_.batch_size;
}

}  // namespace snn

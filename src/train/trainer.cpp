#include "snn/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <span>
#include <utility>

#include "snn/numeric/random.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/schedule.h"
#include "snn/train/summary.h"
#include "system/files.h"
#include "text/message.h"
#include "train/checkpoint_check.h"
#include "train/tensorboard.h"

namespace snn {
namespace {

using Clock = std::chrono::steady_clock;

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

// The progress of a checkpoint of this run that can be used, if it is one.
std::optional<Progress> progress_of(const std::filesystem::path& path, const Checkpoint& run) {
  try {
    const Checkpoint found = load_checkpoint(path);
    const bool is_of_run = found.network == run.network && found.train_digest == run.train_digest;
    return is_of_run ? std::optional(found.progress) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

Trainer::Trainer(Engine& engine, const TrainingData& data, Config config, NetworkSpec network,
                 const RunDirectory& directory, Observer observer)
    : engine_(engine),
      data_(data),
      config_(std::move(config)),
      network_(std::move(network)),
      directory_(directory),
      observer_(std::move(observer)),
      writer_(directory, observer_.warning) {}

void Trainer::resume(const Checkpoint& checkpoint) {
  restore(engine_, checkpoint, data_);
  progress_ = checkpoint.progress;
  is_resumed_ = true;
  read_rows();
  is_over_ = is_finished();
  check_best(checkpoint);
}

// What metrics.csv has of the epochs that are done.
void Trainer::read_rows() {
  const std::filesystem::path path = directory_.metrics();
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) {
    std::string text;
    try {
      text = read_table(path, ExitCode::kCheckpoint);
      rows_ = metrics_from_csv(text, network_.layers.size(), path.string());
    } catch (const Error& error) {
      rows_ = readable_metrics(text, network_.layers.size());
      std::filesystem::path kept = path;
      kept += ".damaged";
      std::filesystem::rename(path, kept, ignored);
      warn(std::string(error.what()) + "; it is kept as " + kept.string());
    }
  }
  std::erase_if(rows_, [&](const MetricsRow& row) { return row.epoch > progress_.epoch; });
  if (!std::filesystem::exists(path, ignored)) write_metrics();
  const std::string missing = missing_epochs(rows_, progress_.epoch);
  const bool is_new = step() == 0;  // the row of epoch 0 is still to come
  if (!is_new && !missing.empty()) {
    warn(path.string() + ": the rows of these epochs are missing: " + missing);
  }
}

// Finds out what the files hold beside `resumed`. The best weights are in one of them alone.
void Trainer::check_best(const Checkpoint& resumed) {
  const auto last = progress_of(directory_.last(), resumed);
  const auto best = progress_of(directory_.best(), resumed);
  const auto& expected = progress_.best;
  const bool is_best_there = best && best->best == expected;
  writer_.resume(last.value_or(Progress{}), is_best_there ? expected : std::nullopt);
  // A kill between best and last checkpoint leaves a newer one, which will be the best again.
  const bool is_ahead = best && best->epoch > progress_.epoch;
  if (expected && !is_best_there && !is_ahead) {
    const bool is_at_hand = progress_.batch == 0 && expected->epoch == progress_.epoch;
    if (is_at_hand) {
      save(/*is_best=*/true);
    } else {
      drop_best("missing, damaged or another's");
    }
  } else if (last != progress_) {
    save(/*is_best=*/false);
  }
}

// The weights of the best epoch are lost. `why` says what is wrong with their file.
void Trainer::drop_best(const std::string& why) {
  warn(directory_.best().string() + ": " + why + "; the best weights, those of epoch " +
       std::to_string(progress_.best->epoch) +
       ", are lost: the best epoch is chosen among those from here on");
  progress_.best.reset();
  writer_.forget_best();
  save(/*is_best=*/false);
}

void Trainer::warn(const std::string& text) const {
  if (observer_.warning) observer_.warning(text);
}

bool Trainer::is_finished() const {
  if (is_over_ || progress_.epoch >= config_.epochs) return true;
  return config_.patience > 0 && progress_.best &&
         progress_.epoch - progress_.best->epoch >= config_.patience;
}

Outcome Trainer::run() {
  try {
    return run_to_end();
  } catch (const Error& error) {
    if (error.code() != ExitCode::kDiverged) discard_if_new();
    throw;
  } catch (...) {
    discard_if_new();
    throw;
  }
}

// What fails before it has learned anything would only fail again if it went on.
void Trainer::discard_if_new() const {
  if (is_resumed_ || step() != 0) return;
  try {
    for (const auto& file : {directory_.last(), directory_.metrics()}) directory_.remove(file);
  } catch (const Error&) {
    // The folder says why the run failed, and that matters more.
  }
}

Outcome Trainer::run_to_end() {
  saved_at_ = Clock::now();
  // With no checkpoint at all there is nothing to go on from.
  std::error_code ignored;
  if (!std::filesystem::exists(directory_.last(), ignored)) {
    writer_.begin(serialize(checkpoint(finite_state())), progress_);
  }
  // Those of a run that goes on: it may have ended before they were written.
  write_events();
  bool goes_on = fill_rows();
  while (goes_on && !is_finished()) goes_on = train_epoch() && finish_epoch();
  if (!goes_on) save(/*is_best=*/false);
  const bool is_best_lost =
      goes_on && progress_.best && progress_.best != saved().best && !writer_.owes_best();
  if (is_best_lost) drop_best("of another epoch");
  if (!writer_.failure().empty()) throw Error(ExitCode::kInternal, writer_.failure());
  return goes_on ? Outcome::kFinished : Outcome::kInterrupted;
}

// Evaluates what has no row yet, but is at hand: the weights of now (epoch 0, most often), and the
// best ones if the summary is going to report on them.
bool Trainer::fill_rows() {
  const bool is_between_epochs = progress_.batch == 0;
  if (is_between_epochs && !has_row(progress_.epoch) && !evaluate_epoch(progress_.epoch)) {
    return false;
  }
  const auto& best = progress_.best;
  const bool needs_best = config_.validation > 0 && best && saved().best == best;
  if (!needs_best || has_row(best->epoch)) return true;
  const EngineState now = engine_.export_state();
  engine_.import_state(load_checkpoint(directory_.best()).state);
  const bool is_done = evaluate_epoch(best->epoch);
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
  check_finite(row);
  rows_.insert(std::ranges::upper_bound(rows_, epoch, {}, &MetricsRow::epoch), row);
  write_metrics();
  write_events();
  if (observer_.epoch) observer_.epoch({row, config_.epochs, false});
  return true;
}

bool Trainer::train_epoch() {
  if (observer_.was_stopped) observer_.was_stopped();  // that was before
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
    if (!observer_.was_stopped || !observer_.was_stopped()) {
      seconds_ += std::chrono::duration<double>(Clock::now() - start).count();
      timed_samples_ += next.size();
    }
    report_batch();
    if (is_save_due()) save(/*is_best=*/false);
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
        lr);
  }
  last_finite_loss_ = result.loss;
  ++batches_since_save_;
  ++progress_.batch;
  progress_.sums.loss += result.loss * static_cast<double>(batch.size());
  progress_.sums.gradient_norm += result.gradient_norm;
  progress_.sums.correct += result.correct;
  progress_.sums.samples += batch.size();
}

void Trainer::report_batch() const {
  if (!observer_.batch || timed_samples_ == 0) return;
  const auto samples = static_cast<double>(progress_.sums.samples);
  const double rate = static_cast<double>(timed_samples_) / seconds_;
  const double left = static_cast<double>(data_.train_indices.size()) - samples;
  const auto epochs_after = static_cast<double>(config_.epochs - progress_.epoch - 1);
  observer_.batch({progress_.epoch + 1, config_.epochs, progress_.batch, batches_per_epoch(),
                   progress_.sums.loss / samples,
                   static_cast<double>(progress_.sums.correct) / samples, rate, left / rate,
                   left / rate + evaluation_seconds_ + epochs_after * epoch_seconds()});
}

void Trainer::report_evaluation(std::int64_t epoch, std::int64_t done) const {
  if (!observer_.evaluation) return;
  const auto samples =
      static_cast<std::int64_t>(data_.validation_indices.size() + data_.test_indices.size());
  EvaluationReport report{epoch, config_.epochs, done, samples};
  if (timed_samples_ > 0 && evaluation_seconds_ > 0 && samples > 0) {
    const auto epochs_after = static_cast<double>(config_.epochs - epoch);
    const double left = 1 - static_cast<double>(done) / static_cast<double>(samples);
    report.run_seconds_left = left * evaluation_seconds_ + epochs_after * epoch_seconds();
  }
  observer_.evaluation(report);
}

// By the speed of the epoch under way, its evaluation included.
double Trainer::epoch_seconds() const {
  const double seconds_a_sample = seconds_ / static_cast<double>(timed_samples_);
  return seconds_a_sample * static_cast<double>(data_.train_indices.size()) + evaluation_seconds_;
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
  if (seconds_ > 0) row.samples_per_second = static_cast<double>(timed_samples_) / seconds_;
  if (!evaluate_into(row)) return false;
  check_finite(row);
  warn_of_loss(row);

  EngineState state = finite_state();

  const bool is_best = update_best(row);
  ++progress_.epoch;
  progress_.batch = 0;
  progress_.sums = {};
  rows_.push_back(row);
  save(is_best, std::move(state));
  if (observer_.epoch) observer_.epoch({row, config_.epochs, is_best});
  return true;
}

bool Trainer::evaluate_into(MetricsRow& row) {
  const auto start = Clock::now();
  std::int64_t before = 0;
  const auto report = [&](std::int64_t done) { report_evaluation(row.epoch, before + done); };
  report(0);
  if (!data_.validation_indices.empty()) {
    const auto validation =
        evaluate(engine_, data_.train, data_.validation_indices, observer_.stop_requested, report);
    if (!validation) return false;
    row.validation = score(*validation, data_.train, data_.validation_indices);
    before = static_cast<std::int64_t>(data_.validation_indices.size());
  }
  const auto test =
      evaluate(engine_, data_.test, data_.test_indices, observer_.stop_requested, report);
  if (!test) return false;
  row.test = score(*test, data_.test, data_.test_indices);
  row.spikes_per_neuron = spikes_per_neuron(*test);
  row.silent_fraction = silent_fraction(*test);
  if (learns_neurons(network_)) {
    row.learned = learned_parameters(network_, engine_.export_state().tensors);
    warn_of_ranges(row);
  }
  evaluation_seconds_ = std::chrono::duration<double>(Clock::now() - start).count();
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

// What the engine has learned. The loss may be finite where a parameter or moment is not: a neuron
// that is given NaN is silent.
EngineState Trainer::finite_state() const {
  EngineState state = engine_.export_state();
  const std::string problem = not_finite(state.tensors);
  if (problem.empty()) return state;
  const bool is_between = progress_.batch == 0;
  throw_diverged(progress_.epoch + (is_between ? 0 : 1), step(), problem,
                 learning_rate_of(std::max<std::int64_t>(step() - 1, 0)));
}

// An epoch's last step may have been one too far, and the first weights too large.
void Trainer::check_finite(const MetricsRow& row) const {
  for (const Score& score : {row.validation, row.test}) {
    if (!score.loss || std::isfinite(*score.loss)) continue;
    throw_diverged(row.epoch, row.step, "evaluation loss " + format_real(*score.loss), row.lr);
  }
}

// A loss far above that of weights that nothing was learned of yet.
void Trainer::warn_of_loss(const MetricsRow& row) {
  constexpr double kFar = 1e6;
  const auto first = rows_.empty() ? std::nullopt : rows_.front().test.loss;
  if (has_warned_of_loss_ || !first || !row.test.loss || *row.test.loss < kFar * *first) return;
  has_warned_of_loss_ = true;
  warn("epoch " + std::to_string(row.epoch) + ": the test loss is " + format_real(*row.test.loss) +
       ", and was " + format_real(*first) + " at first; try a lower --lr or --clip-grad-norm 1");
}

// `what` has become infinite or NaN.
void Trainer::throw_diverged(std::int64_t epoch, std::int64_t step, const std::string& what,
                             std::optional<double> lr) const {
  std::string text = "training diverged in epoch " + std::to_string(epoch) + ", step " +
                     std::to_string(step) + ": " + what;
  if (lr) text += ", learning rate " + format_real(*lr);
  if (last_finite_loss_) text += ", last finite loss " + format_real(*last_finite_loss_);
  text += step == 0 ? "; it is so before training: the numbers of the network are too large"
                    : "; try a lower --lr or --clip-grad-norm 1";
  text += ". " + last_good_checkpoint(directory_);
  throw Error(ExitCode::kDiverged, text);
}

// In this order, so that a kill in between leaves a last checkpoint from which all of it is redone.
void Trainer::save(bool is_best) { save(is_best, finite_state()); }

void Trainer::save(bool is_best, EngineState state) {
  directory_.check();  // what is there now could be another run's: no place to go on in
  const std::string bytes = serialize(checkpoint(std::move(state)));
  if (is_best) writer_.write_best(bytes, *progress_.best);
  write_metrics();
  writer_.write_last(bytes, progress_);
  write_events();  // after all that training needs
  batches_since_save_ = 0;
  saved_at_ = Clock::now();
}

// Within an epoch: its end is a save by itself.
bool Trainer::is_save_due() const {
  if (progress_.batch == batches_per_epoch()) return false;
  const auto& [batches, minutes] = config_.checkpoint_every;
  if (batches > 0) return batches_since_save_ >= batches;
  return minutes > 0 &&
         std::chrono::duration<double>(Clock::now() - saved_at_).count() >= 60 * minutes;
}

void Trainer::write_metrics() {
  if (!rows_.empty()) writer_.write_metrics(metrics_to_csv(rows_, network_.layers.size()));
}

void Trainer::write_events() {
  if (!config_.tensorboard || rows_.empty()) return;
  writer_.write(directory_.events(),
                [&] { snn::write_events(directory_.events(), rows_, network_); });
}

Checkpoint Trainer::checkpoint(EngineState state) const {
  return {config_, network_, data_.train.digest, data_.test.digest, progress_, std::move(state)};
}

double Trainer::learning_rate_of(std::int64_t step) const {
  return learning_rate(config_.lr_schedule, config_.lr, config_.lr_warmup, batches_per_epoch(),
                       config_.epochs, step);
}

std::int64_t Trainer::batches_per_epoch() const { return batch_count(data_, config_.batch_size); }

}  // namespace snn

#include "snn/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/schedule.h"
#include "text/message.h"
#include "train/checkpoint_check.h"
#include "train/next_batch.h"

namespace snn {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Trainer::Trainer(Engine& engine, const TrainingData& data, Config config, NetworkSpec network,
                 Observer observer)
    : engine_(engine),
      data_(data),
      config_(std::move(config)),
      network_(std::move(network)),
      observer_(std::move(observer)),
      source_(data.train),
      loader_(source_, data.train_indices, samples_per_step(config_), input_options(config_)) {}

void Trainer::resume(const Checkpoint& checkpoint) {
  restore(engine_, checkpoint, data_);
  progress_ = checkpoint.progress;
  is_over_ = is_finished();
}

void Trainer::restore_rows(std::vector<MetricsRow> rows) {
  rows_ = std::move(rows);
  std::erase_if(rows_, [&](const MetricsRow& row) { return row.epoch > progress_.epoch; });
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
  bool goes_on = add_row();
  while (goes_on && !is_finished()) goes_on = train_epoch() && finish_epoch();
  if (!goes_on) keep(finite_state(), /*is_best=*/false);
  return goes_on ? Outcome::kFinished : Outcome::kInterrupted;
}

bool Trainer::add_row() {
  const bool is_between_epochs = progress_.batch == 0;
  return !is_between_epochs || has_row(progress_.epoch) || evaluate_epoch(progress_.epoch);
}

bool Trainer::add_row(std::int64_t epoch, const EngineState& state) {
  const EngineState now = engine_.export_state();
  engine_.import_state(state);
  const bool is_done = evaluate_epoch(epoch);
  engine_.import_state(now);
  return is_done;
}

bool Trainer::has_row(std::int64_t epoch) const {
  return std::ranges::find(rows_, epoch, &MetricsRow::epoch) != rows_.end();
}

// Evaluates the engine's weights and adds the row of `epoch`.
bool Trainer::evaluate_epoch(std::int64_t epoch) {
  MetricsRow row;
  row.epoch = epoch;
  row.step = epoch * batches_per_epoch();
  if (!evaluate_into(row)) return false;
  check_finite(row);
  rows_.insert(std::ranges::upper_bound(rows_, epoch, {}, &MetricsRow::epoch), row);
  if (observer_.epoch) observer_.epoch({row, config_.epochs, false});
  return true;
}

bool Trainer::train_epoch() {
  if (observer_.was_stopped) observer_.was_stopped();  // that was before
  engine_.take_results();                              // and those are not of this epoch
  taken_at_ = Clock::now();
  trained_ = progress_.batch;
  seconds_ = 0;
  timed_samples_ = 0;
  loader_.shuffle(static_cast<std::uint64_t>(config_.seed),
                  static_cast<std::uint32_t>(progress_.epoch + 1));
  Batch batch;
  PreparedBatch prepared, next;
  if (!is_epoch_trained()) {
    loader_.load(trained_, batch);
    engine_.prepare(batch, prepared);
  }
  while (!is_epoch_trained()) {
    if (stop_requested()) {
      take_results();
      return false;
    }
    const auto start = Clock::now();
    engine_.train_batch(
        prepared, learning_rate_of(progress_.epoch * batches_per_epoch() + trained_),
        loading(loader_, trained_ + 1, batch, [&] { engine_.prepare(batch, next); }));
    std::swap(prepared, next);
    const std::int64_t samples = loader_.size_of(trained_);
    ++trained_;
    ++batches_since_save_;
    const bool saves = is_save_due(), takes_results = saves || wants_results();
    if (takes_results) take_results();
    if (!observer_.was_stopped || !observer_.was_stopped()) {
      seconds_ += seconds_since(start);
      timed_samples_ += samples;
    }
    if (takes_results) report_batch();
    if (saves) keep(finite_state(), /*is_best=*/false);
  }
  return true;
}

// Results are taken only where they are needed, so that a device need not wait after each step: at
// the end, to report them, and at least once a second to notice divergence.
bool Trainer::wants_results() const {
  constexpr double kLongestWait = 1;
  if (is_epoch_trained()) return true;
  if (observer_.batch && (!observer_.wants_batch || observer_.wants_batch())) return true;
  return seconds_since(taken_at_) >= kLongestWait;
}

// Accumulates the results of all steps since the last call, in their order, so that the sums do not
// depend on how often it is called.
void Trainer::take_results() {
  for (const BatchResult& result : engine_.take_results()) add(result);
  taken_at_ = Clock::now();
}

void Trainer::add(const BatchResult& result) {
  if (!result.is_finite()) {
    throw_diverged(
        progress_.epoch + 1, step() + 1,
        "loss " + format_real(result.loss) + ", gradient norm " + format_real(result.gradient_norm),
        learning_rate_of(step()));
  }
  last_finite_loss_ = result.loss;
  ++progress_.batch;
  progress_.sums.loss += result.loss * static_cast<double>(result.samples);
  progress_.sums.gradient_norm += result.gradient_norm;
  progress_.sums.penalty += result.penalty;
  progress_.sums.correct += result.correct;
  progress_.sums.samples += result.samples;
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

// The estimate uses the speed of the current epoch and includes its evaluation.
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
  const auto batches = static_cast<double>(batches_per_epoch());
  row.gradient_norm = sums.gradient_norm / batches;
  if (!config_.regularize.terms.empty()) row.train.penalty = sums.penalty / batches;
  // Only the speed of an interrupted epoch is known.
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
  keep(std::move(state), is_best);
  if (observer_.epoch) observer_.epoch({row, config_.epochs, is_best});
  return true;
}

bool Trainer::evaluate_into(MetricsRow& row) {
  const auto start = Clock::now();
  std::int64_t before = 0;
  const auto report = [&](std::int64_t done) { report_evaluation(row.epoch, before + done); };
  report(0);
  const InputOptions input = input_options(config_);
  if (!data_.validation_indices.empty()) {
    const auto validation = evaluate(engine_, data_.train, data_.validation_indices, input,
                                     observer_.stop_requested, report);
    if (!validation) return false;
    row.validation = score(*validation, data_.train, data_.validation_indices, config_);
    before = static_cast<std::int64_t>(data_.validation_indices.size());
  }
  const auto test =
      evaluate(engine_, data_.test, data_.test_indices, input, observer_.stop_requested, report);
  if (!test) return false;
  row.test = score(*test, data_.test, data_.test_indices, config_);
  row.spikes_per_neuron = spikes_per_neuron(*test);
  row.silent_fraction = silent_fraction(*test);
  if (learns_neurons(network_)) {
    row.learned = learned_parameters(network_, engine_.export_state().tensors);
    warn_of_ranges(row);
  }
  evaluation_seconds_ = seconds_since(start);
  return true;
}

// Warns once per parameter and layer: a value that has left its range seldom returns.
void Trainer::warn_of_ranges(const MetricsRow& row) {
  for (const LearnedParameter& each : row.learned) {
    const std::string problem = range_problem(each, network_);
    const std::string name = full_name(each, neuron_name(network_, each.layer - 1));
    if (problem.empty() || !out_of_range_.insert(name).second) continue;
    const Field field = *field_of(each, network_);
    warn("layer " + std::to_string(each.layer) + ": in epoch " + std::to_string(row.epoch) +
         " the learned " + field.name + " is " + problem + " (" + shown_value(each) +
         "): " + field.outside + "; try a lower --lr");
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

// Checks the learned state. The loss may be finite although a parameter or moment is not: a neuron
// with NaN input is silent.
EngineState Trainer::finite_state() const {
  EngineState state = engine_.export_state();
  const std::string problem = not_finite(state.tensors);
  if (problem.empty()) return state;
  const bool is_between = progress_.batch == 0;
  throw_diverged(progress_.epoch + (is_between ? 0 : 1), step(), problem,
                 learning_rate_of(std::max<std::int64_t>(step() - 1, 0)));
}

// Evaluation can diverge although training did not: after the epoch's last step, or with too large
// initial weights.
void Trainer::check_finite(const MetricsRow& row) const {
  for (const Score& score : {row.validation, row.test}) {
    if (!score.loss || std::isfinite(*score.loss)) continue;
    throw_diverged(row.epoch, row.step, "evaluation loss " + format_real(*score.loss), row.lr);
  }
}

// A loss far above that of untrained weights.
void Trainer::warn_of_loss(const MetricsRow& row) {
  constexpr double kFar = 1e6;
  const auto first = rows_.empty() ? std::nullopt : rows_.front().test.loss;
  if (has_warned_of_loss_ || !first || !row.test.loss) return;
  if (*first <= 0 || *row.test.loss < kFar * *first) return;
  has_warned_of_loss_ = true;
  warn("epoch " + std::to_string(row.epoch) + ": the test loss is " + format_real(*row.test.loss) +
       ", initially " + format_real(*first) + "; try a lower --lr or --clip-grad-norm 1");
}

// Reports that `what` has become infinite or NaN.
void Trainer::throw_diverged(std::int64_t epoch, std::int64_t step, const std::string& what,
                             std::optional<double> lr) const {
  std::string text = "training diverged in epoch " + std::to_string(epoch) + ", step " +
                     std::to_string(step) + ": " + what;
  if (lr) text += ", learning rate " + format_real(*lr);
  if (last_finite_loss_) text += ", last finite loss " + format_real(*last_finite_loss_);
  text += step == 0 ? "; this loss precedes training: the values of the network are too large"
                    : "; try a lower --lr or --clip-grad-norm 1";
  throw Error(ExitCode::kDiverged, text);
}

void Trainer::keep(EngineState state, bool is_best) {
  if (observer_.checkpoint) observer_.checkpoint(checkpoint(std::move(state)), is_best);
  batches_since_save_ = 0;
  saved_at_ = Clock::now();
}

// Saves within an epoch only: the end of the epoch has its own save.
bool Trainer::is_save_due() const {
  if (!observer_.checkpoint || is_epoch_trained()) return false;
  const auto& [batches, minutes] = config_.checkpoint_every;
  if (batches > 0) return batches_since_save_ >= batches;
  return minutes > 0 && seconds_since(saved_at_) >= 60 * minutes;
}

Checkpoint Trainer::checkpoint(EngineState state) const {
  return {config_, network_, data_.train.digest, data_.test.digest, progress_, std::move(state)};
}

double Trainer::learning_rate_of(std::int64_t step) const {
  return learning_rate(config_.lr_schedule, config_.lr, config_.lr_warmup, batches_per_epoch(),
                       config_.epochs, step);
}

}  // namespace snn

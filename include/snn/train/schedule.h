#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "snn/text/names.h"

namespace snn {

/// The learning-rate schedule. Cosine annealing follows I. Loshchilov and F. Hutter, "SGDR:
/// Stochastic gradient descent with warm restarts" (ICLR 2017), without restarts.
enum class ScheduleKind {
  kNone,    ///< constant
  kCosine,  ///< lr (floor + (1 - floor) (1 + cos(pi progress)) / 2), progress 0 … 1 over the run
  kStep,    ///< lr gamma^floor(epoch / every)
};
template <>
struct Names<ScheduleKind> {
  static constexpr std::pair<ScheduleKind, std::string_view> table[] = {
      {ScheduleKind::kNone, "none"},
      {ScheduleKind::kCosine, "cosine"},
      {ScheduleKind::kStep, "step"}};
};

/// A learning-rate schedule with its parameters; written `cosine:floor=0` or
/// `step:every=1,gamma=0.1`.
struct Schedule {
  ScheduleKind kind = ScheduleKind::kNone;
  double floor = 0.0;  ///< cosine: the last learning rate, as a share of the first, in [0, 1]
  double every = 1.0;  ///< step: epochs between drops, at least 1
  double gamma = 0.1;  ///< step: factor of each drop, in (0, 1]

  bool operator==(const Schedule&) const = default;
};

/// Throws Error(kUsage) that names the mistake and the valid choices.
Schedule parse_schedule(std::string_view text);
/// The text with every parameter of the kind; parse_schedule() reads it back exactly.
std::string to_string(const Schedule& schedule);

/// The learning rate of optimiser step `step` (from 0). During the warm-up of `warmup_epochs` it
/// rises linearly from lr / (steps of the warm-up) to lr (P. Goyal et al., "Accurate, large
/// minibatch SGD: Training ImageNet in 1 hour", 2017); the schedule then covers the remaining
/// steps.
double learning_rate(const Schedule& schedule, double lr, double warmup_epochs,
                     std::int64_t steps_per_epoch, std::int64_t epochs, std::int64_t step);

}  // namespace snn

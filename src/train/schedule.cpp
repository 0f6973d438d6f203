#include "snn/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "snn/text/error.h"
#include "text/parameters.h"

namespace snn {
namespace {

// The parameters of a schedule, by name, bound to its values.
std::vector<Parameter> parameters_of(Schedule& schedule) {
  switch (schedule.kind) {
    case ScheduleKind::kNone:
      return {};
    case ScheduleKind::kCosine:
      return {{"floor", &schedule.floor, Range::between(0, 1)}};
    case ScheduleKind::kStep:
      return {{"every", &schedule.every, Range::at_least(1)},
              {"gamma", &schedule.gamma, {.low = 0, .high = 1, .without_low = true}}};
  }
  return {};
}

// The learning rate as a share of the initial one, after `epoch` of `epochs`.
double share(const Schedule& schedule, double epoch, double epochs) {
  switch (schedule.kind) {
    case ScheduleKind::kNone:
      return 1;
    case ScheduleKind::kCosine: {
      const double progress = epochs > 0 ? std::min(epoch / epochs, 1.0) : 1;
      const double wave = (1 + std::cos(std::numbers::pi * progress)) / 2;
      return schedule.floor + (1 - schedule.floor) * wave;
    }
    case ScheduleKind::kStep:
      return std::pow(schedule.gamma, std::floor(epoch / schedule.every));
  }
  return 1;
}

}  // namespace

Schedule parse_schedule(std::string_view text) {
  const auto [name, parameters] = split_name(text);
  Schedule schedule{.kind = named<ScheduleKind>("schedule", "lr-schedule", name)};
  read_parameters("schedule '" + std::string(name_of(schedule.kind)) + "'", parameters,
                  parameters_of(schedule));
  return schedule;
}

std::string to_string(const Schedule& schedule) {
  Schedule copy = schedule;
  return write_parameters(name_of(schedule.kind), parameters_of(copy));
}

double learning_rate(const Schedule& schedule, double lr, double warmup_epochs,
                     std::int64_t steps_per_epoch, std::int64_t epochs, std::int64_t step) {
  const double steps = static_cast<double>(steps_per_epoch);
  const double warmup_steps = std::round(warmup_epochs * steps);
  const double now = static_cast<double>(step);
  if (now < warmup_steps) return lr * (now + 1) / warmup_steps;
  const double warmup = warmup_steps / steps;
  const double epoch = (now - warmup_steps) / steps;
  return lr * share(schedule, epoch, static_cast<double>(epochs) - warmup);
}

}  // namespace snn

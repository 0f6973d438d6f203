#include "system/end_signals.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace snn {

bool is_end_signal(int signal) {
  return std::find(std::begin(kEndSignals), std::end(kEndSignals), signal) != std::end(kEndSignals);
}

bool ends_at_once(int signal) { return signal == SIGINT || signal == SIGTERM || signal == SIGQUIT; }

bool is_interruption(int exit_code) { return is_end_signal(exit_code - 128); }

std::string signal_name(int signal) {
  constexpr std::pair<int, const char*> kNames[] = {
      {SIGINT, "SIGINT"},   {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"},  {SIGQUIT, "SIGQUIT"},
      {SIGUSR1, "SIGUSR1"}, {SIGUSR2, "SIGUSR2"}, {SIGXCPU, "SIGXCPU"}};
  for (const auto& [number, name] : kNames) {
    if (number == signal) return name;
  }
  return "signal " + std::to_string(signal);
}

}  // namespace snn

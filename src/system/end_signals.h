#pragma once

#include <csignal>
#include <string>

namespace snn {

/// The signals by which people, terminals, shells and batch queues ask a program to end.
inline constexpr int kEndSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU};

bool is_end_signal(int signal);

/// Whether such a signal, coming while the program ends because of another one, means at once. The
/// others may come in numbers (SIGXCPU does each second) without meaning more.
bool ends_at_once(int signal);

/// Whether a program that ended with this code was asked to by a signal.
bool is_interruption(int exit_code);

/// "SIGTERM".
std::string signal_name(int signal);

}  // namespace snn

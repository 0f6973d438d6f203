#pragma once

#include <csignal>
#include <string>

namespace snn {

/// The signals by which users, terminals, shells and batch systems ask a program to end.
inline constexpr int kEndSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU};

bool is_end_signal(int signal);

/// True if such a signal, received while the program is already ending, requests an immediate end.
/// The others may be sent repeatedly (SIGXCPU every second) without that meaning.
bool ends_at_once(int signal);

/// True if a program with this exit code was ended by such a signal.
bool is_interruption(int exit_code);

/// "SIGTERM".
std::string signal_name(int signal);

}  // namespace snn

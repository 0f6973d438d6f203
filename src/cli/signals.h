#pragma once

namespace snn::cli {

/// Records termination signals (end_signals.h) instead of obeying them, and detects stop and
/// continue signals. Ignored signals stay ignored: shells start background programs, and nohup all
/// programs, with some of them ignored. A second SIGINT, SIGTERM or SIGQUIT ends the process
/// immediately, with a line to the log's descriptor unless it is -1. With `tells`, the first one
/// prints its effect on standard error.
void handle_signals(int log, bool tells);

/// The termination signal received, or 0.
int requested_end();

/// True if the process was stopped (SIGSTOP, SIGTSTP) and continued since the last call.
bool was_stopped();

}  // namespace snn::cli

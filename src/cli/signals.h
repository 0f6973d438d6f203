#pragma once

namespace snn::cli {

/// Has the signals that ask for an end (end_signals.h) noted rather than obeyed, and those to stop
/// and go on noticed. Signals that are ignored stay so: a shell starts programs in the background,
/// and nohup others, with some of them ignored. A second SIGINT, SIGTERM or SIGQUIT ends the
/// process at once; a descriptor of a log, or -1, gets a line about it. With `tells` standard error
/// is told what the first one leads to.
void handle_signals(int log, bool tells);

/// The signal that asked for an end, 0 if none did.
int requested_end();

/// Whether the process stood still (SIGSTOP, SIGTSTP) and went on since this was last asked.
bool was_stopped();

}  // namespace snn::cli

#pragma once

#include <cstdint>
#include <functional>

namespace snn {

/// Work that an engine does beside a step or an evaluation, on the threads that it has anyway:
/// work(item) for the items 0 … count - 1, each once, on any thread, in any order and concurrently.
/// What it throws is thrown by the engine's call, after all items.
struct SideWork {
  std::int64_t count = 0;
  std::function<void(std::int64_t item)> work = {};
};

}  // namespace snn

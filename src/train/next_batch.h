#pragma once

#include <cstdint>
#include <functional>

#include "snn/data/batch.h"
#include "snn/data/loader.h"
#include "snn/engine/side_work.h"

namespace snn {

/// The work of loading batch `index` into `batch`, a piece of it per item; the thread that ends the
/// last piece calls `then`, if it is not empty. No work if there is no such batch. `loader` and
/// `batch` must outlive it.
SideWork loading(const Loader& loader, std::int64_t index, Batch& batch,
                 std::function<void()> then = {});

}  // namespace snn

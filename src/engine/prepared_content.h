#pragma once

#include <memory>
#include <utility>

#include "snn/engine/prepared_batch.h"

namespace snn {

/// The content of `prepared` as an engine's own kind; a new one if it is empty or another engine's.
template <class Own>
Own& own_content(PreparedBatch& prepared) {
  auto* own = dynamic_cast<Own*>(prepared.content.get());
  if (own == nullptr) {
    auto made = std::make_unique<Own>();
    own = made.get();
    prepared.content = std::move(made);
  }
  return *own;
}

}  // namespace snn

#pragma once

#include <memory>

namespace snn {

/// A batch in the form that an engine computes with, made by Engine::prepare(). It is a copy: later
/// changes of the Batch do not affect it. Only the engine that made it can use it. Movable, and
/// empty at first.
struct PreparedBatch {
  /// The engine's own data of a batch.
  struct Content {
    virtual ~Content() = default;
  };

  std::unique_ptr<Content> content;
};

}  // namespace snn

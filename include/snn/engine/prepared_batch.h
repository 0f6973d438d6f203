#pragma once

#include <memory>

namespace snn {

/// A batch in the form that an engine computes with, made by Engine::prepare(). It is a copy: what
/// becomes of the Batch afterwards changes nothing of it. It is for the engine that made it alone.
/// Movable, and empty at first.
struct PreparedBatch {
  /// What the engine keeps of a batch.
  struct Content {
    virtual ~Content() = default;
  };

  std::unique_ptr<Content> content;
};

}  // namespace snn

#include "snn/engine/engine.h"

#include "engine/fused/fused_engine.h"
#include "engine/reference/reference_engine.h"
#include "snn/text/error.h"

namespace snn {

std::unique_ptr<Engine> make_engine(EngineKind kind, const EngineOptions& options) {
  switch (kind) {
    case EngineKind::kAuto:
      return fused::why_not(options).empty() ? fused::make_fused_engine(options)
                                             : make_reference_engine(options);
    case EngineKind::kFused:
      return fused::make_fused_engine(options);
    case EngineKind::kReference:
      return make_reference_engine(options);
  }
  throw Error(ExitCode::kInternal, "unknown engine");
}

std::string why_not_fused(const EngineOptions& options) { return fused::why_not(options); }

}  // namespace snn

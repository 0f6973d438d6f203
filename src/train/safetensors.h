#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "snn/engine/host_tensor.h"

namespace snn::safetensors {

/// What a safetensors file holds: text by key, and float tensors by name.
struct Content {
  std::vector<std::pair<std::string, std::string>> metadata;
  HostTensors tensors;
};

/// The bytes of a file whose first metadata entry is its own digest.
std::string encode(const Content& content);

/// The content of a file that encode() made; `name` is what to call it in messages. Throws
/// Error(kCheckpoint) when the digest is missing or wrong, before anything else is interpreted.
Content decode(std::string_view bytes, const std::string& name);

}  // namespace snn::safetensors

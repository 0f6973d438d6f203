#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "snn/engine/host_tensor.h"

namespace snn::safetensors {

/// The content of a safetensors file: text by key, and float tensors by name.
struct Content {
  std::vector<std::pair<std::string, std::string>> metadata;
  HostTensors tensors;
};

/// Encodes a file whose first metadata entry is its own digest.
std::string encode(const Content& content);

/// Decodes a file made by encode(); `name` is its name in messages. Throws Error(kCheckpoint) if
/// the digest is missing or wrong, before anything else is interpreted.
Content decode(std::string_view bytes, const std::string& name);

}  // namespace snn::safetensors

#include "train/safetensors.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "snn/error.h"

namespace snn::safetensors {
namespace {

using nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::string_view kHead = R"({"__metadata__":{"digest":"crc32:)";
constexpr std::string_view kNoDigest = "00000000";
constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kDigestAt = kLengthBytes + kHead.size();
constexpr std::size_t kSmallestFile = kDigestAt + kNoDigest.size();

std::uint32_t crc(std::uint32_t start, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(start, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// The CRC of the whole file with its own eight digits taken as '0'.
std::string digest_of(std::string_view bytes) {
  std::uint32_t value = crc(0, bytes.substr(0, kDigestAt));
  value = crc(value, kNoDigest);
  value = crc(value, bytes.substr(kSmallestFile));
  char text[9];
  std::snprintf(text, sizeof text, "%08x", value);
  return text;
}

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw Error(ExitCode::kCheckpoint, name + ": " + why);
}

void check_digest(std::string_view bytes, const std::string& name) {
  if (bytes.size() < kSmallestFile || bytes.substr(kLengthBytes, kHead.size()) != kHead) {
    refuse(name, bytes.empty() ? "the file is empty; use another checkpoint"
                               : "not a checkpoint of snn-train (it has no digest), or cut short");
  }
  const std::string expected(bytes.substr(kDigestAt, kNoDigest.size()));
  const std::string found = digest_of(bytes);
  if (found != expected) {
    refuse(name, "the file is damaged: its CRC-32 is " + found + ", expected " + expected +
                     "; use another checkpoint");
  }
}

HostTensor read_tensor(const ordered_json& entry, std::string_view data) {
  if (entry.at("dtype") != "F32") throw std::invalid_argument("a dtype other than F32");
  HostTensor tensor{entry.at("shape").get<std::vector<std::int64_t>>(), {}};
  const auto begin = entry.at("data_offsets").at(0).get<std::size_t>();
  const auto end = entry.at("data_offsets").at(1).get<std::size_t>();
  std::size_t count = 1;
  for (const std::int64_t size : tensor.shape) count *= static_cast<std::size_t>(size);
  if (begin > end || end > data.size() || end - begin != count * sizeof(float)) {
    throw std::invalid_argument("offsets outside the file");
  }
  tensor.values.resize(count);
  std::memcpy(tensor.values.data(), data.data() + begin, end - begin);
  return tensor;
}

}  // namespace

std::string encode(const Content& content) {
  ordered_json header;
  header["__metadata__"]["digest"] = "crc32:" + std::string(kNoDigest);
  for (const auto& [key, text] : content.metadata) header["__metadata__"][key] = text;
  std::size_t offset = 0;
  for (const auto& [name, tensor] : content.tensors) {
    const std::size_t end = offset + tensor.values.size() * sizeof(float);
    header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // readers map the tensors: keep them aligned

  std::string bytes;
  bytes.reserve(kLengthBytes + text.size() + offset);
  const std::uint64_t length = text.size();
  bytes.append(reinterpret_cast<const char*>(&length), kLengthBytes);
  bytes += text;
  for (const auto& [name, tensor] : content.tensors) {
    bytes.append(reinterpret_cast<const char*>(tensor.values.data()),
                 tensor.values.size() * sizeof(float));
  }
  bytes.replace(kDigestAt, kNoDigest.size(), digest_of(bytes));
  return bytes;
}

Content decode(std::string_view bytes, const std::string& name) {
  check_digest(bytes, name);
  try {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), kLengthBytes);
    if (length > bytes.size() - kLengthBytes) throw std::invalid_argument("a header too long");
    const auto header = ordered_json::parse(bytes.substr(kLengthBytes, length));
    const std::string_view data = bytes.substr(kLengthBytes + length);
    Content content;
    for (const auto& [key, entry] : header.items()) {
      if (key == "__metadata__") {
        for (const auto& [word, text] : entry.items()) content.metadata.emplace_back(word, text);
      } else {
        content.tensors.emplace(key, read_tensor(entry, data));
      }
    }
    return content;
  } catch (const std::exception& error) {
    refuse(name, std::string("made by another program: ") + error.what());
  }
}

}  // namespace snn::safetensors

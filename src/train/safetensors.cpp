#include "train/safetensors.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "snn/text/error.h"
#include "text/json.h"

namespace snn::safetensors {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::string_view kHead = R"({"__metadata__":{"digest":"crc32:)";
constexpr std::string_view kNoDigest = "00000000";
constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kDigestAt = kLengthBytes + kHead.size();
constexpr std::size_t kSmallestFile = kDigestAt + kNoDigest.size();
constexpr std::uint64_t kLongestHeader = 100'000'000;  // the limit of every reader of the format

std::uint32_t crc(std::uint32_t start, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(start, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// The CRC of the whole file, with its own eight digits replaced by '0'.
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

// The header of a file and the data after it, if it has a header.
bool cut(std::string_view bytes, std::string_view& header, std::string_view& data) {
  if (bytes.size() < kLengthBytes) return false;
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > bytes.size() - kLengthBytes || length > kLongestHeader) return false;
  header = bytes.substr(kLengthBytes, length);
  data = bytes.substr(kLengthBytes + length);
  return true;
}

// A description of a file that does not begin as ours do.
std::string foreign(std::string_view bytes) {
  std::string_view header, data;
  if (bytes.empty()) return "the file is empty; use another checkpoint";
  if (cut(bytes, header, data) && json_if_valid(header).value_or(Json()).is_object()) {
    return "not a checkpoint of snn-train (it has no digest), but a safetensors file that another "
           "program wrote; weights from elsewhere cannot be read yet";
  }
  return "not a checkpoint of snn-train (it has no digest), or truncated";
}

void check_digest(std::string_view bytes, const std::string& name) {
  if (bytes.size() < kSmallestFile || bytes.substr(kLengthBytes, kHead.size()) != kHead) {
    refuse(name, foreign(bytes));
  }
  const std::string expected(bytes.substr(kDigestAt, kNoDigest.size()));
  const std::string found = digest_of(bytes);
  if (found != expected) {
    refuse(name, "the file is damaged: its CRC-32 is " + found + ", expected " + expected +
                     "; use another checkpoint");
  }
}

// The bytes of a tensor of that shape; no file has more than `most`.
std::size_t byte_count(const std::vector<std::int64_t>& shape, std::size_t most) {
  std::size_t bytes = sizeof(float);
  for (const std::int64_t size : shape) {
    if (size < 0 || (size > 0 && bytes > most / static_cast<std::size_t>(size))) {
      throw std::invalid_argument("offsets outside the file");
    }
    bytes *= static_cast<std::size_t>(size);
  }
  return bytes;
}

// Reads the tensor that begins at the end of the previous one: tensors never share bytes, so that
// all of them take no more memory than the file.
HostTensor read_tensor(const Json& entry, std::string_view data, std::size_t& offset) {
  if (entry.at("dtype") != "F32") throw std::invalid_argument("a dtype other than F32");
  HostTensor tensor;
  for (const Json& size : entry.at("shape")) tensor.shape.push_back(integer_of(size));
  const std::size_t size = byte_count(tensor.shape, data.size());
  const Json& offsets = entry.at("data_offsets");
  const auto begin = static_cast<std::size_t>(integer_of(offsets.at(0)));
  const auto end = static_cast<std::size_t>(integer_of(offsets.at(1)));
  if (begin > end || end > data.size() || end - begin != size || offsets.size() != 2) {
    throw std::invalid_argument("offsets outside the file");
  }
  if (begin != offset) throw std::invalid_argument("a gap before a tensor, or overlapping tensors");
  tensor.values.resize(size / sizeof(float));
  std::memcpy(tensor.values.data(), data.data() + begin, size);
  offset = end;
  return tensor;
}

}  // namespace

std::string encode(const Content& content) {
  Json header;
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
    std::string_view header, data;
    if (!cut(bytes, header, data)) throw std::invalid_argument("a header too long");
    Content content;
    std::size_t offset = 0;
    const Json all = parse_json(header);
    for (const auto& [key, entry] : all.items()) {
      if (key == "__metadata__") {
        for (const auto& [word, text] : entry.items()) content.metadata.emplace_back(word, text);
      } else {
        content.tensors.emplace(key, read_tensor(entry, data, offset));
      }
    }
    if (offset != data.size()) throw std::invalid_argument("bytes after the last tensor");
    return content;
  } catch (const std::exception& error) {
    refuse(name, std::string("made by another program: ") + error.what());
  }
}

}  // namespace snn::safetensors

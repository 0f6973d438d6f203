#include "train/tensorboard.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <optional>

#include "system/files.h"
#include "train/metric.h"

namespace snn {
namespace {

// The fields of TensorBoard's event.proto and summary.proto that we use: number << 3 | type, where
// the type is 0 for a varint, 1 for 64 bits, 2 for a length and bytes, 5 for 32 bits.
enum Field : char {
  kEventWallTime = 1 << 3 | 1,
  kEventStep = 2 << 3 | 0,
  kEventFileVersion = 3 << 3 | 2,
  kEventSummary = 5 << 3 | 2,
  kSummaryValue = 1 << 3 | 2,
  kValueTag = 1 << 3 | 2,
  kValueSimpleValue = 2 << 3 | 5,
};

constexpr std::size_t kLengthBytes = 8, kCrcBytes = 4;

std::string little_endian(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>((value >> 8 * i) & 0xFF);
  return text;
}

std::uint64_t from_little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

std::string varint(std::uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7) text += static_cast<char>((value & 0x7F) | 0x80);
  return text + static_cast<char>(value);
}

std::string bytes_field(Field field, std::string_view bytes) {
  return static_cast<char>(field) + varint(bytes.size()) + std::string(bytes);
}

// The CRC is masked, because a CRC over data that contains CRCs is weak.
std::string masked_crc(std::string_view bytes) {
  const std::uint32_t crc = std::rotr(crc32c(bytes), 15) + 0xA282EAD8U;
  return little_endian(crc, kCrcBytes);
}

std::string wall_time_field(double seconds) {
  return static_cast<char>(kEventWallTime) +
         little_endian(std::bit_cast<std::uint64_t>(seconds), 8);
}

std::string summary_of(const MetricsRow& row, const NetworkSpec& network) {
  std::string summary;
  const auto add = [&](const std::string& tag, const auto& number) {
    const std::optional<double> value = number;
    if (!value) return;
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(*value));
    summary += bytes_field(kSummaryValue, bytes_field(kValueTag, tag) +
                                              static_cast<char>(kValueSimpleValue) +
                                              little_endian(bits, 4));
  };
  for (const Metric& metric : all_metrics()) add(std::string(metric.tag), metric.value(row));
  for (const LayerMetric& metric : kLayerMetrics) {
    const std::vector<double>& values = row.*metric.values;
    for (std::size_t i = 0; i < values.size(); ++i) {
      add(std::string(metric.key) + "/" + neuron_name(network, i), values[i]);
    }
  }
  for (const LearnedParameter& each : row.learned) {
    const std::string neuron = "/" + neuron_name(network, each.layer - 1);
    add(each.name + neuron, each.mean);
    if (!each.is_per_neuron) continue;
    add(each.name + "_min" + neuron, each.min);
    add(each.name + "_max" + neuron, each.max);
  }
  return summary;
}

// The first record of every file.
std::string version_event(double wall_time) {
  return wall_time_field(wall_time) + bytes_field(kEventFileVersion, "brain.Event:2");
}

// True if two events are equal except for their times.
bool is_same(std::string_view event, std::string_view other) {
  const std::size_t time = wall_time_field(0).size();
  return event.size() >= time && event.substr(time) == other.substr(time);
}

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  constexpr std::uint32_t kPolynomial = 0x82F63B78;  // reflected
  static const auto table = [] {
    std::array<std::uint32_t, 256> remainders;
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      std::uint32_t remainder = byte;
      for (int bit = 0; bit < 8; ++bit) {
        remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? kPolynomial : 0);
      }
      remainders[byte] = remainder;
    }
    return remainders;
  }();
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes)
    crc = table[(crc ^ static_cast<unsigned char>(byte)) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

std::string to_record(std::string_view payload) {
  const std::string length = little_endian(payload.size(), kLengthBytes);
  return length + masked_crc(length) + std::string(payload) + masked_crc(payload);
}

std::vector<std::string_view> read_records(std::string_view bytes) {
  constexpr std::size_t kHead = kLengthBytes + kCrcBytes;
  std::vector<std::string_view> payloads;
  while (bytes.size() >= kHead + kCrcBytes) {
    const std::string_view length = bytes.substr(0, kLengthBytes);
    const std::uint64_t size = from_little_endian(length);
    if (size > bytes.size() - kHead - kCrcBytes) break;
    const std::string_view payload = bytes.substr(kHead, size);
    if (bytes.substr(kLengthBytes, kCrcBytes) != masked_crc(length)) break;
    if (bytes.substr(kHead + size, kCrcBytes) != masked_crc(payload)) break;
    payloads.push_back(payload);
    bytes.remove_prefix(kHead + size + kCrcBytes);
  }
  return payloads;
}

std::string to_event(const MetricsRow& row, const NetworkSpec& network, double wall_time) {
  return wall_time_field(wall_time) + static_cast<char>(kEventStep) +
         varint(static_cast<std::uint64_t>(row.epoch)) +
         bytes_field(kEventSummary, summary_of(row, network));
}

void write_events(const std::filesystem::path& path, const std::vector<MetricsRow>& rows,
                  const NetworkSpec& network) {
  const double now = seconds_since_1970();
  std::vector<std::string> events = {version_event(now)};
  for (const MetricsRow& row : rows) events.push_back(to_event(row, network, now));

  std::string present;
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) present = read_file(path, ExitCode::kInternal);
  const auto found = read_records(present);
  std::size_t same = 0, kept = 0;
  while (same < std::min(found.size(), events.size()) && is_same(found[same], events[same])) {
    kept += to_record(found[same++]).size();
  }
  std::string added;
  for (std::size_t i = same; i < events.size(); ++i) added += to_record(events[i]);
  if (kept < present.size() || !added.empty()) replace_end(path, kept, added);
}

}  // namespace snn

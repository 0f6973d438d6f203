#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "snn/network/network_spec.h"
#include "snn/train/metrics.h"

namespace snn {

/// The CRC-32C (Castagnoli) of RFC 3720.
std::uint32_t crc32c(std::string_view bytes);

/// A record of a TFRecord file: length, masked CRC of the length, payload, masked CRC of the
/// payload, all little-endian.
std::string to_record(std::string_view payload);

/// The payloads of the records at the start of `bytes`, up to the first that is cut off or damaged.
std::vector<std::string_view> read_records(std::string_view bytes);

/// The protocol buffer `Event` of TensorBoard with the numbers of `row` that apply, in single
/// precision: step is the epoch, tags are loss/train, accuracy/test, spikes_per_neuron/lif1, … .
/// `wall_time` is in seconds since 1970.
std::string to_event(const MetricsRow& row, const NetworkSpec& network, double wall_time);

/// Makes `path` the event file of `rows`. What it has of them already stays where it is, whatever
/// the time at which it was written; what comes after is cut off, and the rest is added at the end,
/// so that TensorBoard can follow the file while it grows, and no point is there twice or missing
/// after a run was interrupted and went on. Throws Error(kInternal) when the system refuses.
void write_events(const std::filesystem::path& path, const std::vector<MetricsRow>& rows,
                  const NetworkSpec& network);

}  // namespace snn

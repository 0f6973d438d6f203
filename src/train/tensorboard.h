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

/// The payloads of the records at the start of `bytes`, up to the first truncated or damaged one.
std::vector<std::string_view> read_records(std::string_view bytes);

/// The protocol buffer `Event` of TensorBoard with the numbers of `row` that apply, in single
/// precision: step is the epoch, tags are loss/train, accuracy/test, spikes_per_neuron/lif1, … .
/// `wall_time` is in seconds since 1970.
std::string to_event(const MetricsRow& row, const NetworkSpec& network, double wall_time);

/// Makes `path` the event file of `rows`. Its leading records that match `rows`, apart from their
/// times, are kept; later ones are truncated, and the missing rows are appended, so that
/// TensorBoard can follow the file while it grows, and a run that was interrupted and resumed has
/// each point exactly once. Throws Error(kInternal) on a system error.
void write_events(const std::filesystem::path& path, const std::vector<MetricsRow>& rows,
                  const NetworkSpec& network);

}  // namespace snn

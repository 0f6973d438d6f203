#pragma once

#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace snn {

/// Helpers shared by the tests of data: they make valid and broken IDX files.
using Bytes = std::vector<std::uint8_t>;

inline Bytes idx_bytes(std::uint32_t magic, const std::vector<std::uint32_t>& dimensions,
                       const Bytes& values) {
  Bytes bytes;
  const auto put = [&](std::uint32_t word) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<std::uint8_t>(word >> shift & 0xff));
    }
  };
  put(magic);
  for (const std::uint32_t dimension : dimensions) put(dimension);
  bytes.insert(bytes.end(), values.begin(), values.end());
  return bytes;
}

inline Bytes image_bytes(std::uint32_t count, std::uint32_t rows, std::uint32_t columns,
                         const Bytes& values) {
  return idx_bytes(0x803, {count, rows, columns}, values);
}

inline Bytes label_bytes(const Bytes& labels) {
  return idx_bytes(0x801, {static_cast<std::uint32_t>(labels.size())}, labels);
}

inline Bytes gzip(const Bytes& bytes) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  Bytes packed(deflateBound(&stream, static_cast<uLong>(bytes.size())));
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("deflate");
  return packed;
}

inline void write_bytes(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace snn

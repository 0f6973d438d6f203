#include "data/idx.h"

#define ZLIB_CONST  // lets zlib read from const memory
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

#include "snn/text/error.h"

namespace snn {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

// The largest file read, far above any IDX data set; bounds the cost of a damaged or hostile file,
// compressed or not.
constexpr std::size_t kLargestFile = std::size_t{1} << 30;

// A file being read, with the common part of its error messages.
struct Source {
  const fs::path& path;
  const std::string& remedy;

  [[noreturn]] void fail(const std::string& problem) const { fail(problem, remedy); }
  [[noreturn]] void fail(const std::string& problem, const std::string& advice) const {
    throw Error(ExitCode::kData, path.string() + ": " + problem + "; " + advice);
  }
};

std::string bytes_text(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

std::string magic_text(std::uint32_t magic) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", static_cast<unsigned>(magic));
  return text;
}

std::string too_large_text() { return "expected at most " + bytes_text(kLargestFile); }

Bytes read_file(const Source& source) {
  std::error_code error;
  const fs::file_status status = fs::status(source.path, error);
  if (status.type() == fs::file_type::not_found) source.fail("the file is missing");
  if (fs::is_directory(status)) source.fail("expected a file, found a directory");
  if (!error && !fs::is_regular_file(status)) source.fail("expected a regular file");

  errno = 0;
  std::ifstream file(source.path, std::ios::binary | std::ios::ate);
  if (!file) {
    source.fail("cannot be opened: " + std::generic_category().message(errno),
                "make the file and its folders readable");
  }
  const auto size = static_cast<std::size_t>(file.tellg());
  if (size == 0) source.fail("the file is empty");
  if (size > kLargestFile) source.fail(too_large_text() + ", found " + bytes_text(size));

  Bytes bytes(size);
  file.seekg(0);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) {
    source.fail("cannot be read: expected " + bytes_text(size) + ", found " +
                bytes_text(static_cast<std::uint64_t>(file.gcount())));
  }
  return bytes;
}

bool is_gzip(const Bytes& bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

Bytes unpack(const Source& source, const Bytes& packed) {
  constexpr int kGzipOnly = MAX_WBITS + 16;

  z_stream stream{};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, inflateEnd);
  stream.next_in = packed.data();
  stream.avail_in = static_cast<uInt>(packed.size());

  Bytes bytes;
  Bytes chunk(std::size_t{1} << 18);
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = chunk.data();
    stream.avail_out = static_cast<uInt>(chunk.size());
    status = inflate(&stream, Z_NO_FLUSH);
    bytes.insert(bytes.end(), chunk.data(), stream.next_out);
    if (bytes.size() > kLargestFile) source.fail(too_large_text() + " unpacked, found more");
  }
  if (status == Z_MEM_ERROR) throw std::bad_alloc();
  if (status == Z_BUF_ERROR) {
    source.fail("the gzip file is truncated: it ends after " + bytes_text(packed.size()));
  }
  if (status != Z_STREAM_END) {
    source.fail(std::string("the gzip file is damaged: ") +
                (stream.msg != nullptr ? stream.msg : "it cannot be unpacked"));
  }
  if (stream.avail_in != 0) {
    source.fail("has trailing bytes: expected nothing after the gzip data, found " +
                bytes_text(stream.avail_in));
  }
  return bytes;
}

std::uint32_t big_endian(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
}

// A format that users often have in place of IDX, recognised by its first bytes.
struct Foreign {
  std::string_view start;
  const char* what;
  const char* advice;  // null: the usual advice
};
constexpr Foreign kForeign[] = {
    {"version https://git-lfs", "a Git LFS pointer to it", "fetch it with: git lfs pull"},
    {"<", "a web page (HTML or XML), as servers send in place of a file", nullptr},
    {"{", "a JSON text, as servers send in place of a file", nullptr},
    {"PK", "a zip archive", "unpack it"},
    {"\x1f\x8b", "gzip within gzip", "unpack it once"},
    {"\xfd"
     "7zXZ",
     "xz-compressed data", "decompress it"},
    {"BZh", "bzip2-compressed data", "decompress it"},
    {"\x28\xb5\x2f\xfd", "zstd-compressed data", "decompress it"},
    {"7z\xbc\xaf", "a 7z archive", "unpack it"},
    {"\x93NUMPY", "a NumPy array", "write it as an IDX file of unsigned bytes"},
    {"\x89PNG", "a PNG picture", "write all images into one IDX file"},
};

void check_foreign(const Source& source, const Bytes& bytes) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos) text.remove_prefix(first);
  for (const Foreign& each : kForeign) {
    if (!text.starts_with(each.start)) continue;
    source.fail(std::string("not an IDX file but ") + each.what,
                each.advice != nullptr ? each.advice : source.remedy);
  }
}

// The meaning of a magic number, if it is one of IDX: 0, 0, type, rank.
std::string magic_meaning(std::uint32_t magic) {
  const std::uint32_t type = magic >> 8, rank = magic & 0xff;
  constexpr std::pair<std::uint32_t, const char*> kTypes[] = {
      {0x8, "unsigned bytes"},  {0x9, "signed bytes"}, {0xb, "16-bit integers"},
      {0xc, "32-bit integers"}, {0xd, "32-bit reals"}, {0xe, "64-bit reals"}};
  for (const auto& [value, name] : kTypes) {
    if (type != value || rank == 0 || rank > 8) continue;
    return std::string(", the magic number of ") + name + " in " + std::to_string(rank) +
           (rank == 1 ? " dimension" : " dimensions");
  }
  return "";
}

void check_magic(const Source& source, std::uint32_t found, IdxKind kind) {
  const auto expected = static_cast<std::uint32_t>(kind);
  if (found == expected) return;
  const bool images = kind == IdxKind::kImages;
  const IdxKind other = images ? IdxKind::kLabels : IdxKind::kImages;
  std::string problem = std::string("not an IDX file of ") + (images ? "images" : "labels") +
                        ": expected the magic number " + magic_text(expected) + ", found " +
                        magic_text(found);
  if (found == static_cast<std::uint32_t>(other)) {
    problem += images ? ", the magic number of labels" : ", the magic number of images";
  } else {
    problem += magic_meaning(found);
  }
  source.fail(problem);
}

}  // namespace

std::uint32_t continue_crc(std::uint32_t crc, std::string_view bytes) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return static_cast<std::uint32_t>(crc32_z(crc, data, bytes.size()));
}

IdxContent read_idx(const fs::path& path, IdxKind kind, const std::string& remedy,
                    std::uint32_t crc) {
  const Source source{path, remedy};
  Bytes bytes = read_file(source);
  if (is_gzip(bytes)) bytes = unpack(source, bytes);

  constexpr std::size_t kWord = 4;
  const std::size_t rank = static_cast<std::uint32_t>(kind) & 0xff;
  const std::size_t header = kWord * (1 + rank);
  check_foreign(source, bytes);
  if (bytes.size() >= kWord) check_magic(source, big_endian(bytes.data()), kind);
  if (bytes.size() < header) {
    source.fail("truncated: expected a header of " + bytes_text(header) + ", found " +
                bytes_text(bytes.size()));
  }

  IdxContent content;
  std::uint64_t expected = 1;  // saturates, since three dimensions may exceed 64 bits
  std::string dimensions;
  for (std::size_t i = 1; i <= rank; ++i) {
    const std::uint64_t dimension = big_endian(bytes.data() + kWord * i);
    content.dimensions.push_back(static_cast<std::int64_t>(dimension));
    dimensions += (i > 1 ? " x " : "") + std::to_string(dimension);
    if (__builtin_mul_overflow(expected, dimension, &expected)) {
      expected = std::numeric_limits<std::uint64_t>::max();
    }
  }
  const std::uint64_t found = bytes.size() - header;
  if (std::ranges::count(content.dimensions, 0) > 0) {
    source.fail("contains no data: its header gives " + dimensions);
  }
  if (found != expected) {
    source.fail((found < expected ? "truncated: " : "has trailing bytes: ") +
                std::string("expected ") + dimensions + " bytes after the header, found " +
                bytes_text(found));
  }

  content.crc = static_cast<std::uint32_t>(crc32_z(crc, bytes.data(), bytes.size()));
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header));
  content.values = std::move(bytes);
  return content;
}

}  // namespace snn

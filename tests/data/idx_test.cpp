#include "data/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <numeric>

#include "snn/text/error.h"
#include "support/idx_files.h"
#include "support/temporary_directory.h"

namespace snn {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ReadIdx : public testing::Test {
 protected:
  ReadIdx() : pixels_(24) { std::iota(pixels_.begin(), pixels_.end(), std::uint8_t{1}); }

  // The error message for reading `bytes`.
  std::string refusal(const Bytes& bytes, IdxKind kind = IdxKind::kImages) {
    write_bytes(path_, bytes);
    return refusal(kind);
  }

  std::string refusal(IdxKind kind = IdxKind::kImages) {
    try {
      read_idx(path_, kind, "REMEDY");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kData);
      EXPECT_THAT(error.what(), AllOf(HasSubstr(path_.string()), Not(HasSubstr("\n"))));
      return error.what();
    }
    ADD_FAILURE() << "read without an error";
    return "";
  }

  void expect_pixels() {
    const IdxContent content = read_idx(path_, IdxKind::kImages, "");
    EXPECT_EQ(content.dimensions, (std::vector<std::int64_t>{2, 3, 4}));
    EXPECT_EQ(content.values, pixels_);
  }

  TemporaryDirectory directory_;
  fs::path path_ = directory_.path() / "file";
  Bytes pixels_;
  Bytes images() const { return image_bytes(2, 3, 4, pixels_); }
};

TEST_F(ReadIdx, ReadsRawImages) {
  write_bytes(path_, images());
  expect_pixels();
}

TEST_F(ReadIdx, ReadsGzippedImages) {
  write_bytes(path_, gzip(images()));
  expect_pixels();
}

TEST_F(ReadIdx, ReadsLabels) {
  write_bytes(path_, label_bytes({3, 1, 9}));
  const IdxContent content = read_idx(path_, IdxKind::kLabels, "");
  EXPECT_EQ(content.dimensions, (std::vector<std::int64_t>{3}));
  EXPECT_EQ(content.values, (Bytes{3, 1, 9}));
}

TEST_F(ReadIdx, UnpacksMoreThanOneChunk) {
  Bytes large(3'000'000);
  for (std::size_t i = 0; i < large.size(); ++i) {
    large[i] = static_cast<std::uint8_t>(i * i % 251);
  }
  write_bytes(path_, gzip(image_bytes(3000, 10, 100, large)));
  EXPECT_EQ(read_idx(path_, IdxKind::kImages, "").values, large);
}

TEST_F(ReadIdx, CrcIsOfTheUnpackedFileAndContinues) {
  const Bytes bytes = images();
  const auto size = static_cast<uInt>(bytes.size());
  write_bytes(path_, bytes);
  EXPECT_EQ(read_idx(path_, IdxKind::kImages, "").crc, crc32(0, bytes.data(), size));
  EXPECT_EQ(read_idx(path_, IdxKind::kImages, "", 42).crc, crc32(42, bytes.data(), size));
  write_bytes(path_, gzip(bytes));
  EXPECT_EQ(read_idx(path_, IdxKind::kImages, "").crc, crc32(0, bytes.data(), size));
}

TEST_F(ReadIdx, RefusesMissingFile) {
  EXPECT_THAT(refusal(), AllOf(HasSubstr("missing"), HasSubstr("REMEDY")));
}

TEST_F(ReadIdx, RefusesDirectory) {
  fs::create_directory(path_);
  EXPECT_THAT(refusal(), HasSubstr("found a directory"));
}

TEST_F(ReadIdx, RefusesUnreadableFile) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  write_bytes(path_, images());
  fs::permissions(path_, fs::perms::none);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("Permission denied"), Not(HasSubstr("REMEDY"))));
}

TEST_F(ReadIdx, RefusesEmptyFile) { EXPECT_THAT(refusal(Bytes{}), HasSubstr("empty")); }

TEST_F(ReadIdx, RefusesEveryTruncation) {
  const Bytes whole = images();
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_THAT(refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))),
                AllOf(HasSubstr("truncated"), HasSubstr("REMEDY")))
        << size;
  }
}

TEST_F(ReadIdx, RefusesTrailingBytes) {
  Bytes bytes = images();
  bytes.push_back(0);
  EXPECT_THAT(refusal(bytes),
              AllOf(HasSubstr("trailing"), HasSubstr("2 x 3 x 4"), HasSubstr("25 bytes")));
  EXPECT_THAT(refusal(gzip(bytes)), HasSubstr("trailing"));
}

TEST_F(ReadIdx, RefusesWrongMagic) {
  EXPECT_THAT(refusal(idx_bytes(0xd03, {2, 3, 4}, pixels_)),
              AllOf(HasSubstr("0x00000803"), HasSubstr("0x00000d03")));
}

TEST_F(ReadIdx, TellsImagesFromLabels) {
  EXPECT_THAT(refusal(images(), IdxKind::kLabels), HasSubstr("the magic number of images"));
  EXPECT_THAT(refusal(label_bytes({1, 2, 3}), IdxKind::kImages),
              HasSubstr("the magic number of labels"));
}

TEST_F(ReadIdx, RefusesZeroDimension) {
  EXPECT_THAT(refusal(image_bytes(0, 28, 28, {})), HasSubstr("0 x 28 x 28"));
  EXPECT_THAT(refusal(label_bytes({}), IdxKind::kLabels), HasSubstr("contains no data"));
}

TEST_F(ReadIdx, RefusesAbsurdDimensions) {
  EXPECT_THAT(refusal(image_bytes(0xffffffff, 0xffffffff, 0xffffffff, pixels_)),
              HasSubstr("truncated"));
  // The product is 2^64, which overflows to 0 in a plain multiplication.
  EXPECT_THAT(refusal(image_bytes(0x80000000, 0x80000000, 4, {})), HasSubstr("truncated"));
}

TEST_F(ReadIdx, RefusesHugeFile) {
  write_bytes(path_, images());
  fs::resize_file(path_, std::uintmax_t{1} << 31);
  EXPECT_THAT(refusal(), HasSubstr("expected at most"));
}

TEST_F(ReadIdx, RefusesEveryFlippedByteOfGzipData) {
  const Bytes whole = gzip(images());
  constexpr std::size_t kGzipHeader = 10;  // it contains a time stamp, which no checksum covers
  for (std::size_t i = kGzipHeader; i < whole.size(); ++i) {
    Bytes broken = whole;
    broken[i] ^= 0xff;
    EXPECT_THAT(refusal(broken), HasSubstr("gzip")) << i;
  }
}

TEST_F(ReadIdx, RefusesWrongGzipCrc) {
  Bytes bytes = gzip(images());
  bytes[bytes.size() - 8] ^= 1;
  EXPECT_THAT(refusal(bytes), HasSubstr("incorrect data check"));
}

TEST_F(ReadIdx, RefusesEveryTruncationOfGzip) {
  const Bytes whole = gzip(images());
  for (std::size_t size = 2; size < whole.size(); ++size) {
    EXPECT_THAT(refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))),
                HasSubstr("truncated"))
        << size;
  }
}

TEST_F(ReadIdx, RefusesBytesAfterGzip) {
  Bytes bytes = gzip(images());
  bytes.push_back('\n');
  EXPECT_THAT(refusal(bytes), AllOf(HasSubstr("trailing"), HasSubstr("1 byte;")));
}

}  // namespace
}  // namespace snn

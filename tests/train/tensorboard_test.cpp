#include "train/tensorboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

#include "support/error_of.h"
#include "support/temporary_directory.h"

namespace snn {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// A parser of protocol buffers, written from the specification of the format alone:
// protobuf.dev/programming-guides/encoding.
class Message {
 public:
  explicit Message(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::uint64_t key = take_varint(bytes);
      const auto number = static_cast<int>(key >> 3);
      switch (key & 7) {
        case 0:
          numbers[number] = take_varint(bytes);
          break;
        case 1:
          numbers[number] = take_fixed(bytes, 8);
          break;
        case 2: {
          const std::size_t size = take_varint(bytes);
          texts[number].push_back(std::string(bytes.substr(0, size)));
          bytes.remove_prefix(size);
          break;
        }
        case 5:
          numbers[number] = take_fixed(bytes, 4);
          break;
        default:
          throw std::runtime_error("unknown wire type");
      }
    }
  }

  std::map<int, std::uint64_t> numbers;
  std::map<int, std::vector<std::string>> texts;

 private:
  static std::uint64_t take_varint(std::string_view& bytes) {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes.at(0));
      bytes.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
  }
  static std::uint64_t take_fixed(std::string_view& bytes, int size) {
    std::uint64_t value = 0;
    for (int i = 0; i < size; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes.at(0))) << 8 * i;
      bytes.remove_prefix(1);
    }
    return value;
  }
};

std::map<std::string, float> scalars(const Message& event) {
  std::map<std::string, float> found;
  const Message summary(event.texts.at(5).at(0));
  for (const std::string& text : summary.texts.at(1)) {
    const Message value(text);
    const auto bits = static_cast<std::uint32_t>(value.numbers.at(2));
    EXPECT_TRUE(found.emplace(value.texts.at(1).at(0), std::bit_cast<float>(bits)).second);
  }
  return found;
}

NetworkSpec network() {
  return {{4}, {{LinearSpec{3}, LeakyOptions()}, {LinearSpec{2}, ReluOptions{}}}};
}

MetricsRow full_row(std::int64_t epoch) {
  const double x = static_cast<double>(epoch);
  MetricsRow row;
  row.epoch = epoch;
  row.step = 300 * epoch;
  row.lr = 1e-3;
  row.train = {x + 0.1, 0.2};
  row.validation = {0.3, 0.4, 0.35, 7, 6};
  row.test = {0.5, 1.0 / 3, 0.25, 12, 3};
  row.gradient_norm = 0.6;
  row.spikes_per_neuron = {0.7, 0.8};
  row.silent_fraction = {0.9, 0.25};
  row.seconds = 1.5;
  row.samples_per_second = 123456;
  return row;
}

MetricsRow untrained_row() {
  MetricsRow row;
  row.test = {2.3, 0.1};
  row.spikes_per_neuron = {0.7, 0.8};
  row.silent_fraction = {0, 1};
  return row;
}

std::string bytes_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_bytes(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// The epochs with points in the event file at `path`, all of which must be valid.
std::vector<std::uint64_t> epochs_in(const fs::path& path) {
  const std::string bytes = bytes_of(path);
  const auto records = read_records(bytes);
  std::vector<std::uint64_t> epochs;
  std::size_t size = 0;
  for (const std::string_view record : records) {
    size += to_record(record).size();
    const Message event(record);
    if (size == to_record(record).size()) {
      EXPECT_EQ(event.texts.at(3).at(0), "brain.Event:2");
    } else {
      epochs.push_back(event.numbers.at(2));
    }
  }
  EXPECT_EQ(size, bytes.size());
  return epochs;
}

TEST(Crc32c, IsThatOfRfc3720) {
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  std::string rising;
  for (char byte = 0; byte < 32; ++byte) rising += byte;
  EXPECT_EQ(crc32c(rising), 0x46DD794EU);
}

// TensorFlow writes this record for three bytes.
TEST(Record, HasItsLengthAndTwoMaskedChecks) {
  const std::string record = to_record("abc");
  ASSERT_THAT(record, SizeIs(8u + 4 + 3 + 4));
  EXPECT_EQ(record.substr(0, 8), std::string("\x03\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(record.substr(12, 3), "abc");
  const auto masked = [](std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; };
  const auto at = [&](std::size_t offset) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) {
      value = value << 8 | static_cast<unsigned char>(record[offset + i]);
    }
    return value;
  };
  EXPECT_EQ(at(8), masked(crc32c(record.substr(0, 8))));
  EXPECT_EQ(at(15), masked(crc32c("abc")));
}

TEST(ReadRecords, StopsAtTheFirstThatIsNotWhole) {
  const std::string good = to_record("one") + to_record("") + to_record("three");
  EXPECT_THAT(read_records(good), ElementsAre("one", "", "three"));
  for (std::size_t size = 0; size < good.size(); ++size) {
    const std::string cut = good.substr(0, size);
    const std::size_t expected = size < to_record("one").size()                     ? 0
                                 : size < (to_record("one") + to_record("")).size() ? 1
                                                                                    : 2;
    EXPECT_THAT(read_records(cut), SizeIs(expected)) << size;
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string damaged = good;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_LT(read_records(damaged).size(), 3u) << i;
  }
}

TEST(ToEvent, HoldsEveryNumberOfARow) {
  const Message event(to_event(full_row(300), network(), 1234.5));
  EXPECT_EQ(std::bit_cast<double>(event.numbers.at(1)), 1234.5);
  EXPECT_EQ(event.numbers.at(2), 300u);
  const std::map<std::string, float> expected = {{"loss/train", 300.1F},
                                                 {"accuracy/train", 0.2F},
                                                 {"loss/validation", 0.3F},
                                                 {"accuracy/validation", 0.4F},
                                                 {"loss/test", 0.5F},
                                                 {"accuracy/test", 1.0F / 3},
                                                 {"count_accuracy/validation", 0.35F},
                                                 {"ties/validation", 7.0F},
                                                 {"without_spikes/validation", 6.0F},
                                                 {"count_accuracy/test", 0.25F},
                                                 {"ties/test", 12.0F},
                                                 {"without_spikes/test", 3.0F},
                                                 {"spikes_per_neuron/lif1", 0.7F},
                                                 {"spikes_per_neuron/relu2", 0.8F},
                                                 {"silent_fraction/lif1", 0.9F},
                                                 {"silent_fraction/relu2", 0.25F},
                                                 {"training/lr", 1e-3F},
                                                 {"training/gradient_norm", 0.6F},
                                                 {"training/seconds", 1.5F},
                                                 {"training/samples_per_second", 123456.0F}};
  EXPECT_EQ(scalars(event), expected);
  // The tags are every column of metrics.csv except epoch and step.
  const std::string csv = metrics_to_csv({}, 2);
  EXPECT_EQ(expected.size(), static_cast<std::size_t>(std::count(csv.begin(), csv.end(), ',')) - 1);
}

TEST(ToEvent, HasWhatIsLearned) {
  MetricsRow row = full_row(1);
  row.learned = {{"beta", 1, false, 0.5, 0.5, 0.5}, {"threshold", 2, true, 1, -0.5, 3}};
  NetworkSpec learning = network();
  learning.layers[1].neuron = LeakyOptions().learn_threshold(true);
  auto learned = scalars(Message(to_event(row, learning, 0)));
  for (const auto& [tag, value] : scalars(Message(to_event(full_row(1), learning, 0)))) {
    learned.erase(tag);
  }
  EXPECT_EQ(learned, (std::map<std::string, float>{{"beta/lif1", 0.5F},
                                                   {"threshold/lif2", 1.0F},
                                                   {"threshold_min/lif2", -0.5F},
                                                   {"threshold_max/lif2", 3.0F}}));
}

TEST(ToEvent, LeavesOutWhatDoesNotApply) {
  EXPECT_THAT(scalars(Message(to_event(untrained_row(), network(), 0))), SizeIs(6));
}

TEST(WriteEvents, AddsToTheFileInPlace) {
  const TemporaryDirectory folder;
  const fs::path path = folder.path() / "events", link = folder.path() / "link";
  write_events(path, {untrained_row()}, network());
  fs::create_hard_link(path, link);
  const std::string before = bytes_of(path);
  write_events(path, {untrained_row(), full_row(1)}, network());
  EXPECT_TRUE(bytes_of(path).starts_with(before)) << "and the times are still those of then";
  EXPECT_EQ(bytes_of(link), bytes_of(path)) << "who has the file open sees what was added";
  EXPECT_THAT(epochs_in(path), ElementsAre(0, 1));
  const std::string after = bytes_of(path);
  write_events(path, {untrained_row(), full_row(1)}, network());
  EXPECT_EQ(bytes_of(path), after);
}

TEST(WriteEvents, CutsOffWhatDidNotComeToBe) {
  const TemporaryDirectory folder;
  const fs::path path = folder.path() / "events";
  const std::vector<MetricsRow> all = {untrained_row(), full_row(1), full_row(2), full_row(3)};
  write_events(path, all, network());
  // The run resumes after epoch 1, and its second epoch ends differently.
  write_events(path, {all[0], all[1]}, network());
  EXPECT_THAT(epochs_in(path), ElementsAre(0, 1));
  write_events(path, all, network());
  MetricsRow other = full_row(2);
  other.train.loss = 9;
  write_events(path, {all[0], all[1], other}, network());
  EXPECT_THAT(epochs_in(path), ElementsAre(0, 1, 2));
  const std::string bytes = bytes_of(path);
  EXPECT_EQ(scalars(Message(read_records(bytes)[3])).at("loss/train"), 9);
}

TEST(WriteEvents, MendsAFileThatIsCutOffOrDamaged) {
  const TemporaryDirectory folder;
  const fs::path path = folder.path() / "events";
  const std::vector<MetricsRow> rows = {untrained_row(), full_row(1), full_row(2)};
  write_events(path, rows, network());
  const std::string good = bytes_of(path);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, good.size() / 2, good.size() - 1}) {
    write_bytes(path, good.substr(0, size));
    write_events(path, rows, network());
    EXPECT_THAT(epochs_in(path), ElementsAre(0, 1, 2)) << size;
  }
  write_bytes(path, "something else altogether, longer than a record: " + good);
  write_events(path, rows, network());
  EXPECT_THAT(epochs_in(path), ElementsAre(0, 1, 2));
}

TEST(WriteEvents, SaysThatItCannot) {
  const TemporaryDirectory folder;
  EXPECT_THAT(error_of([&] { write_events("/dev/full", {untrained_row()}, network()); }),
              HasSubstr("/dev/full"));
  EXPECT_THAT(error_of([&] { write_events(folder.path(), {untrained_row()}, network()); }),
              HasSubstr(folder.path().string()));
  EXPECT_THAT(error_of([&] {
                write_events(folder.path() / "no" / "events", {untrained_row()}, network());
              }),
              HasSubstr("cannot write"));
}

}  // namespace
}  // namespace snn

#include "snn/train/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/config_text.h"
#include "snn/train/option.h"
#include "support/error_of.h"
#include "support/temporary_directory.h"
#include "train/safetensors.h"

namespace snn {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kNoError = "no error";

// A checkpoint within an epoch, with numbers that have no short decimal form.
Checkpoint example() {
  Checkpoint checkpoint;
  checkpoint.config.hidden = {2};
  set_option(checkpoint.config, "beta", "0.1," + format_real(1.0 / 3));
  checkpoint.config.lr_schedule = parse_schedule("cosine:floor=0.1");
  set_option(checkpoint.config, "surrogate", "sfs");
  checkpoint.config.seed = std::numeric_limits<std::int64_t>::max();
  checkpoint.network = network_spec(checkpoint.config, {1, 1, 3}, 2);
  checkpoint.train_digest = "crc32:01234567";
  checkpoint.test_digest = "crc32:89abcdef";
  checkpoint.progress = {3, 17, {1.0 / 7, 2.0 / 3, 101, 17 * 128}, Best{2, 0.1 + 0.2}};
  checkpoint.state.step = 3 * 20 + 17;  // for epochs of 20 batches
  checkpoint.state.tensors = {{"fc1.weight", {{2, 3}, {0.1F, -0.0F, 1e-45F, 3.4e38F, -1.0F, 7.0F}}},
                              {"fc2.weight", {{2, 2}, {1, 2, 3, 4}}},
                              {"lif1.beta", {{}, {0.95F}}},
                              {"optimizer.exp_avg.fc1.weight", {{2, 3}, {1, 2, 3, 4, 5, 6}}}};
  return checkpoint;
}

// The reason for refusing `bytes`; every refusal must name the file and have the exit code of a
// checkpoint.
std::string refusal(std::string_view bytes) {
  const std::string text =
      error_of(ExitCode::kCheckpoint, [&] { deserialize(bytes, "a.safetensors"); });
  EXPECT_THAT(text, testing::AnyOf(kNoError, StartsWith("a.safetensors: ")));
  return text;
}

// The example with changed metadata or tensors, and a valid digest.
template <class Change>
std::string changed(const Change& change) {
  safetensors::Content content = safetensors::decode(serialize(example()), "example");
  change(content);
  return safetensors::encode(content);
}

std::string with_metadata(const std::string& key, const std::string& text) {
  return changed([&](safetensors::Content& content) {
    for (auto& [word, value] : content.metadata) {
      if (word == key) value = text;
    }
  });
}

// A safetensors file with this header, as written by another program.
std::string file_of(const std::string& header, const std::string& data = "") {
  const std::uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + header + data;
}

TEST(Checkpoint, ReadsBackExactly) {
  const Checkpoint before = example();
  const Checkpoint after = deserialize(serialize(before), "a");
  EXPECT_EQ(after.config, before.config);
  EXPECT_EQ(after.network, before.network);
  EXPECT_EQ(after.train_digest, before.train_digest);
  EXPECT_EQ(after.test_digest, before.test_digest);
  EXPECT_EQ(after.progress, before.progress);
  EXPECT_EQ(after.state.step, before.state.step);
  EXPECT_EQ(after.state.tensors, before.state.tensors);
  EXPECT_TRUE(std::signbit(after.state.tensors.at("fc1.weight").values[1]));
}

TEST(Checkpoint, ReadsBackWithNothingBestYet) {
  Checkpoint before = example();
  before.progress = {};
  before.state.step = 0;
  const Checkpoint after = deserialize(serialize(before), "a");
  EXPECT_EQ(after.progress, Progress{});
}

TEST(Checkpoint, HasTheSameBytesForTheSameContent) {
  const std::string bytes = serialize(example());
  EXPECT_EQ(serialize(example()), bytes);
  EXPECT_EQ(serialize(deserialize(bytes, "a")), bytes);
}

TEST(Checkpoint, HoldsNothingOfHowTheRunIsDone) {
  Checkpoint other = example();
  for (const Option& option : options()) {
    if (option.scope != Scope::kRun) continue;
    for (const char* text : {"7", "true", "false", "cuda", "error", "reference"}) {
      option.parse(other.config, text);
    }
  }
  ASSERT_EQ(other.config.threads, 7);
  ASSERT_EQ(other.config.out_dir, "reference");
  EXPECT_EQ(serialize(other), serialize(example()));
}

TEST(Checkpoint, ChangesWithEverythingElse) {
  const std::string bytes = serialize(example());
  const auto expect_other = [&](const auto& change) {
    Checkpoint other = example();
    change(other);
    EXPECT_NE(serialize(other), bytes);
  };
  expect_other([](Checkpoint& c) { c.config.lr = 0.5; });
  expect_other([](Checkpoint& c) { c.train_digest = "crc32:11234567"; });
  expect_other([](Checkpoint& c) { c.test_digest = "crc32:99abcdef"; });
  expect_other([](Checkpoint& c) { c.progress.sums.loss += 1e-12; });
  expect_other([](Checkpoint& c) { c.progress.best.reset(); });
  expect_other([](Checkpoint& c) { ++c.state.step; });
  expect_other([](Checkpoint& c) { c.state.tensors.at("lif1.beta").values[0] = 0.9500001F; });
}

TEST(Checkpoint, StartsWithItsDigest) {
  const std::string bytes = serialize(example());
  const std::string head = R"({"__metadata__":{"digest":"crc32:)";
  ASSERT_EQ(bytes.substr(8, head.size()), head);
  EXPECT_THAT(bytes.substr(8 + head.size(), 10), testing::MatchesRegex("[0-9a-f]{8}\","));
}

// Python's safetensors requires the length of the header, and aligned tensors without gaps.
TEST(Checkpoint, IsASafetensorsFile) {
  const std::string bytes = serialize(example());
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  EXPECT_EQ(length % 8, 0u);
  const auto header = nlohmann::json::parse(bytes.substr(8, length));
  EXPECT_EQ(header.at("__metadata__").at("format_version"), "1");
  EXPECT_EQ(header.at("fc1.weight").at("dtype"), "F32");
  EXPECT_EQ(header.at("fc1.weight").at("shape"), nlohmann::json({2, 3}));
  EXPECT_EQ(header.at("fc1.weight").at("data_offsets"), nlohmann::json({0, 24}));
  EXPECT_EQ(header.at("lif1.beta").at("shape"), nlohmann::json::array());
  EXPECT_EQ(header.at("lif1.beta").at("data_offsets"), nlohmann::json({40, 44}));
  EXPECT_EQ(bytes.size(), 8 + length + 24 + 16 + 4 + 24);
  float beta = 0;
  std::memcpy(&beta, bytes.data() + 8 + length + 40, sizeof beta);
  EXPECT_EQ(beta, 0.95F);
}

TEST(Deserialize, RefusesEveryFlippedBit) {
  std::string bytes = serialize(example());
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    const char mask = static_cast<char>(1 << bit % 8);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
    ASSERT_NE(refusal(bytes), kNoError) << "bit " << bit % 8 << " of byte " << bit / 8;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
  }
  EXPECT_EQ(refusal(bytes), kNoError);
}

TEST(Deserialize, RefusesEveryTruncation) {
  const std::string bytes = serialize(example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_NE(refusal(std::string_view(bytes).substr(0, size)), kNoError) << size;
  }
}

TEST(Deserialize, RefusesTrailingBytes) {
  EXPECT_THAT(refusal(serialize(example()) + '\0'), HasSubstr("the file is damaged"));
}

TEST(Deserialize, SaysWhatIsWrongWithTheFile) {
  EXPECT_THAT(refusal(""), HasSubstr("the file is empty"));
  std::string bytes = serialize(example());
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  EXPECT_THAT(refusal(bytes), HasSubstr("the file is damaged: its CRC-32 is "));
}

TEST(Deserialize, RefusesForeignFiles) {
  const std::string tensors = R"("fc1.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  const std::string data(4, '\0');
  for (const std::string& bytes : {file_of(R"({"__metadata__":{"format":"pt"},)" + tensors, data),
                                   file_of("{" + tensors, data), file_of("{}")}) {
    EXPECT_THAT(refusal(bytes), HasSubstr("a safetensors file that another program wrote; weights "
                                          "from elsewhere cannot be read yet"));
  }
  for (const std::string& bytes :
       {std::string("PK\x03\x04 an archive of torch.save, as it were"), std::string(1000, '\0')}) {
    EXPECT_THAT(refusal(bytes), HasSubstr("not a checkpoint of snn-train (it has no digest)"));
  }
}

TEST(Deserialize, RefusesNewerFormats) {
  EXPECT_THAT(refusal(with_metadata("format_version", "2")),
              HasSubstr("format version is 2, this program reads up to 1; use a newer snn-train"));
  EXPECT_EQ(refusal(with_metadata("format_version", "1")), kNoError);
}

TEST(Deserialize, RefusesMetadataThatAreNotWhole) {
  for (const char* key : {"format", "format_version", "config", "network", "data", "progress"}) {
    const std::string bytes = changed([&](safetensors::Content& content) {
      std::erase_if(content.metadata, [&](const auto& entry) { return entry.first == key; });
    });
    EXPECT_THAT(refusal(bytes), HasSubstr(std::string("metadata key '") + key + "' is missing"));
    EXPECT_NE(refusal(with_metadata(key, "")), kNoError) << key;
    EXPECT_NE(refusal(with_metadata(key, "[]")), kNoError) << key;
    EXPECT_NE(refusal(with_metadata(key, "{}")), kNoError) << key;
  }
}

TEST(Deserialize, RefusesVersionsThatAreNone) {
  for (const char* version : {"one", "0", "-1", "1.0"}) {
    EXPECT_EQ(refusal(with_metadata("format_version", version)),
              std::string("a.safetensors: its format_version is '") + version + "'");
  }
}

TEST(Deserialize, RefusesOptionsItDoesNotKnow) {
  std::string config = result_options_to_json(example().config);
  config.insert(1, R"("leakage":"0.5",)");
  EXPECT_THAT(refusal(with_metadata("config", config)), HasSubstr("unknown option 'leakage'"));
}

// The digest is valid, but the header does not describe the data: a defect of another program.
TEST(Deserialize, RefusesHeadersThatDoNotFitTheData) {
  const std::string bytes = serialize(example());
  const auto with = [&](const std::string& part, const std::string& other) {
    std::string copy = bytes;
    copy.replace(copy.find(part), part.size(), other);
    // The digest is recomputed; the message of the refusal contains it.
    const std::string text = refusal(copy);
    const std::string mark = "its CRC-32 is ";
    copy.replace(41, 8, text.substr(text.find(mark) + mark.size(), 8));
    return refusal(copy);
  };
  EXPECT_THAT(with("[0,24]", "[0,99]"), HasSubstr("offsets outside the file"));
  EXPECT_THAT(with("[0,24]", "[4,24]"), HasSubstr("offsets outside the file"));
  EXPECT_THAT(with("[24,40]", "[20,36]"),
              HasSubstr("a gap before a tensor, or overlapping tensors"));
  EXPECT_THAT(with("[24,40]", "[28,44]"),
              HasSubstr("a gap before a tensor, or overlapping tensors"));
  EXPECT_THAT(with("[0,24]", "[0.,24.]"), HasSubstr("not valid JSON"));
  EXPECT_THAT(with("[0,24]", "[.5,24]"), HasSubstr("not valid JSON"));
  EXPECT_THAT(with("[0,24]", "[0,2e1]"), HasSubstr("expected an integer"));
  EXPECT_THAT(with("\"fc2.weight\":", "\"fc1.weight\":"), HasSubstr("duplicate key"));
  EXPECT_THAT(with("[0,24]", "[24,0]"), HasSubstr("offsets outside the file"));
  EXPECT_THAT(with("[2,3]", "[2,4]"), HasSubstr("offsets outside the file"));
  EXPECT_THAT(with("[2,3]", "[-6 ]"), HasSubstr("offsets outside the file"));
  EXPECT_THAT(with(R"("F32")", R"("F16")"), HasSubstr("a dtype other than F32"));
  EXPECT_THAT(with(bytes.substr(0, 8), std::string(8, '\x7f')), HasSubstr("a header too long"));
}

// The example with changed progress, network or tensors.
template <class Change>
std::string refusal_of(const Change& change) {
  Checkpoint checkpoint = example();
  change(checkpoint);
  return refusal(serialize(checkpoint));
}

TEST(Deserialize, RefusesProgressThatCannotBe) {
  const auto progress = [](const Progress& other, std::int64_t step) {
    return refusal_of([&](Checkpoint& c) {
      c.progress = other;
      c.state.step = step;
    });
  };
  const EpochSums sums = example().progress.sums;
  const std::int64_t most = std::numeric_limits<std::int64_t>::max(), least = -most - 1;
  EXPECT_EQ(progress({3, 17, sums, {}}, 77), kNoError);
  EXPECT_EQ(progress({3, 20, {1, 1, 0, 20 * 128 - 127}, {}}, 80), kNoError);  // short last batch
  EXPECT_EQ(progress({0, 17, sums, {}}, 17), kNoError);
  for (const std::int64_t epoch : {std::int64_t{-1}, least, most, std::int64_t{1} << 62}) {
    EXPECT_THAT(progress({epoch, 17, sums, {}}, 77), HasSubstr("epoch: expected 0 to 4294967294"));
  }
  for (const std::int64_t batch : {std::int64_t{-1}, least, most}) {
    EXPECT_THAT(progress({3, batch, sums, {}}, 77), HasSubstr("batch: expected 0 to 4294967294"));
  }
  // These are not a whole number of batches per epoch; fewer than the finished ones of this epoch;
  // none.
  for (const std::int64_t step :
       {std::int64_t{76}, std::int64_t{65}, std::int64_t{17}, std::int64_t{-1}, least, most}) {
    EXPECT_THAT(progress({3, 17, sums, {}}, step), HasSubstr("does not match epoch 3, batch 17"));
  }
  EXPECT_THAT(progress({0, 17, sums, {}}, 18), HasSubstr("step 18 does not match epoch 0"));
}

TEST(Deserialize, RefusesSumsThatCannotBe) {
  const auto sums = [](const EpochSums& other) {
    return refusal_of([&](Checkpoint& c) { c.progress.sums = other; });
  };
  const double nan = std::nan(""), infinite = std::numeric_limits<double>::infinity();
  EXPECT_THAT(sums({1, 1, 0, 16 * 128}), HasSubstr("samples: expected 2049 to 2176, found 2048"));
  EXPECT_THAT(sums({1, 1, 0, 17 * 128 + 1}), HasSubstr("samples: expected 2049 to 2176"));
  EXPECT_THAT(sums({1, 1, 2177, 2176}), HasSubstr("correct: expected 0 to 2176, found 2177"));
  EXPECT_THAT(sums({1, 1, -5, 2176}), HasSubstr("correct: expected 0 to 2176, found -5"));
  // JSON has no such numbers and uses null instead.
  EXPECT_NE(sums({nan, 1, 0, 2176}), kNoError);
  EXPECT_NE(sums({1, infinite, 0, 2176}), kNoError);
  EXPECT_THAT(refusal_of([](Checkpoint& c) { c.progress.best->epoch = 4; }),
              HasSubstr("best epoch: expected 1 to 3, found 4"));
  EXPECT_THAT(refusal_of([](Checkpoint& c) { c.progress.best->epoch = 0; }),
              HasSubstr("best epoch: expected 1 to 3, found 0"));
}

TEST(Deserialize, RefusesNumbersThatAreNone) {
  const std::string progress =
      R"({"epoch":E,"batch":0,"step":0,"loss_sum":0,"gradient_norm_sum":0,"correct":0,"samples":0,)"
      R"("best":null})";
  for (const char* epoch :
       {"0.5", "1e300", "-1", "true", "\"0\"", "null", "1e0", "18446744073709551615", "1e999"}) {
    std::string text = progress;
    text.replace(text.find('E'), 1, epoch);
    EXPECT_NE(refusal(with_metadata("progress", text)), kNoError) << epoch;
  }
  std::string text = progress;
  text.replace(text.find('E'), 1, "0");
  EXPECT_EQ(refusal(with_metadata("progress", text)), kNoError);
}

TEST(Deserialize, RefusesANetworkThatIsNotThatOfItsOptions) {
  const auto leaky = [](Checkpoint& c) -> LeakyOptions& {
    return std::get<LeakyOptions>(c.network.layers[0].neuron);
  };
  EXPECT_THAT(refusal_of([&](Checkpoint& c) { leaky(c).beta(5.0); }),
              HasSubstr("its network, 3-2-2, does not match its options"));
  EXPECT_NE(refusal_of([&](Checkpoint& c) { leaky(c).threshold(1e-30); }), kNoError);
  EXPECT_NE(refusal_of([&](Checkpoint& c) { c.network.layers[1].neuron = ReluOptions{}; }),
            kNoError);
  EXPECT_NE(refusal_of([&](Checkpoint& c) { c.config.hidden = {2, 2}; }), kNoError);
}

// A learned value may leave the option's range.
TEST(Deserialize, TakesWhatWasLearned) {
  EXPECT_EQ(refusal_of([](Checkpoint& c) { c.state.tensors["lif1.beta"].values = {1.39F}; }),
            kNoError);
}

TEST(Deserialize, RefusesWeightsOfAnotherNetwork) {
  EXPECT_THAT(
      refusal_of([](Checkpoint& c) {
        c.config.hidden = {1'000'000};
        c.network = network_spec(c.config, {1, 1, 3}, 2);
      }),
      HasSubstr("the tensor 'fc1.weight' has a different shape than in the network, 1000000 by 3"));
  EXPECT_THAT(refusal_of([](Checkpoint& c) { c.state.tensors.erase("fc2.weight"); }),
              HasSubstr("the tensor 'fc2.weight' is missing"));
}

TEST(Deserialize, RefusesValuesThatAreNotFinite) {
  for (const char* name : {"fc1.weight", "lif1.beta", "optimizer.exp_avg.fc1.weight"}) {
    EXPECT_THAT(refusal_of([&](Checkpoint& c) { c.state.tensors.at(name).values[0] = NAN; }),
                HasSubstr(std::string(name) + " holds nan: training had diverged"));
    EXPECT_THAT(refusal_of([&](Checkpoint& c) { c.state.tensors.at(name).values[0] = -INFINITY; }),
                HasSubstr(std::string(name) + " holds -inf"));
  }
}

// A nesting of 200,000 levels would overflow the stack when copied or discarded.
TEST(Deserialize, RefusesWhatIsTooDeep) {
  const std::string deep(200'000, '[');
  for (const char* key : {"config", "network", "data", "progress"}) {
    EXPECT_THAT(refusal(with_metadata(key, R"({"a":)" + deep)), HasSubstr("deeper than 64 levels"));
  }
}

TEST(LoadCheckpoint, ReadsAFile) {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "a.safetensors";
  std::ofstream(path, std::ios::binary) << serialize(example());
  EXPECT_EQ(serialize(load_checkpoint(path)), serialize(example()));
}

TEST(LoadCheckpoint, NamesWhatItCannotRead) {
  const TemporaryDirectory folder;
  const auto error = [](const std::filesystem::path& path) {
    return error_of(ExitCode::kCheckpoint, [&] { load_checkpoint(path); });
  };
  const std::string path = (folder.path() / "none").string();
  EXPECT_EQ(error(path), path + ": no such file");
  EXPECT_EQ(error(folder.path()), folder.path().string() + ": not a regular file");
  std::ofstream(path).close();
  EXPECT_THAT(error(path), StartsWith(path + ": the file is empty"));
}

}  // namespace
}  // namespace snn

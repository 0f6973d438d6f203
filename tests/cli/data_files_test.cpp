// Data files of users: their names, their folders, and their recognised content.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/program_test.h"
#include "support/own_data.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const Words kShort = {"--hidden", "12", "-T",          "4",          "-b", "16",
                      "-e",       "1",  "--no-report", "--run-name", "r"};
constexpr const char* kOwnFiles = ": 60 training, 40 test images (own files)";

class DataFiles : public ProgramTest {
 protected:
  ProcessResult train_on(const std::string& data_dir, const Words& more = {}) const {
    return train(kShort + Words{"--data-dir", data_dir} + more);
  }
};

TEST_F(DataFiles, MayHaveMoreClasses) {
  const std::pair<OwnData, std::int64_t> cases[] = {
      {{.first_label = 1, .last_label = 26}, 27},
      {{.first_label = 0, .last_label = 46}, 47},
      {{.first_label = 1, .last_label = 10}, 11},
      {{.first_label = 0, .last_label = 255, .train = 512, .test = 256}, 256},
      {{.first_label = 0, .last_label = 2}, 10}};
  for (const auto& [data, classes] : cases) {
    fs::remove_all(path("runs"));
    write_own_data(path("own"), data);
    const ProcessResult trained = train_on("own", {"--report"});
    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_THAT(trained.err, HasSubstr("784-12-" + std::to_string(classes) + ","));
    const std::string remark =
        "labels run from 1 to " + std::to_string(data.last_label) + ": class 0 is unused";
    EXPECT_EQ(trained.err.find(remark) != std::string::npos, data.first_label == 1);
    const ProcessResult evaluated = eval({"runs/r", "--json"});
    ASSERT_EQ(evaluated.code, 0) << evaluated.err;
    EXPECT_EQ(parse(evaluated.out)["classes"].size(), static_cast<std::size_t>(classes));
    EXPECT_EQ(eval({"runs/r", "--image", "1"}).code, 0);
    EXPECT_EQ(report({"runs/r"}).code, 0);
  }
}

// The test part shows fewer labels than the training part, but both belong to one network.
TEST_F(DataFiles, HaveTheClassesOfBothParts) {
  const OwnData letters = {.first_label = 0, .last_label = 25};
  write_own_part(path("own"), "train", letters, 52);
  write_own_part(path("own"), "t10k", letters, 5);
  const ProcessResult trained = train_on("own");
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_THAT(trained.err, HasSubstr("784-12-26,"));
  const ProcessResult evaluated = eval({"runs/r"});
  EXPECT_EQ(evaluated.code, 0) << evaluated.err;
}

TEST_F(DataFiles, MustHaveOneShape) {
  const std::pair<OwnData, OwnData> cases[] = {
      {{.rows = 8, .columns = 8}, {.rows = 10, .columns = 10}},
      {{.rows = 6, .columns = 10}, {.rows = 10, .columns = 6}},
      {{}, {.rows = 14, .columns = 56}}};
  write_text(path("sweep.yaml"), "parameters: {beta: {values: [0.5, 0.9]}}\n");
  for (const auto& [first, second] : cases) {
    write_own_part(path("own"), "train", first, 60);
    write_own_part(path("own"), "t10k", second, 40);
    const Words sweep_words = {"sweep.yaml", "--data-dir", "own"};
    for (const ProcessResult& result :
         {train_on("own"), train_on("own", {"--dry-run"}),
          train_on("own", {"--engine", "reference"}), sweep(sweep_words),
          sweep(sweep_words + Words{"--dry-run"})}) {
      EXPECT_EQ(result.code, 3);
      EXPECT_THAT(result.err, AllOf(HasSubstr("own/train-images-idx3-ubyte are "),
                                    HasSubstr("own/t10k-images-idx3-ubyte are ")));
    }
    EXPECT_FALSE(fs::exists(path("runs"))) << "nothing is left of what could not begin";
    EXPECT_FALSE(fs::exists(path("sweeps")));
  }
}

// KMNIST, MNIST-C and others have the names and sizes of MNIST.
TEST_F(DataFiles, MayHaveTheNumbersOfMnist) {
  for (const auto& [stem, count] : {std::pair{"train", 60000u}, std::pair{"t10k", 10000u}}) {
    fs::create_directories(path("own"));
    const Bytes images(std::size_t{count} * 28 * 28, 7);
    write_bytes(path("own") / (std::string(stem) + "-images-idx3-ubyte.gz"),
                gzip(image_bytes(count, 28, 28, images)));
    write_bytes(path("own") / (std::string(stem) + "-labels-idx1-ubyte.gz"),
                gzip(label_bytes(Bytes(count, 3))));
  }
  const ProcessResult result = train_on("own", {"--limit-train", "20", "--limit-test", "20"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("20 test images (own files)"),
                    HasSubstr("own: the train files have the size of mnist (60,000 images of "
                              "28 x 28) but are not the published ones (crc32:"),
                    HasSubstr("own: the test files have the size of mnist (10,000 "),
                    HasSubstr("published crc32:2705307c); they are treated as your own data"),
                    Not(HasSubstr("get-data"))));
  EXPECT_EQ(eval({"runs/r"}).code, 0);
}

TEST_F(DataFiles, MayLieInAFolderOfTheirName) {
  write_own_data(path("whole"));
  for (const bool is_inside : {false, true}) {
    fs::remove_all(path("own"));
    fs::remove_all(path("runs"));
    for (const std::string stem :
         {"train-images.idx3", "train-labels.idx1", "t10k-images.idx3", "t10k-labels.idx1"}) {
      std::string dashed = stem + "-ubyte";
      dashed[dashed.find('.')] = '-';
      fs::create_directories(path("own") / dashed);
      fs::copy(path("whole") / dashed,
               (is_inside ? path("own") / dashed : path("own")) / (stem + "-ubyte"));
    }
    const ProcessResult result = train_on("own");
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr(kOwnFiles));
  }
  fs::remove_all(path("own"));
  fs::create_directories(path("own/train-images-idx3-ubyte"));
  const ProcessResult empty = train_on("own");
  EXPECT_EQ(empty.code, 3);
  EXPECT_THAT(empty.err, HasSubstr("expected a file, found a directory"));
}

TEST_F(DataFiles, AreFoundWhereTorchvisionPutsThem) {
  write_own_data(path("root/MNIST/raw"));
  write_own_data(path("root/FashionMNIST/raw"), {.train = 50, .test = 30});
  write_own_data(path("data/MNIST/raw"), {.train = 40, .test = 20});
  EXPECT_THAT(train_on("root", {"--dry-run"}).err,
              HasSubstr("in root/MNIST/raw" + std::string(kOwnFiles)));
  EXPECT_THAT(train_on("root/MNIST", {"--dry-run"}).err, HasSubstr("in root/MNIST/raw: 60"));
  EXPECT_THAT(train_on("root", {"--dry-run", "--dataset", "fashion-mnist"}).err,
              HasSubstr("in root/FashionMNIST/raw: 50"));
  EXPECT_THAT(train(kShort + Words{"--dry-run"}).err, HasSubstr("in data/MNIST/raw: 40"));
}

TEST_F(DataFiles, MayHaveTheNamesOfEmnist) {
  const OwnData wide = {.rows = 2, .columns = 3};
  write_own_part(path("own"), "emnist-digits-train", wide, 60);
  write_own_part(path("own"), "emnist-digits-test", wide, 40);
  const ProcessResult trained = train_on("own");
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_THAT(trained.err, AllOf(HasSubstr(kOwnFiles), HasSubstr("they were turned upright")));
  const ProcessResult evaluated = eval({"runs/r", "--json"});
  EXPECT_EQ(evaluated.code, 0) << evaluated.err;

  // The same files under MNIST's names hold different images.
  write_own_data(path("plain"), wide);
  const ProcessResult plain = eval({"runs/r", "--data-dir", "plain"});
  EXPECT_EQ(plain.code, 3);
  EXPECT_THAT(plain.err, HasSubstr("images of 2 x 3 in 10 classes, but the network 6-12-10 takes "
                                   "images of 3 x 2"));

  write_own_part(path("own"), "emnist-letters-train", wide, 60);
  const ProcessResult several = train_on("own");
  EXPECT_EQ(several.code, 3);
  EXPECT_THAT(several.err, HasSubstr("expected the files of one EMNIST set, found "
                                     "emnist-digits-train, emnist-letters-train"));
}

TEST_F(DataFiles, ThatAreNoneAreCalledByTheirName) {
  const std::pair<std::string, const char*> cases[] = {
      {"<!DOCTYPE html>\n<html><body>404</body></html>\n", "a web page (HTML or XML)"},
      {"\n <HTML>", "a web page (HTML or XML)"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9912422\n",
       "a Git LFS pointer to it; fetch it with: git lfs pull"},
      {"{\"message\": \"Not Found\"}", "a JSON text"},
      {"PK\x03\x04", "a zip archive"}};
  write_own_data(path("own"));
  for (const auto& [text, name] : cases) {
    for (const std::string suffix : {"", ".gz"}) {
      fs::remove(path("own/train-images-idx3-ubyte"));
      fs::remove(path("own/train-images-idx3-ubyte.gz"));
      write_text(path("own/train-images-idx3-ubyte" + suffix), text);
      const ProcessResult result = train_on("own");
      EXPECT_EQ(result.code, 3);
      EXPECT_THAT(result.err, AllOf(HasSubstr("own/train-images-idx3-ubyte" + suffix),
                                    HasSubstr(std::string("not an IDX file but ") + name),
                                    Not(HasSubstr("get-data"))));
    }
  }
}

// Only the folder of the published files may be named in advice to fetch: anywhere else, fetched
// files would replace or hide the user's own.
TEST_F(DataFiles, AreFetchedOnlyToWhereTheyBelong) {
  write_own_data(path("own"));
  fs::resize_file(path("own/t10k-images-idx3-ubyte"), 1000);
  const ProcessResult own = train_on("own");
  EXPECT_EQ(own.code, 3);
  EXPECT_THAT(own.err, AllOf(HasSubstr("own/t10k-images-idx3-ubyte: truncated"),
                             HasSubstr("; replace it with an undamaged file\n")));
  fs::create_directories(path("data"));
  fs::rename(path("own"), path("data/mnist"));
  const ProcessResult usual = train(kShort);
  EXPECT_EQ(usual.code, 3);
  EXPECT_THAT(usual.err,
              testing::ContainsRegex("; fetch it again with: .*get-data.sh mnist data/mnist\n"));
}

TEST_F(DataFiles, TablesMayHaveBeenSavedByASpreadsheet) {
  write_own_data(path("own"));
  ASSERT_EQ(train_on("own", {"--report"}).code, 0);
  for (const std::string file : {"metrics.csv", "predictions.csv"}) {
    const std::string text = bytes_of(path("runs/r/" + file));
    write_text(path("runs/r/" + file), "\xEF\xBB\xBF" + join(split(text, '\n'), "\r\n"));
  }
  const ProcessResult page = report({"runs/r"});
  EXPECT_EQ(page.code, 0) << page.err;
  const ProcessResult resumed = train({"--resume", "runs/r", "-e", "2"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, Not(HasSubstr("metrics.csv")));
}

TEST_F(DataFiles, SweepTablesToo) {
  write_own_data(path("own"));
  write_text(path("sweep.yaml"), "parameters: {beta: {values: [0.5, 0.9]}}\n");
  const ProcessResult swept =
      sweep(Words{"sweep.yaml", "--data-dir", "own", "--hidden", "4", "-T", "2", "-e", "1"});
  ASSERT_EQ(swept.code, 0) << swept.err;
  const fs::path table = path("sweeps/sweep/sweep.csv");
  write_text(table, "\xEF\xBB\xBF" + join(split(bytes_of(table), '\n'), "\r\n"));
  EXPECT_EQ(report({"sweeps/sweep"}).code, 0);
}

// A confusion matrix of 20,000 classes would exceed the memory of the machine.
TEST_F(DataFiles, PredictionsOfAbsurdlyManyClassesAreRefused) {
  write_own_data(path("own"));
  ASSERT_EQ(train_on("own", {"--report"}).code, 0);
  std::string header = "image,label,prediction", row = "0,0,1";
  for (int c = 0; c < 20000; ++c) {
    header += ",spikes_" + std::to_string(c);
    row += ",0";
  }
  write_text(path("runs/r/predictions.csv"), header + "\n" + row + "\n");
  const ProcessResult result = report({"runs/r"});
  EXPECT_EQ(result.code, 5);
  EXPECT_THAT(result.err, HasSubstr("predictions.csv line 1: expected at most 256 classes"));
}

}  // namespace
}  // namespace snn::cli

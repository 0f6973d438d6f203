#include "snn/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>
#include <optional>

#include "snn/text/error.h"
#include "support/idx_files.h"
#include "support/temporary_directory.h"

namespace snn {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

fs::path fixture() { return fs::path(SNN_TEST_DATA_DIR) / "mnist-200"; }

// Excludes the caller's environment and working folder from the search, and restores them.
class LoadDataset : public testing::Test {
 protected:
  LoadDataset() : old_folder_(fs::current_path()) {
    if (const char* value = std::getenv("SNN_DATA_DIR")) old_variable_ = value;
    unsetenv("SNN_DATA_DIR");
  }
  ~LoadDataset() override {
    fs::current_path(old_folder_);
    unsetenv("SNN_DATA_DIR");
    if (old_variable_) setenv("SNN_DATA_DIR", old_variable_->c_str(), 1);
  }

  // Writes the same files for both splits.
  static void write_set(const fs::path& folder, const Bytes& images, const Bytes& labels) {
    fs::create_directories(folder);
    for (const std::string split : {"train", "t10k"}) {
      write_bytes(folder / (split + "-images-idx3-ubyte"), images);
      write_bytes(folder / (split + "-labels-idx1-ubyte"), labels);
    }
  }

  // Writes a set of one image of one pixel, by whose value a test recognises the folder that was
  // read.
  static void write_tiny(const fs::path& folder, std::uint8_t pixel) {
    write_set(folder, image_bytes(1, 1, 1, {pixel}), label_bytes({0}));
  }

  static std::string refusal(const fs::path& folder, DatasetName name = DatasetName::kMnist,
                             Split split = Split::kTrain) {
    try {
      load_dataset(name, split, folder);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kData);
      EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
      return error.what();
    }
    ADD_FAILURE() << "loaded without an error";
    return "";
  }

  // The published files, if this machine has them.
  std::optional<Dataset> find_real(DatasetName name, Split split) {
    const fs::path checkout = fs::path(SNN_TEST_DATA_DIR).parent_path().parent_path();
    for (const fs::path& folder : {fs::path(old_variable_.value_or("")), checkout / "data"}) {
      try {
        Dataset dataset = load_dataset(name, split, folder);
        if (dataset.is_known) return dataset;
      } catch (const Error&) {  // continues the search
      }
    }
    return std::nullopt;
  }

  static void write_copy(const Dataset& dataset, const fs::path& folder) {
    write_set(folder,
              image_bytes(static_cast<std::uint32_t>(dataset.size()),
                          static_cast<std::uint32_t>(dataset.shape[1]),
                          static_cast<std::uint32_t>(dataset.shape[2]), dataset.values),
              label_bytes(dataset.labels));
  }

  TemporaryDirectory directory_;
  fs::path folder_ = directory_.path();
  fs::path old_folder_;
  std::optional<std::string> old_variable_;
};

TEST_F(LoadDataset, ReadsTheFixture) {
  for (const Split split : {Split::kTrain, Split::kTest}) {
    const Dataset dataset = load_dataset(DatasetName::kMnist, split, fixture());
    EXPECT_EQ(dataset.size(), 100);
    EXPECT_EQ(dataset.shape, (Shape{1, 28, 28}));
    EXPECT_FALSE(dataset.is_sequence);
    EXPECT_EQ(dataset.classes, 10);
    EXPECT_EQ(dataset.values.size(), 100u * 28 * 28);
    EXPECT_EQ(dataset.class_names.size(), 10u);
    EXPECT_EQ(dataset.class_names[7], "7");
    EXPECT_FALSE(dataset.is_known);
    EXPECT_EQ(dataset.directory, fixture());
    for (std::uint8_t label = 0; label < 10; ++label) EXPECT_THAT(dataset.labels, Contains(label));
  }
  // MNIST begins with these well-known digits and has a mean brightness of 0.13.
  const Dataset train = load_dataset(DatasetName::kMnist, Split::kTrain, fixture());
  EXPECT_EQ(Bytes(train.labels.begin(), train.labels.begin() + 5), (Bytes{5, 0, 4, 1, 9}));
  const Dataset test = load_dataset(DatasetName::kMnist, Split::kTest, fixture());
  EXPECT_EQ(Bytes(test.labels.begin(), test.labels.begin() + 5), (Bytes{7, 2, 1, 0, 4}));
  const double sum = std::accumulate(train.values.begin(), train.values.end(), 0.0);
  EXPECT_NEAR(sum / 255 / static_cast<double>(train.values.size()), 0.13, 0.02);
}

TEST_F(LoadDataset, NamesClassesOfFashionMnist) {
  const Dataset dataset = load_dataset(DatasetName::kFashionMnist, Split::kTest, fixture());
  EXPECT_EQ(dataset.class_names.front(), "T-shirt/top");
  EXPECT_EQ(dataset.class_names.back(), "Ankle boot");
}

TEST_F(LoadDataset, DigestIsOfImagesThenLabelsUnpacked) {
  const Bytes images = image_bytes(2, 1, 2, {1, 2, 3, 4});
  const Bytes labels = label_bytes({0, 9});
  Bytes both = images;
  both.insert(both.end(), labels.begin(), labels.end());
  char expected[16];
  std::snprintf(expected, sizeof expected, "crc32:%08x",
                static_cast<unsigned>(crc32(0, both.data(), static_cast<uInt>(both.size()))));

  write_set(folder_, images, labels);
  const Dataset dataset = load_dataset(DatasetName::kMnist, Split::kTrain, folder_);
  EXPECT_EQ(dataset.digest, expected);
  EXPECT_EQ(dataset.shape, (Shape{1, 1, 2}));
  write_set(folder_, gzip(images), gzip(labels));
  EXPECT_EQ(load_dataset(DatasetName::kMnist, Split::kTrain, folder_).digest, expected);
}

TEST_F(LoadDataset, AcceptsEverySpelling) {
  const Bytes images = image_bytes(1, 1, 1, {7});
  const Bytes labels = label_bytes({3});
  for (const char* dash : {"-", "."}) {
    for (const bool packed : {false, true}) {
      const TemporaryDirectory directory;
      const std::string suffix = packed ? "-ubyte.gz" : "-ubyte";
      write_bytes(directory.path() / ("train-images" + std::string(dash) + "idx3" + suffix),
                  packed ? gzip(images) : images);
      write_bytes(directory.path() / ("train-labels" + std::string(dash) + "idx1" + suffix),
                  packed ? gzip(labels) : labels);
      EXPECT_EQ(load_dataset(DatasetName::kMnist, Split::kTrain, directory.path()).labels,
                (Bytes{3}));
    }
  }
}

TEST_F(LoadDataset, PrefersTheFolderOfThatName) {
  write_tiny(folder_, 1);
  EXPECT_EQ(load_dataset(DatasetName::kFashionMnist, Split::kTrain, folder_).values, (Bytes{1}));
  write_tiny(folder_ / "fashion-mnist", 2);
  EXPECT_EQ(load_dataset(DatasetName::kFashionMnist, Split::kTrain, folder_).values, (Bytes{2}));
}

TEST_F(LoadDataset, SearchesVariableThenWorkingFolder) {
  fs::current_path(folder_);
  write_tiny("data", 1);
  EXPECT_EQ(load_dataset(DatasetName::kMnist, Split::kTrain, "").values, (Bytes{1}));
  write_tiny("data/mnist", 2);
  EXPECT_EQ(load_dataset(DatasetName::kMnist, Split::kTrain, "").values, (Bytes{2}));
  write_tiny("mine", 3);
  setenv("SNN_DATA_DIR", "mine", 1);
  EXPECT_EQ(load_dataset(DatasetName::kMnist, Split::kTrain, "").values, (Bytes{3}));
  write_tiny("asked", 4);
  EXPECT_EQ(load_dataset(DatasetName::kMnist, Split::kTrain, "asked").values, (Bytes{4}));
}

TEST_F(LoadDataset, MissingDataNamesFoldersAndCommand) {
  EXPECT_THAT(refusal(folder_),
              AllOf(HasSubstr("mnist train"), HasSubstr((folder_ / "mnist").string() + ", "),
                    EndsWith("scripts/get-data.sh mnist " + (folder_ / "mnist").string())));
  fs::current_path(folder_);
  EXPECT_THAT(
      refusal("data", DatasetName::kFashionMnist),
      AllOf(HasSubstr("searched data/fashion-mnist, data, data/FashionMNIST/raw, data/raw;"),
            testing::ContainsRegex("scripts/get-data.sh fashion-mnist data/fashion-mnist$")));
  // The advice names the requested folder, not one inside it of the same name.
  EXPECT_THAT(refusal("x/mnist/"), EndsWith("scripts/get-data.sh mnist x/mnist/"));
}

TEST_F(LoadDataset, RefusesMissingLabels) {
  write_tiny(folder_, 1);
  fs::remove(folder_ / "train-labels-idx1-ubyte");
  EXPECT_THAT(refusal(folder_), AllOf(HasSubstr("train-labels-idx1-ubyte: the file is missing"),
                                      EndsWith("; replace it with an undamaged file")));
}

TEST_F(LoadDataset, RefusesSwappedFiles) {
  write_set(folder_, label_bytes({0}), image_bytes(1, 1, 1, {0}));
  EXPECT_THAT(refusal(folder_), HasSubstr("the magic number of labels"));
}

TEST_F(LoadDataset, RefusesCountMismatch) {
  write_set(folder_, image_bytes(2, 1, 1, {0, 0}), label_bytes({0, 1, 2}));
  EXPECT_THAT(refusal(folder_), AllOf(HasSubstr("2 images"), HasSubstr("3 labels")));
}

TEST_F(LoadDataset, CountsTheClassesOfBothParts) {
  write_set(folder_, image_bytes(3, 1, 1, {0, 0, 0}), label_bytes({9, 10, 0}));
  write_bytes(folder_ / "t10k-labels-idx1-ubyte", label_bytes({4, 46, 5}));
  for (const Split split : {Split::kTrain, Split::kTest}) {
    const Dataset dataset = load_dataset(DatasetName::kFashionMnist, split, folder_);
    EXPECT_EQ(dataset.classes, 47);
    ASSERT_EQ(dataset.class_names.size(), 47u);
    EXPECT_EQ(dataset.class_names.front(), "0") << "not clothes, then";
    EXPECT_THAT(dataset.remarks, testing::IsEmpty());
  }
}

TEST_F(LoadDataset, RemarksOnLabelsFromOne) {
  write_set(folder_, image_bytes(2, 1, 1, {0, 0}), label_bytes({1, 3}));
  EXPECT_THAT(load_dataset(DatasetName::kMnist, Split::kTrain, folder_).remarks,
              testing::ElementsAre("labels run from 1 to 3: class 0 is unused"));
}

TEST_F(LoadDataset, TurnsTheImagesOfEmnistUpright) {
  const Bytes images = image_bytes(2, 2, 3, {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16});
  write_bytes(folder_ / "emnist-digits-train-images-idx3-ubyte", images);
  write_bytes(folder_ / "emnist-digits-train-labels-idx1-ubyte", label_bytes({0, 9}));
  const Dataset upright = load_dataset(DatasetName::kMnist, Split::kTrain, folder_);
  EXPECT_EQ(upright.shape, (Shape{1, 3, 2}));
  EXPECT_EQ(upright.values, (Bytes{1, 4, 2, 5, 3, 6, 11, 14, 12, 15, 13, 16}));

  write_set(folder_, images, label_bytes({0, 9}));
  const Dataset stored = load_dataset(DatasetName::kMnist, Split::kTrain, folder_);
  EXPECT_EQ(stored.shape, (Shape{1, 2, 3}));
  EXPECT_NE(stored.digest, upright.digest)
      << "a network of the one must not be scored on the other";
}

TEST_F(LoadDataset, JoinsPartsOfOneShape) {
  write_set(folder_, image_bytes(1, 2, 2, {1, 2, 3, 4}), label_bytes({3}));
  EXPECT_EQ(load_splits(DatasetName::kMnist, folder_).test.size(), 1);
  write_bytes(folder_ / "t10k-images-idx3-ubyte", image_bytes(1, 1, 4, {1, 2, 3, 4}));
  try {
    load_splits(DatasetName::kMnist, folder_);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kData);
    EXPECT_EQ(error.what(), "training and test images have different shapes: those in " +
                                (folder_ / "train-images-idx3-ubyte").string() +
                                " are 2 x 2, those in " +
                                (folder_ / "t10k-images-idx3-ubyte").string() +
                                " are 1 x 4; use images of one shape");
  }
}

TEST_F(LoadDataset, JoinsPartsOfDifferentFolders) {
  write_tiny(folder_ / "mnist", 1);
  fs::remove(folder_ / "mnist/t10k-images-idx3-ubyte");
  fs::remove(folder_ / "mnist/t10k-labels-idx1-ubyte");
  write_set(folder_, image_bytes(1, 1, 1, {2}), label_bytes({12}));
  const Splits splits = load_splits(DatasetName::kMnist, folder_);
  EXPECT_EQ(splits.train.values, (Bytes{1}));
  EXPECT_EQ(splits.test.values, (Bytes{2}));
  EXPECT_EQ(splits.train.classes, 13);
  EXPECT_EQ(splits.train.class_names.size(), 13u);
}

TEST_F(LoadDataset, DoesNotSearchPastDamage) {
  fs::current_path(folder_);
  write_tiny("data", 1);
  write_set("data/mnist", {}, label_bytes({0}));
  EXPECT_THAT(refusal(""), HasSubstr("data/mnist/train-images-idx3-ubyte: the file is empty"));
}

TEST_F(LoadDataset, DoubtsOneFlippedBitOfAPublishedSet) {
  int tried = 0;
  for (const DatasetName name : {DatasetName::kMnist, DatasetName::kFashionMnist}) {
    std::optional<Dataset> real = find_real(name, Split::kTest);
    if (!real) continue;
    ++tried;
    write_copy(*real, folder_);
    EXPECT_TRUE(load_dataset(name, Split::kTest, folder_).is_known);

    real->values[real->values.size() / 2] ^= 1;
    write_copy(*real, folder_);
    const Dataset changed = load_dataset(name, Split::kTest, folder_);
    EXPECT_FALSE(changed.is_known);
    EXPECT_THAT(changed.doubt, AllOf(HasSubstr("have the size of " + std::string(name_of(name))),
                                     HasSubstr("published " + real->digest),
                                     HasSubstr("treated as your own data")));
  }
  if (tried == 0) GTEST_SKIP() << "no published data set on this machine";
}

TEST_F(LoadDataset, RecognisesAnotherPublishedSet) {
  const auto fashion = find_real(DatasetName::kFashionMnist, Split::kTest);
  if (!fashion) GTEST_SKIP() << "no Fashion-MNIST on this machine";
  fs::current_path(folder_);
  write_copy(*fashion, "mine");
  const std::string found = "mine (contains the fashion-mnist test files)";
  EXPECT_THAT(refusal("mine", DatasetName::kMnist, Split::kTest), HasSubstr(found));
  EXPECT_THAT(refusal("mine", DatasetName::kFashionMnist, Split::kTrain), HasSubstr(found));

  setenv("SNN_DATA_DIR", "mine", 1);
  write_tiny("data/mnist", 5);
  EXPECT_EQ(load_dataset(DatasetName::kMnist, Split::kTest, "").values, (Bytes{5}));
}

TEST(ElementCount, IsTheProduct) {
  EXPECT_EQ(element_count({1, 28, 28}), 784);
  EXPECT_EQ(element_count({2, 3, 70000, 70000}), 29'400'000'000);
}

}  // namespace
}  // namespace snn

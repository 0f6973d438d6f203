#include "data/locate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "snn/text/error.h"
#include "support/own_data.h"
#include "support/temporary_directory.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

class Locate : public testing::Test {
 protected:
  void touch(const std::string& name) const {
    fs::create_directories((folder_ / name).parent_path());
    write_bytes(folder_ / name, {1});
  }
  std::string images(Split split = Split::kTrain) const {
    const auto files = find_idx_files(folder_, split);
    return files ? fs::relative(files->images, folder_).string() : "";
  }

  TemporaryDirectory directory_;
  fs::path folder_ = directory_.path();
};

TEST_F(Locate, FindsNothingInNothing) {
  EXPECT_EQ(images(), "");
  EXPECT_FALSE(find_idx_files(folder_ / "none", Split::kTest));
}

TEST_F(Locate, PrefersFilesToFoldersOfTheirName) {
  touch("train-images-idx3-ubyte/train-images.idx3-ubyte");
  EXPECT_EQ(images(), "train-images-idx3-ubyte/train-images.idx3-ubyte");
  touch("train-images.idx3-ubyte.gz");
  EXPECT_EQ(images(), "train-images.idx3-ubyte.gz");
  touch("train-images.idx3-ubyte");
  EXPECT_EQ(images(), "train-images.idx3-ubyte");
}

TEST_F(Locate, PrefersMnistsNamesToThoseOfEmnist) {
  touch("emnist-letters-test-images-idx3-ubyte.gz");
  touch("emnist-letters-train-labels-idx1-ubyte.gz");
  EXPECT_EQ(images(Split::kTrain), "") << "labels are no images";
  const auto files = find_idx_files(folder_, Split::kTest);
  ASSERT_TRUE(files);
  EXPECT_TRUE(files->is_transposed);
  EXPECT_EQ(files->labels.filename(), "emnist-letters-test-labels-idx1-ubyte") << "missing";
  touch("test-images-idx3-ubyte");
  EXPECT_EQ(images(Split::kTest), "test-images-idx3-ubyte");
  touch("t10k-images-idx3-ubyte");
  EXPECT_EQ(images(Split::kTest), "t10k-images-idx3-ubyte");
  EXPECT_FALSE(find_idx_files(folder_, Split::kTest)->is_transposed);
}

TEST_F(Locate, DoesNotChooseAmongSetsOfEmnist) {
  touch("emnist-letters-train-images-idx3-ubyte.gz");
  touch("emnist-digits-train-images-idx3-ubyte");
  EXPECT_THROW(find_idx_files(folder_, Split::kTrain), Error);
}

TEST_F(Locate, SearchesWhatIsNamed) {
  EXPECT_THAT(search_folders(DatasetName::kFashionMnist, "own"),
              testing::ElementsAre("own/fashion-mnist", "own", "own/FashionMNIST/raw", "own/raw"));
  EXPECT_EQ(search_folders(DatasetName::kMnist, "x/mnist/").front(), "x/mnist/");
}

}  // namespace
}  // namespace snn

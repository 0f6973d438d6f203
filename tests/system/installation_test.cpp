#include "system/installation.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "support/temporary_directory.h"

namespace snn {
namespace {

namespace fs = std::filesystem;

class InstallationTest : public testing::Test {
 protected:
  fs::path at(const std::string& path) const { return folder_.path() / path; }

  // Makes an empty file, with the folders on its path.
  fs::path make(const std::string& path, bool is_program = true) const {
    fs::create_directories(at(path).parent_path());
    std::ofstream(at(path)).flush();
    if (is_program) fs::permissions(at(path), fs::perms::owner_all);
    return at(path);
  }

 private:
  TemporaryDirectory folder_;
};

TEST_F(InstallationTest, FindsWhatWasInstalledOrLiesInTheSourceTree) {
  make("source/scripts/get-data.sh");
  make("source/configs/default.yaml");
  for (const char* build : {"source/build", "source/build/debug"}) {
    const Installation built = installation_of(at(build));
    EXPECT_EQ(built.get_data, at("source/scripts/get-data.sh"));
    EXPECT_EQ(built.configs, at("source/configs"));
  }
  EXPECT_EQ(installation_of(at("elsewhere/bin")).get_data, "");
  // A prefix within the source tree still counts as an installation.
  make("source/prefix/bin/snn-get-data");
  make("source/prefix/share/snn-train/configs/default.yaml");
  const Installation installed = installation_of(at("source/prefix/bin"));
  EXPECT_EQ(installed.get_data, at("source/prefix/bin/snn-get-data"));
  EXPECT_EQ(installed.configs, at("source/prefix/share/snn-train/configs"));
}

TEST_F(InstallationTest, FindsAProgramBesideAnotherFirst) {
  const fs::path beside = make("bin/tool"), on_path = make("more/tool");
  make("text/tool", /*is_program=*/false);
  fs::create_directories(at("folder/tool"));
  const std::string path = at("none").string() + ":" + at("folder").string() + ":" +
                           at("text").string() + ":" + at("more").string();
  EXPECT_EQ(find_program("tool", at("bin"), path), beside);
  EXPECT_EQ(find_program("tool", at("none"), path), on_path);
  EXPECT_EQ(find_program("tool", "", path), on_path);
  EXPECT_EQ(find_program("tool", at("text"), ""), "");
}

TEST_F(InstallationTest, KeepsDataWhereTheUserKeepsIt) {
  setenv("XDG_DATA_HOME", "/data", 1);
  EXPECT_EQ(user_data_folder(), "/data/snn-train");
  setenv("XDG_DATA_HOME", "relative", 1);
  const char* home = std::getenv("HOME");
  const std::string before = home == nullptr ? "" : home;
  setenv("HOME", "/home/somebody", 1);
  EXPECT_EQ(user_data_folder(), "/home/somebody/.local/share/snn-train");
  unsetenv("HOME");
  EXPECT_EQ(user_data_folder(), "");
  unsetenv("XDG_DATA_HOME");
  if (home != nullptr) setenv("HOME", before.c_str(), 1);
}

}  // namespace
}  // namespace snn

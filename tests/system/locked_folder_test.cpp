#include "system/locked_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <vector>

#include "support/error_of.h"
#include "support/temporary_directory.h"

namespace snn {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LockedFolders : public testing::Test {
 protected:
  LockedFolders() { fs::create_directories(a_ / "inside"); }

  static std::string text_of(const fs::path& path) {
    std::ifstream stream(path);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  TemporaryDirectory folder_;
  fs::path a_ = folder_.path() / "a";
};

TEST_F(LockedFolders, AreLockedForOneAlone) {
  EXPECT_FALSE(is_locked(a_));
  auto lock = LockedFolder::lock(a_);
  ASSERT_TRUE(lock);
  EXPECT_EQ(lock->warning(), "");
  EXPECT_TRUE(is_locked(a_));
  EXPECT_FALSE(LockedFolder::lock(a_));
  LockedFolder moved = std::move(*lock);
  lock.reset();
  EXPECT_TRUE(is_locked(a_));
  EXPECT_FALSE(is_locked(folder_.path() / "none"));
  EXPECT_THAT(error_of(ExitCode::kUsage, [&] { LockedFolder::lock(folder_.path() / "none"); }),
              HasSubstr("none: No such file or directory"));
}

TEST_F(LockedFolders, AreWrittenIn) {
  const auto lock = LockedFolder::lock(a_);
  lock->write(a_ / "inside/file", "first");
  lock->write(a_ / "inside/file", "second", Flush::kNever);
  EXPECT_EQ(text_of(a_ / "inside/file"), "second");
  EXPECT_FALSE(fs::exists(a_ / "inside/file.tmp"));
  lock->remove(a_ / "inside/file");
  lock->remove(a_ / "inside/file");
  EXPECT_FALSE(fs::exists(a_ / "inside/file"));
  EXPECT_THAT(error_of(ExitCode::kInternal, [&] { lock->write(a_ / "none/file", ""); }),
              HasSubstr("cannot write " + (a_ / "none/file").string()));
}

TEST_F(LockedFolders, AreNotTakenForOthersOfTheirName) {
  const auto lock = LockedFolder::lock(a_);
  const auto expect_refusal = [&] {
    EXPECT_TRUE(lock->is_replaced());
    for (const auto& act : std::vector<std::function<void()>>{
             [&] { lock->check(); }, [&] { lock->write(a_ / "file", "ours"); },
             [&] { lock->remove(a_ / "theirs"); }}) {
      EXPECT_THAT(error_of(ExitCode::kInternal, act),
                  HasSubstr(a_.string() + ": its folder was replaced"));
    }
  };
  fs::rename(a_, folder_.path() / "b");
  expect_refusal();
  fs::create_directory(a_);
  std::ofstream(a_ / "theirs") << "theirs";
  expect_refusal();
  EXPECT_EQ(text_of(a_ / "theirs"), "theirs");
  EXPECT_FALSE(fs::exists(a_ / "file"));
  fs::remove_all(a_);
  std::ofstream(a_) << "a file now";
  expect_refusal();
  fs::remove(a_);
  fs::rename(folder_.path() / "b", a_);
  EXPECT_FALSE(lock->is_replaced());
  lock->write(a_ / "file", "ours");
  EXPECT_EQ(text_of(a_ / "file"), "ours");
}

TEST_F(LockedFolders, AreKnownByWhateverPath) {
  fs::create_directory_symlink("a", folder_.path() / "link");
  const auto lock = LockedFolder::lock(folder_.path() / "link");
  lock->write(folder_.path() / "link/file", "ours");
  EXPECT_EQ(text_of(a_ / "file"), "ours");
}

TEST_F(LockedFolders, KeepTheirFilesWhenNoneCanBeWritten) {
  const auto lock = LockedFolder::lock(a_);
  lock->write(a_ / "file", "good");
  fs::create_directories(a_ / "file.tmp/x");
  EXPECT_THAT(error_of(ExitCode::kInternal, [&] { lock->write(a_ / "file", "bad"); }),
              HasSubstr("Is a directory"));
  EXPECT_EQ(text_of(a_ / "file"), "good");
}

TEST_F(LockedFolders, FollowNoLinkThatLiesWhereTheyWrite) {
  const auto lock = LockedFolder::lock(a_);
  std::ofstream(a_ / "victim") << "precious";
  fs::create_symlink("victim", a_ / "file.tmp");
  lock->write(a_ / "file", "ours");
  EXPECT_EQ(text_of(a_ / "victim"), "precious");
  EXPECT_EQ(text_of(a_ / "file"), "ours");
  fs::create_symlink("victim", a_ / "events");
  EXPECT_NE(error_of([&] { replace_end(a_ / "events", 0, "ours"); }), "no error");
  EXPECT_EQ(text_of(a_ / "victim"), "precious");
}

}  // namespace
}  // namespace snn

#include "system/user_path.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "support/error_of.h"

namespace snn {
namespace {

TEST(ExpandPath, ExpandsHomesAsAShellDoes) {
  ASSERT_EQ(setenv("HOME", "/home/me", 1), 0);
  EXPECT_EQ(expand_path("~"), "/home/me");
  EXPECT_EQ(expand_path("~/x/~"), "/home/me/x/~");
  const passwd* self = getpwuid(getuid());
  if (self != nullptr) {
    EXPECT_EQ(expand_path("~" + std::string(self->pw_name) + "/x"),
              std::string(self->pw_dir) + "/x");
  }
  for (const char* path : {"", "x", "/x", "./~/x", "x/~", "a~", "./$HOME", "x/$y", "$"}) {
    EXPECT_EQ(expand_path(path), path);
  }
}

TEST(ExpandPath, RefusesWhatOnlyAShellExpands) {
  ASSERT_EQ(setenv("SNN_TEST_FOLDER", "/data", 1), 0);
  EXPECT_EQ(error_of([] { expand_path("$SNN_TEST_FOLDER/x"); }),
            "expected a path, found '$SNN_TEST_FOLDER/x', which only a shell expands; write "
            "/data/x, or ./$SNN_TEST_FOLDER/x for a folder of that name");
  EXPECT_EQ(error_of([] { expand_path("${SNN_TEST_FOLDER}"); }),
            "expected a path, found '${SNN_TEST_FOLDER}', which only a shell expands; write "
            "/data, or ./${SNN_TEST_FOLDER} for a folder of that name");
  EXPECT_EQ(error_of([] { expand_path("~no-such-user/x"); }),
            "expected a path, found '~no-such-user/x', but there is no user 'no-such-user'; write "
            "./~no-such-user/x for a folder of that name");
}

}  // namespace
}  // namespace snn

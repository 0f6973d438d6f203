// Lists of values given to per-layer options.

#include <gmock/gmock.h>

#include "cli/program_test.h"

namespace snn::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class LayerValues : public ProgramTest {
 protected:
  ProcessResult dry_run(const Words& words, const std::string& locale = "C") const {
    return train(small_training() + Words{"--dry-run"} + words,
                 {.environment = {{"LC_ALL", locale}}});
  }
};

TEST_F(LayerValues, AreShownAsUnderstood) {
  EXPECT_THAT(dry_run({"--threshold", "1,5"}).err,
              HasSubstr("layers   threshold 1 (hidden), 5 (output)\n"));
  EXPECT_THAT(dry_run({"--hidden", "8,8", "--beta", "0.5,0.6,0.7", "--reset", "zero"}).err,
              HasSubstr("layers   beta 0.5 (hidden 1), 0.6 (hidden 2), 0.7 (output)\n"));
  EXPECT_THAT(dry_run({"--beta", "0.5"}).err, Not(HasSubstr("layers   ")));
  EXPECT_THAT(sweep({"--seeds", "2", "--dry-run", "--threshold", "1,5"}).out,
              HasSubstr("each run: threshold 1 (hidden), 5 (output)\n"));
}

TEST_F(LayerValues, AreToldFromADecimalComma) {
  const ProcessResult german = dry_run({"--threshold", "1,5"}, "de_DE.UTF-8");
  EXPECT_THAT(german.err, HasSubstr("threshold 1 (hidden), 5 (output); 1.5 is written with a "
                                    "point\n"));
  EXPECT_THAT(dry_run({"--threshold", "1,5"}, "en_US.UTF-8").err, Not(HasSubstr("point")));
  EXPECT_THAT(dry_run({"--threshold", "1.5,2.5"}, "de_DE.UTF-8").err, Not(HasSubstr("point")));
}

}  // namespace
}  // namespace snn::cli

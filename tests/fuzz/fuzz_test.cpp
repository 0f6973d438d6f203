// Tries some thousand mutations of each reader's seeds ($SNN_FUZZ_MUTATIONS sets their number), the
// same ones in every run. scripts/fuzz.sh fuzzes guided by coverage for any length of time.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "fuzz/readers.h"

namespace snn::fuzz {
namespace {

namespace fs = std::filesystem;

// The limit is far above the needs of any reader for inputs of some kilobytes, and far below the
// memory of the machine.
constexpr rlim_t kMostMemory = rlim_t{4} << 30;

void limit_memory() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const rlimit limit = {kMostMemory, kMostMemory};
  setrlimit(RLIMIT_AS, &limit);
#endif
}

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::string mutate(std::string text, const std::vector<std::string>& others) {
    for (std::size_t i = 0, count = 1 + below(4); i < count; ++i) change(text, others);
    return text;
  }

 private:
  std::size_t below(std::size_t count) { return count == 0 ? 0 : random_() % count; }

  void change(std::string& text, const std::vector<std::string>& others) {
    static const std::vector<std::string> words = {",",
                                                   ":",
                                                   "\n",
                                                   "\"",
                                                   "'",
                                                   "[",
                                                   "]",
                                                   "{",
                                                   "}",
                                                   "-",
                                                   "--",
                                                   "=",
                                                   "*x",
                                                   "&x",
                                                   "<<",
                                                   "~",
                                                   "0",
                                                   "-1",
                                                   "1e9",
                                                   "1e300",
                                                   "1e-300",
                                                   "nan",
                                                   "inf",
                                                   "0.5",
                                                   "null",
                                                   "true",
                                                   "Yes",
                                                   "#",
                                                   "\t",
                                                   "\r",
                                                   "%",
                                                   "99999999999999999999",
                                                   "\xEF\xBB\xBF",
                                                   "9223372036854775807",
                                                   "4294967296",
                                                   "-9223372036854775808"};
    const std::size_t at = below(text.size() + 1);
    switch (below(8)) {
      case 0:
        if (!text.empty()) text[at % text.size()] ^= static_cast<char>(1U << below(8));
        break;
      case 1:
        if (!text.empty()) text[at % text.size()] = static_cast<char>(below(256));
        break;
      case 2:
        text.insert(at, words[below(words.size())]);
        break;
      case 3:
        text.erase(at, 1 + below(8));
        break;
      case 4:
        text.erase(at, below(text.size() + 1));
        break;
      case 5:
        text.insert(below(text.size() + 1), text.substr(at, below(40)));
        break;
      case 6: {
        const std::string& other = others[below(others.size())];
        text = text.substr(0, at) + other.substr(below(other.size() + 1));
        break;
      }
      default: {  // replaces one number by another
        const std::size_t digit = text.find_first_of("0123456789", at);
        if (digit == std::string::npos) break;
        const std::size_t end = text.find_first_not_of("0123456789.e+", digit);
        text.replace(digit, (end == std::string::npos ? text.size() : end) - digit,
                     words[16 + below(8)]);
      }
    }
  }

  std::mt19937_64 random_;
};

int mutations() {
  const char* text = std::getenv("SNN_FUZZ_MUTATIONS");
  const int number = text == nullptr ? 0 : std::atoi(text);
  return number > 0 ? number : 3000;
}

class Readers : public testing::TestWithParam<std::size_t> {
 protected:
  static void SetUpTestSuite() { limit_memory(); }
};

TEST_P(Readers, RefuseOrReadWhateverTheyAreGiven) {
  // Large seeds show their behaviour without mutations.
  constexpr std::size_t kLongest = 20'000;
  const Reader& reader = readers()[GetParam()];
  std::vector<std::string> seeds;
  for (const std::string& seed : reader.seeds) {
    ASSERT_EQ(problem_with(reader, seed), "") << seed.substr(0, 200);
    if (seed.size() <= kLongest) seeds.push_back(seed);
  }
  Mutator mutator(GetParam() + 1);
  const int count = mutations();
  for (int i = 0; i < count; ++i) {
    const std::string& seed = seeds[static_cast<std::size_t>(i) % seeds.size()];
    const std::string bytes = mutator.mutate(seed, seeds);
    ASSERT_EQ(problem_with(reader, bytes), "") << testing::PrintToString(bytes);
  }
}

// tests/fuzz/found/READER/* holds inputs that once crashed a reader.
TEST_P(Readers, StandWhatOnceBroughtThemDown) {
  const Reader& reader = readers()[GetParam()];
  std::error_code none;
  for (const auto& entry :
       fs::directory_iterator(fs::path(SNN_SOURCE_DIR) / "tests/fuzz/found" / reader.name, none)) {
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_EQ(problem_with(reader, bytes), "") << entry.path();
  }
}

INSTANTIATE_TEST_SUITE_P(All, Readers, testing::Range(std::size_t{0}, readers().size()),
                         [](const auto& test) { return readers()[test.param].name; });

}  // namespace
}  // namespace snn::fuzz

#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/process.h"
#include "snn/text/text.h"
#include "support/temporary_directory.h"

namespace snn::cli {

using Words = std::vector<std::string>;

inline Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

inline const std::string& fixture() {
  static const std::string path = std::string(SNN_TEST_DATA_DIR) + "/mnist-200";
  return path;
}

/// The options of a training of two epochs of four batches, which takes a moment.
inline Words small_training() {
  return {"--data-dir", fixture(), "--hidden", "20", "-T", "5", "-b", "32", "-e", "2"};
}

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream << text << std::flush) << path;
}

/// `text` with a bit in its middle flipped.
inline std::string flipped(std::string text) {
  char& middle = text[text.size() / 2];
  middle = static_cast<char>(middle ^ 4);
  return text;
}

/// A good file, damaged in every way that tests cover.
inline std::vector<std::pair<std::string, std::string>> ruined(const std::string& good) {
  return {{"truncated", good.substr(0, good.size() / 2)},
          {"flipped", flipped(good)},
          {"empty", ""},
          {"foreign", "#!/bin/sh\necho this is quite another thing\n"}};
}

/// Joins the lines of a banner that were wrapped to fit, because the positions of breaks depend on
/// paths.
inline std::string unwrapped(std::string text) {
  const std::string broken = "\n         ";
  for (std::size_t at = 0; (at = text.find(broken, at)) != std::string::npos; ++at) {
    text.replace(at, broken.size(), " ");
  }
  return text;
}

inline std::vector<std::string> keys_of(const nlohmann::ordered_json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

/// Parses `text`, which must be a single JSON object.
inline nlohmann::ordered_json parse(const std::string& text) {
  auto json = nlohmann::ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  EXPECT_TRUE(json.is_object()) << text;
  return json;
}

/// Runs the programs in an empty folder, where they find only the data that a test provides.
class ProgramTest : public testing::Test {
 protected:
  ProcessResult train(const Words& words, ProcessOptions options = {}) const {
    return run(SNN_TRAIN_BINARY, words, std::move(options));
  }
  /// The same, started by a shell after `preparation`.
  ProcessResult train_after(const std::string& preparation, const Words& words,
                            ProcessOptions options = {}) const {
    return run("/bin/sh",
               Words{"-c", preparation + "; exec \"$0\" \"$@\"", SNN_TRAIN_BINARY} + words,
               std::move(options));
  }
  ProcessResult eval(const Words& words, ProcessOptions options = {}) const {
    return run(SNN_EVAL_BINARY, words, std::move(options));
  }
  ProcessResult neuron(const Words& words, ProcessOptions options = {}) const {
    return run(SNN_NEURON_BINARY, words, std::move(options));
  }

  ProcessResult report(const Words& words, ProcessOptions options = {}) const {
    return run(SNN_REPORT_BINARY, words, std::move(options));
  }

  ProcessResult sweep(const Words& words, ProcessOptions options = {}) const {
    return run(SNN_SWEEP_BINARY, words, std::move(options));
  }

  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }

 private:
  ProcessResult run(const char* program, const Words& words, ProcessOptions options) const {
    if (options.folder.empty()) options.folder = folder_.path();
    options.environment.insert(options.environment.begin(),
                               {{"SNN_DATA_DIR", ""}, {"XDG_DATA_HOME", path("home").string()}});
    return run_process(Words{program} + words, options);
  }

  TemporaryDirectory folder_;
};

}  // namespace snn::cli

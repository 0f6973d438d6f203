// Runs the readers under libFuzzer: snn-fuzz READER [libFuzzer's arguments]. Without a reader it
// lists them; with --seeds DIR it writes the seeds of each to DIR/READER.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "fuzz/readers.h"

namespace {

namespace fs = std::filesystem;

const snn::fuzz::Reader* chosen = nullptr;

void list_readers() {
  for (const auto& reader : snn::fuzz::readers()) std::cout << reader.name << '\n';
}

void write_seeds(const fs::path& folder) {
  for (const auto& reader : snn::fuzz::readers()) {
    fs::create_directories(folder / reader.name);
    for (std::size_t i = 0; i < reader.seeds.size(); ++i) {
      std::ofstream(folder / reader.name / ("seed-" + std::to_string(i)), std::ios::binary)
          << reader.seeds[i];
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  const std::string word = *argc > 1 ? (*argv)[1] : "";
  if (word == "--seeds" && *argc > 2) {
    write_seeds((*argv)[2]);
    std::exit(0);
  }
  for (const auto& reader : snn::fuzz::readers()) {
    if (reader.name == word) chosen = &reader;
  }
  if (chosen == nullptr) {
    list_readers();
    std::exit(word.empty() ? 0 : 2);
  }
  // The remaining arguments are libFuzzer's.
  (*argv)[1] = (*argv)[0];
  ++*argv;
  --*argc;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string problem =
      snn::fuzz::problem_with(*chosen, std::string_view(reinterpret_cast<const char*>(data), size));
  if (problem.empty()) return 0;
  std::cerr << problem << '\n';
  std::abort();
}

#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

namespace snn::golden {

/// Reads vectors made with snnTorch 1.0.0, from tests/golden or the folder in $SNN_GOLDEN_DIR.
inline nlohmann::json read(const std::string& file) {
  const char* folder = std::getenv("SNN_GOLDEN_DIR");
  const std::string path = std::string(folder ? folder : SNN_GOLDEN_DIR) + "/" + file;
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error("no golden vectors at " + path);
  std::string text(std::istreambuf_iterator<char>(stream), {});
  // Python writes NaN, which JSON lacks.
  text = std::regex_replace(text, std::regex("NaN"), "null");
  return nlohmann::json::parse(text);
}

inline torch::Tensor tensor(const nlohmann::json& json) {
  std::vector<double> values;
  for (const auto& each : json.at("data")) {
    values.push_back(each.is_null() ? std::numeric_limits<double>::quiet_NaN()
                                    : each.get<double>());
  }
  return torch::tensor(values, torch::kDouble)
      .to(torch::kFloat)
      .reshape(json.at("shape").get<std::vector<std::int64_t>>());
}

inline torch::Tensor labels(const nlohmann::json& json) {
  return torch::tensor(json.get<std::vector<std::int64_t>>(), torch::kLong);
}

/// Expects equality to 1e-5 relative and 1e-6 absolute, the rounding of float32 in a different
/// order of operations.
inline void expect_near(const torch::Tensor& actual, const torch::Tensor& expected,
                        const std::string& what) {
  ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
  EXPECT_TRUE(torch::allclose(actual, expected, 1e-5, 1e-6))
      << what << ": largest difference " << (actual - expected).abs().max().item<double>();
}

/// The same but where NaN is expected: snnTorch's sigmoid overflows to it in its backward pass.
inline void expect_near_but_nan(const torch::Tensor& actual, const torch::Tensor& expected,
                                const std::string& what) {
  ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
  EXPECT_TRUE(actual.isfinite().all().item<bool>()) << what;
  expect_near(actual, torch::where(expected.isnan(), actual, expected), what);
}

/// Expects a small relative error in the Frobenius norm, for sums of many terms.
inline void expect_near_as_a_whole(const torch::Tensor& actual, const torch::Tensor& expected,
                                   const std::string& what, double tolerance = 1e-5) {
  ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
  EXPECT_LE((actual - expected).norm().item<double>(), tolerance * expected.norm().item<double>())
      << what;
}

inline void expect_equal(const torch::Tensor& actual, const torch::Tensor& expected,
                         const std::string& what) {
  ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
  EXPECT_TRUE(torch::equal(actual, expected))
      << what << ": " << (actual != expected).sum().item<std::int64_t>() << " differ";
}

}  // namespace snn::golden

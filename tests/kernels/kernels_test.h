#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/select.h"
#include "numeric/buffer.h"
#include "snn/numeric/random.h"
#include "snn/text/error.h"

namespace snn::kernels {

using snn::Buffer;

/// A matrix in the kernels' layout: row-major, aligned, initially zero.
template <class T>
class Matrix {
 public:
  Matrix(std::int64_t rows, std::int64_t columns)
      : columns_(columns), values_(static_cast<std::size_t>(rows * columns)) {}

  T& operator()(std::int64_t row, std::int64_t column) {
    return values_.data()[row * columns_ + column];
  }
  const T& operator()(std::int64_t row, std::int64_t column) const {
    return values_.data()[row * columns_ + column];
  }
  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }
  std::size_t size() const { return values_.size(); }

 private:
  std::int64_t columns_;
  Buffer<T> values_;
};

/// The same in double precision, for comparison.
template <>
class Matrix<double> {
 public:
  Matrix(std::int64_t rows, std::int64_t columns)
      : columns_(columns), values_(static_cast<std::size_t>(rows * columns)) {}

  double& operator()(std::int64_t row, std::int64_t column) {
    return values_[static_cast<std::size_t>(row * columns_ + column)];
  }
  const std::vector<double>& values() const { return values_; }

 private:
  std::int64_t columns_;
  std::vector<double> values_;
};

/// The product in double precision.
inline double product(float a, float b) { return static_cast<double>(a) * static_cast<double>(b); }

/// Each test runs on every instruction set that this processor has.
class KernelsTest : public testing::TestWithParam<Simd> {
 protected:
  void SetUp() override {
    try {
      kernels_ = &select(GetParam());
    } catch (const Error&) {
      GTEST_SKIP() << "this processor does not have " << name_of(GetParam());
    }
  }

  /// Values in [-1, 1), a fraction `density` of which is nonzero.
  Buffer<float> numbers(std::size_t size) {
    Buffer<float> buffer(size);
    fill(buffer, 1);
    return buffer;
  }
  Matrix<float> numbers(std::int64_t rows, std::int64_t columns, double density = 1) {
    Matrix<float> matrix(rows, columns);
    fill(matrix, density);
    return matrix;
  }

  /// The tolerance allows a rounding of 1e-7 of each term of a sum of some hundred.
  static void expect_near(const float* found, const double* expected, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      ASSERT_NEAR(found[i], expected[i], 1e-5 * std::max(1.0, std::abs(expected[i]))) << i;
    }
  }
  static void expect_near(const Buffer<float>& found, const std::vector<double>& expected) {
    expect_near(found.data(), expected.data(), expected.size());
  }
  static void expect_near(const Matrix<float>& found, const Matrix<double>& expected) {
    expect_near(found.data(), expected.values().data(), expected.values().size());
  }

  const Kernels* kernels_ = nullptr;
  RandomStream random_{7, Purpose::kEncoding, 0, 0};
  Buffer<float> scratch_{kScratchFloats};

 private:
  template <class Values>
  void fill(Values& values, double density) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool is_zero = random_.uniform() >= static_cast<float>(density);
      values.data()[i] = is_zero ? 0 : 2 * random_.uniform() - 1;
    }
  }
};

inline constexpr int kLanes[] = {16, 32, 48, 64};

}  // namespace snn::kernels

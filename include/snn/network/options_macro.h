#pragma once

#include <utility>

/// Declares an option of a class in LibTorch's idiom: a chainable setter, a getter and a reference,
/// e.g. `SNN_OPTION(double, beta) = 0.95;` for `LeakyOptions().beta(0.9)`.
#define SNN_OPTION(type, name)                 \
 public:                                       \
  auto& name(type value) {                     \
    name##_ = std::move(value);                \
    return *this;                              \
  }                                            \
  const type& name() const { return name##_; } \
  type& name() { return name##_; }             \
                                               \
 private:                                      \
  type name##_

#pragma once

#include <cstddef>
#include <memory>

namespace snn::fused {

/// Memory for `size` values of T, aligned for every vector, zero at first. Large ones lie in huge
/// pages where the system has them: walks through weights would else wait for page tables.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t size);

  /// Makes room for `size` values; what was there is lost if it was smaller.
  void reserve(std::size_t size) {
    if (size > size_) *this = Buffer(size);
  }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(void* memory) const;
  };
  std::unique_ptr<T[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace snn::fused

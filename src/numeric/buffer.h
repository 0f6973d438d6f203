#pragma once

#include <cstddef>
#include <memory>

namespace snn {

/// Allocates `bytes` zeros, aligned for every vector instruction. Large blocks use huge pages where
/// the system supports them: passes over the weights would otherwise wait for page tables.
void* allocate_zeros(std::size_t bytes);
struct FreeMemory {
  void operator()(void* memory) const;
};

/// A buffer of `size` numbers, allocated by allocate_zeros().
template <class T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t size)
      : data_(static_cast<T*>(allocate_zeros(size * sizeof(T)))), size_(size) {}

  /// Makes room for `size` values; the previous content is lost if the buffer grows.
  void reserve(std::size_t size) {
    if (size > size_) *this = Buffer(size);
  }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  std::unique_ptr<T[], FreeMemory> data_;
  std::size_t size_ = 0;
};

}  // namespace snn

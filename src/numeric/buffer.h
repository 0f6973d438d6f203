#pragma once

#include <cstddef>
#include <memory>

namespace snn {

/// Memory of `bytes` zeros, aligned for every vector. Large ones lie in huge pages where the system
/// has them: walks through weights would else wait for page tables.
void* allocate_zeros(std::size_t bytes);
struct FreeMemory {
  void operator()(void* memory) const;
};

/// Memory for `size` numbers, from allocate_zeros().
template <class T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t size)
      : data_(static_cast<T*>(allocate_zeros(size * sizeof(T)))), size_(size) {}

  /// Makes room for `size` values; what was there is lost if it was smaller.
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

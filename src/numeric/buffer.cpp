#include "numeric/buffer.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "kernels/kernels.h"

namespace snn::fused {
namespace {

constexpr std::size_t kVector = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

void* allocate(std::size_t bytes) {
  const std::size_t alignment = bytes < kHugePage ? kVector : kHugePage;
  bytes = (bytes + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, bytes == 0 ? alignment : bytes);
  if (memory == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  if (alignment == kHugePage) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  std::memset(memory, 0, bytes);
  return memory;
}

}  // namespace

template <class T>
Buffer<T>::Buffer(std::size_t size)
    : data_(static_cast<T*>(allocate(size * sizeof(T)))), size_(size) {}

template <class T>
void Buffer<T>::Free::operator()(void* memory) const {
  std::free(memory);
}

template class Buffer<float>;
template class Buffer<std::uint16_t>;
template class Buffer<std::uint32_t>;
template class Buffer<kernels::Entry>;

}  // namespace snn::fused

#include "system/thread_pool.h"

#include <string>
#include <system_error>
#include <utility>

#include "snn/text/error.h"

namespace snn {
namespace {

inline void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Waits until is_over(value): spins for a moment, then sleeps.
template <class T, class IsOver>
void wait_until(const std::atomic<T>& value, IsOver is_over) {
  constexpr int kSpins = 1000;  // some tens of microseconds
  for (int i = 0; i < kSpins; ++i) {
    if (is_over(value.load(std::memory_order_acquire))) return;
    relax();
  }
  for (T now = value.load(std::memory_order_acquire); !is_over(now);
       now = value.load(std::memory_order_acquire)) {
    value.wait(now, std::memory_order_acquire);
  }
}

}  // namespace

ThreadPool::ThreadPool(int threads, const std::function<void()>& prepare)
    : shares_(static_cast<std::size_t>(threads > 1 ? threads : 1)) {
  try {
    for (int i = 1; i < threads; ++i) {
      threads_.emplace_back([this, i, prepare] { serve(i, prepare); });
    }
  } catch (const std::system_error& error) {
    end();
    throw Error(ExitCode::kUsage, "threads: cannot start " + std::to_string(threads) +
                                      " threads: " + error.what() + "; use a smaller --threads");
  }
}

ThreadPool::~ThreadPool() { end(); }

void ThreadPool::end() {
  ends_ = true;
  ++round_;
  round_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::run(std::int64_t count, const Work& work) {
  work_ = &work;
  const auto threads = static_cast<std::int64_t>(shares_.size());
  for (std::int64_t i = 0; i < threads; ++i) {
    Share& share = shares_[static_cast<std::size_t>(i)];
    share.next = i * count / threads;
    share.end = (i + 1) * count / threads;
  }
  const bool is_shared = count > 1 && !threads_.empty();
  if (is_shared) {
    busy_ = static_cast<std::uint32_t>(threads_.size());
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
  }
  take_part(0);
  if (is_shared) wait_until(busy_, [](std::uint32_t busy) { return busy == 0; });
  work_ = nullptr;
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void ThreadPool::serve(int thread, const std::function<void()>& prepare) {
  if (prepare) prepare();
  for (std::uint32_t seen = 0;; ++seen) {
    wait_until(round_, [seen](std::uint32_t round) { return round != seen; });
    if (ends_) return;
    take_part(thread);
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
  }
}

void ThreadPool::take_part(int thread) {
  const std::size_t count = shares_.size();
  for (std::size_t k = 0; k < count; ++k) {
    Share& share = shares_[(static_cast<std::size_t>(thread) + k) % count];
    for (std::int64_t i = share.next++; i < share.end; i = share.next++) work_on(i, thread);
  }
}

void ThreadPool::work_on(std::int64_t item, int thread) {
  try {
    (*work_)(item, thread);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
  }
}

}  // namespace snn

#include "thread_pool.h"

#include <algorithm>
#include <utility>

namespace snn {

ThreadPool::ThreadPool(int threads, const std::function<void()>& prepare) {
  for (int i = 1; i < threads; ++i) threads_.emplace_back([this, prepare] { serve(prepare); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  has_work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::run(std::int64_t count, const std::function<void(std::int64_t)>& work) {
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    count_ = count;
    next_ = 0;
    busy_ = threads_.size();
    ++round_;
  }
  has_work_.notify_all();
  take_part();
  std::unique_lock lock(mutex_);
  is_done_.wait(lock, [this] { return busy_ == 0; });
  work_ = nullptr;
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void ThreadPool::serve(const std::function<void()>& prepare) {
  if (prepare) prepare();
  std::uint64_t seen = 0;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      has_work_.wait(lock, [&] { return ends_ || round_ != seen; });
      if (ends_) return;
      seen = round_;
    }
    take_part();
    const std::lock_guard lock(mutex_);
    if (--busy_ == 0) is_done_.notify_one();
  }
}

void ThreadPool::take_part() {
  for (std::int64_t i = next_++; i < count_; i = next_++) {
    try {
      (*work_)(i);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }
}

}  // namespace snn

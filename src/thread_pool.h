#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace snn {

/// Threads that wait for work, to be shared out among them and the thread that brings it.
class ThreadPool {
 public:
  /// A pool of `threads` in all, the caller's included. Each new one first calls `prepare`.
  explicit ThreadPool(int threads, const std::function<void()>& prepare = {});
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  /// Calls work(0) … work(count - 1), each once, on any of the threads; returns when all are done.
  /// Throws what one of them threw, after all. One run at a time.
  void run(std::int64_t count, const std::function<void(std::int64_t)>& work);

 private:
  void serve(const std::function<void()>& prepare);
  void take_part();

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable has_work_, is_done_;
  const std::function<void(std::int64_t)>* work_ = nullptr;
  std::int64_t count_ = 0;
  std::atomic<std::int64_t> next_{0};
  std::uint64_t round_ = 0;  // runs so far
  std::size_t busy_ = 0;     // threads that have not ended this one
  bool ends_ = false;
  std::exception_ptr failure_;
};

}  // namespace snn

#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace snn {

/// Threads that wait for work, to be shared out among them and the thread that brings it. They wait
/// actively for some microseconds before they sleep, so that one run can follow another at once.
class ThreadPool {
 public:
  /// A pool of `threads` in all, the caller's included. Each new one first calls `prepare`.
  explicit ThreadPool(int threads, const std::function<void()>& prepare = {});
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  int threads() const { return static_cast<int>(threads_.size()) + 1; }

  /// Calls work(item, thread) for the items 0 … count - 1, each once, on any of the threads 0 …
  /// threads() - 1, of which 0 is the caller's; returns when all are done. Throws what one of them
  /// threw, after all. One run at a time.
  void run(std::int64_t count, const std::function<void(std::int64_t, int)>& work);

 private:
  void serve(int thread, const std::function<void()>& prepare);
  void take_part(int thread);

  std::vector<std::thread> threads_;
  const std::function<void(std::int64_t, int)>* work_ = nullptr;
  std::int64_t count_ = 0;
  std::atomic<std::int64_t> next_{0};
  std::atomic<std::uint32_t> round_{0};  // runs so far
  std::atomic<std::uint32_t> busy_{0};   // threads that have not ended this one
  std::atomic<bool> ends_{false};
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace snn

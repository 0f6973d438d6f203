#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace snn {

/// Distributes work among threads.
class Executor {
 public:
  using Work = std::function<void(std::int64_t item, int thread)>;

  virtual ~Executor() = default;

  virtual int threads() const = 0;

  /// Calls work(item, thread) once for each item 0 … count - 1, on any of the threads 0 … threads()
  /// - 1; returns when all calls have returned. Then rethrows an exception that one of them threw.
  /// Runs must not overlap.
  virtual void run(std::int64_t count, const Work& work) = 0;
};

/// A pool of threads that share work with the calling thread. They spin for some microseconds
/// before they sleep, so that the next run can start immediately.
class ThreadPool : public Executor {
 public:
  /// Creates a pool of `threads` threads, the caller's included. Each new thread first calls
  /// `prepare`. Throws Error(kUsage) if the system cannot create that many.
  explicit ThreadPool(int threads, const std::function<void()>& prepare = {});
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() override;

  int threads() const override { return static_cast<int>(threads_.size()) + 1; }

  /// The caller's thread is number 0. Each thread begins with its own share, the same in every run
  /// of equally many items, so that its data are still in its core's caches; then it helps the
  /// others.
  void run(std::int64_t count, const Work& work) override;

 private:
  void serve(int thread, const std::function<void()>& prepare);
  void end();
  void take_part(int thread);
  void work_on(std::int64_t item, int thread);

  // The items of a thread that are not yet begun. Each share has its own cache line, since it is
  // written constantly.
  struct alignas(64) Share {
    std::atomic<std::int64_t> next{0};
    std::int64_t end = 0;
  };

  std::vector<std::thread> threads_;
  const Work* work_ = nullptr;
  std::vector<Share> shares_;
  std::atomic<std::uint32_t> round_{0};  // number of runs so far
  std::atomic<std::uint32_t> busy_{0};   // threads that have not finished the current run
  std::atomic<bool> ends_{false};
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace snn

#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace snn {

/// What shares work out among threads.
class Executor {
 public:
  using Work = std::function<void(std::int64_t item, int thread)>;

  virtual ~Executor() = default;

  virtual int threads() const = 0;

  /// Calls work(item, thread) for the items 0 … count - 1, each once, on any of the threads 0 …
  /// threads() - 1; returns when all are done. Throws what one of them threw, after all. One run at
  /// a time.
  virtual void run(std::int64_t count, const Work& work) = 0;
};

/// Threads that wait for work, to be shared out among them and the thread that brings it. They wait
/// actively for some microseconds before they sleep, so that one run can follow another at once.
class ThreadPool : public Executor {
 public:
  /// A pool of `threads` in all, the caller's included. Each new one first calls `prepare`. Throws
  /// Error(kUsage) when the system refuses so many.
  explicit ThreadPool(int threads, const std::function<void()>& prepare = {});
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() override;

  int threads() const override { return static_cast<int>(threads_.size()) + 1; }

  /// The caller's thread is number 0. Each thread begins with a share of its own, the same in every
  /// run of so many items, so that what they work on is still in its core's caches; then it helps
  /// the others.
  void run(std::int64_t count, const Work& work) override;

 private:
  void serve(int thread, const std::function<void()>& prepare);
  void end();
  void take_part(int thread);
  void work_on(std::int64_t item, int thread);

  // The items of a thread that nobody has begun. A cache line for each: they are written all the
  // time.
  struct alignas(64) Share {
    std::atomic<std::int64_t> next{0};
    std::int64_t end = 0;
  };

  std::vector<std::thread> threads_;
  const Work* work_ = nullptr;
  std::vector<Share> shares_;
  std::atomic<std::uint32_t> round_{0};  // runs so far
  std::atomic<std::uint32_t> busy_{0};   // threads that have not ended this one
  std::atomic<bool> ends_{false};
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace snn

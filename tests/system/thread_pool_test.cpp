#include "system/thread_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "snn/text/error.h"
#include "support/error_of.h"

namespace snn {
namespace {

TEST(ThreadPool, CallsEachPieceOfWorkOnceInEveryRun) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (const std::int64_t count : {0, 1, 3, 100}) {
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
      pool.run(count, [&](std::int64_t i, int thread) {
        ++calls[static_cast<std::size_t>(i)];
        EXPECT_TRUE(thread >= 0 && thread < pool.threads());
      });
      for (const auto& each : calls) EXPECT_EQ(each, 1) << threads << " threads, " << count;
    }
  }
}

TEST(ThreadPool, GivesOneThreadOnePieceAtATime) {
  ThreadPool pool(4);
  std::vector<std::int64_t> sums(4);  // not atomic, so that the thread sanitizer detects races
  for (int round = 0; round < 100; ++round) {
    pool.run(20, [&](std::int64_t i, int thread) { sums[static_cast<std::size_t>(thread)] += i; });
  }
  EXPECT_EQ(sums[0] + sums[1] + sums[2] + sums[3], 100 * 190);
}

TEST(ThreadPool, PreparesEveryThreadButTheCallers) {
  std::atomic<int> prepared{0};
  {
    const ThreadPool pool(3, [&] { ++prepared; });
  }
  EXPECT_EQ(prepared, 2);
}

TEST(ThreadPool, PassesOnAnExceptionAndWorksOn) {
  ThreadPool pool(2);
  std::atomic<int> calls{0};
  const auto work = [&](std::int64_t i, int) {
    ++calls;
    if (i == 3) throw std::runtime_error("three");
  };
  EXPECT_THROW(pool.run(10, work), std::runtime_error);
  EXPECT_EQ(calls, 10);
  pool.run(3, work);
  EXPECT_EQ(calls, 13);
}

// The stack of each thread is so large that the address space holds only some of them.
TEST(ThreadPool, RefusesMoreThreadsThanThereCanBe) {
  pthread_attr_t usual, huge;
  ASSERT_EQ(pthread_getattr_default_np(&usual), 0);
  ASSERT_EQ(pthread_getattr_default_np(&huge), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&huge, std::size_t{1} << 43), 0);
  ASSERT_EQ(pthread_setattr_default_np(&huge), 0);
  const std::string text = error_of(ExitCode::kUsage, [] { const ThreadPool pool(100); });
  EXPECT_EQ(pthread_setattr_default_np(&usual), 0);
  EXPECT_THAT(text, testing::StartsWith("threads: cannot start 100 threads: "));
  EXPECT_THAT(text, testing::EndsWith("; use a smaller --threads"));
}

}  // namespace
}  // namespace snn

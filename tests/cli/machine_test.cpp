#include "cli/machine.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "support/temporary_directory.h"

namespace snn::cli {
namespace {

// A file system root with a kernel's description of cgroups.
class CpuQuota : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) const {
    const auto file = root_.path() / path;
    std::filesystem::create_directories(file.parent_path());
    ASSERT_TRUE(std::ofstream(file) << text << std::flush) << file;
  }
  std::filesystem::path at(const std::string& path) const { return root_.path() / path; }
  std::optional<double> quota() const { return cpu_quota(root_.path()); }

 private:
  TemporaryDirectory root_;
};

TEST_F(CpuQuota, IsNoneWhereNothingLimitsIt) {
  EXPECT_EQ(quota(), std::nullopt);
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(quota(), std::nullopt);
  write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota(), std::nullopt);
}

TEST_F(CpuQuota, IsTheLeastOfTheGroupAndThoseAbove) {
  write("proc/self/cgroup", "0::/a/b:c\n");
  write("sys/fs/cgroup/a/b:c/cpu.max", "400000 100000\n");
  EXPECT_EQ(quota(), 4);
  write("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
  EXPECT_EQ(quota(), 1.5);
  write("sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(quota(), 0.5);
  write("sys/fs/cgroup/other/cpu.max", "10000 100000\n");
  EXPECT_EQ(quota(), 0.5) << "that of another group is not ours";
}

TEST_F(CpuQuota, IsThatOfTheContainer) {
  // The path is valid on the host, but not visible in the container.
  write("proc/self/cgroup", "0::/docker/0123\n");
  write("sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(quota(), 2);
}

TEST_F(CpuQuota, IsReadOfVersion1) {
  for (const std::string mount : {"cpu", "cpu,cpuacct"}) {
    write("proc/self/cgroup", "12:memory:/m\n4:cpu,cpuacct:/job/step\n");
    write("sys/fs/cgroup/" + mount + "/job/cpu.cfs_quota_us", "300000\n");
    write("sys/fs/cgroup/" + mount + "/job/cpu.cfs_period_us", "100000\n");
    write("sys/fs/cgroup/memory/m/cpu.cfs_quota_us", "1\n");
    EXPECT_EQ(quota(), 3) << mount;
    std::filesystem::remove_all(at("sys/fs/cgroup/" + mount));
  }
}

TEST(Threads, OfTheEnvironment) {
  const auto with = [](const char* value) {
    setenv("OMP_NUM_THREADS", value, 1);
    const auto threads = threads_of_environment();
    EXPECT_EQ(default_threads(), threads.value_or(available_cores()));
    unsetenv("OMP_NUM_THREADS");
    return threads;
  };
  unsetenv("OMP_NUM_THREADS");
  EXPECT_EQ(threads_of_environment(), std::nullopt);
  EXPECT_EQ(with("3"), 3);
  EXPECT_EQ(with("4,2"), 4);
  EXPECT_EQ(with(" 5 "), 5);
  for (const char* wrong : {"", "0", "-1", "x", "2x", "1e3", ",2", "99999"}) {
    EXPECT_EQ(with(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace snn::cli

#include "base/memory.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temporary_folder.h"

namespace thorax {
namespace {

namespace fs = std::filesystem;

class AvailableMemory : public testing::Test {
 protected:
  AvailableMemory() { write("proc/meminfo", "MemTotal: 16000 kB\nMemAvailable:   8000 kB\n"); }
  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }

  const testing_support::TemporaryFolder folder;
  const fs::path root = folder.path();
};

TEST_F(AvailableMemory, IsTheKernelsFigureWithoutAGroup) {
  EXPECT_EQ(available_memory_bytes(root), 8000u * 1024);
}

TEST_F(AvailableMemory, IsWhatAVersion2GroupHasLeft) {
  write("proc/self/cgroup", "0::/box/inner\n");
  write("sys/fs/cgroup/box/memory.max", "5000000\n");
  write("sys/fs/cgroup/box/memory.current", "2000000\n");
  write("sys/fs/cgroup/box/memory.stat", "anon 1\ninactive_file 500000\n");
  write("sys/fs/cgroup/box/inner/memory.max", "max\n");
  write("sys/fs/cgroup/box/inner/memory.current", "1000000\n");
  EXPECT_EQ(available_memory_bytes(root), 3'500'000u);
}

TEST_F(AvailableMemory, IsWhatAVersion1GroupHasLeft) {
  write("proc/self/cgroup", "7:cpu:/a\n4:memory:/box\n");
  write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "3000000\n");
  write("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "1000000\n");
  EXPECT_EQ(available_memory_bytes(root), 2'000'000u);
}

TEST_F(AvailableMemory, IsNothingWhenAGroupIsOverItsLimit) {
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/memory.max", "1000\n");
  write("sys/fs/cgroup/memory.current", "5000\n");
  EXPECT_EQ(available_memory_bytes(root), 0u);
}

TEST(PeakMemory, SeesWhatThisProcessTook) {
  const std::vector<char> touched(64 << 20, 1);
  EXPECT_GT(peak_memory_bytes(), touched.size() / 2);
}

#ifndef __SANITIZE_ADDRESS__  // which brings an allocator of its own
TEST(FreedMemory, StaysUntilItIsReturned) {
  keep_freed_memory();
  std::vector<std::vector<char>> blocks(64);
  for (std::vector<char>& block : blocks) block.assign(1 << 20, 1);
  blocks.clear();
  const std::uint64_t kept = reset_peak_memory();
  return_freed_memory();
  const std::uint64_t left = reset_peak_memory();
  EXPECT_LT(left + (48 << 20), kept);
}
#endif

}  // namespace
}  // namespace thorax

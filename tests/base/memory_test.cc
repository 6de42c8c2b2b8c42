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
// Blocks of 48 MiB: larger than those that the allocator hands back one by one, come what may.
TEST(FreedMemory, StaysUntilItIsReturned) {
  constexpr std::uint64_t kBlock = std::uint64_t{48} << 20;
  keep_freed_memory();
  const std::uint64_t before = resident_memory_bytes();
  std::vector<std::vector<char>> blocks(3);
  for (std::vector<char>& block : blocks) block.assign(kBlock, 1);
  blocks.clear();
  EXPECT_GT(resident_memory_bytes(), before + 2 * kBlock);
  return_freed_memory();
  EXPECT_LT(resident_memory_bytes(), before + kBlock);
}
#endif

}  // namespace
}  // namespace thorax

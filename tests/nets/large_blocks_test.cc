#include "nets/large_blocks.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/memory.h"

namespace thorax::nets {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

at::Tensor filled(std::int64_t bytes) {
  return at::ones({bytes}, at::kByte);
}

class LargeBlocksTest : public testing::Test {
 protected:
  LargeBlocksTest() { keep_large_blocks(); }
  ~LargeBlocksTest() override { release_large_blocks(); }
};

TEST_F(LargeBlocksTest, ATensorLiesWhereOneOfItsSizeLay) {
  at::Tensor first = filled(48 * kMiB);
  const at::Tensor beside = filled(48 * kMiB);
  const void* const place = first.data_ptr();
  EXPECT_NE(beside.data_ptr(), place);
  first.reset();
  EXPECT_NE(filled(8 * kMiB).data_ptr(), place) << "that small a tensor would waste it";
  EXPECT_EQ(filled(47 * kMiB).data_ptr(), place);
  EXPECT_EQ(filled(48 * kMiB).data_ptr(), place);
  EXPECT_NE(filled(49 * kMiB).data_ptr(), place) << "it does not fit";
  EXPECT_TRUE(beside.eq(1).all().item<bool>());
}

TEST_F(LargeBlocksTest, SmallTensorsAreOnTheHeapAndResizingWorks) {
  at::Tensor grows = filled(100);
  grows.resize_({12 * kMiB}).fill_(2);
  grows.resize_({20 * kMiB}).narrow(0, 12 * kMiB, 8 * kMiB).fill_(2);
  EXPECT_TRUE(grows.eq(2).all().item<bool>());
}

TEST_F(LargeBlocksTest, NoMoreIsKeptThanSaid) {
  const std::uint64_t before = reset_peak_memory();
  for (int round = 0; round < 2; ++round) {
    std::vector<at::Tensor> tensors;
    for (int i = 0; i < 6; ++i) tensors.push_back(filled(128 * kMiB));
    EXPECT_GT(reset_peak_memory(), before + 700 * kMiB);
    tensors.clear();
    EXPECT_LT(reset_peak_memory(), before + kMostKept + 64 * kMiB);
  }
  release_large_blocks();
  EXPECT_LT(reset_peak_memory(), before + 64 * kMiB);
}

}  // namespace
}  // namespace thorax::nets

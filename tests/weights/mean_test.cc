#include "weights/mean.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "weights/safetensors.h"

namespace thorax::weights {
namespace {

using testing::ElementsAre;

class MeanOfWeights : public testing::Test {
 protected:
  MeanOfWeights() {
    std::filesystem::create_directories(folder_);
    write(one_,
          {{"fc.bias", make_tensor({2}, {1.0f, -2.0f})}, {"steps", make_index_tensor({}, {7})}});
    write(two_,
          {{"fc.bias", make_tensor({2}, {2.0f, 4.0f})}, {"steps", make_index_tensor({}, {9})}});
  }
  ~MeanOfWeights() override { std::filesystem::remove_all(folder_); }

  static void write(const std::filesystem::path& file, const StateDict& tensors) {
    write_safetensors(file, tensors);
  }

  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      (std::string("mean-") + testing::UnitTest::GetInstance()->current_test_info()->name());
  std::filesystem::path one_ = folder_ / "one.safetensors", two_ = folder_ / "two.safetensors",
                        other_ = folder_ / "other.safetensors";
};

TEST_F(MeanOfWeights, IsTakenKeyByKey) {
  const StateDict mean = mean_of(std::vector{one_, two_});
  EXPECT_THAT(mean.at("fc.bias").to_float(), ElementsAre(1.5f, 1.0f));
  EXPECT_THAT(mean.at("steps").to_float(), ElementsAre(7.0f)) << "counts are no weights";
  const StateDict three = mean_of(std::vector{one_, two_, two_});
  EXPECT_THAT(three.at("fc.bias").to_float(), ElementsAre(5.0f / 3.0f, 2.0f));
}

TEST_F(MeanOfWeights, OfOneFileIsTheFile) {
  EXPECT_THAT(mean_of(std::vector{two_}).at("fc.bias").to_float(), ElementsAre(2.0f, 4.0f));
  EXPECT_TRUE(mean_of({}).empty());
}

TEST_F(MeanOfWeights, LooksAtNoKeyThatIsLeftOut) {
  write(other_,
        {{"fc.bias", make_tensor({3}, {0.0f, 0.0f, 0.0f})}, {"steps", make_index_tensor({}, {9})}});
  const StateDict mean = mean_of(std::vector{one_, other_},
                                 [](const std::string& key) { return key.starts_with("fc."); });
  EXPECT_EQ(mean.size(), 1u);
  EXPECT_THAT(mean.at("steps").to_float(), ElementsAre(7.0f));
}

TEST_F(MeanOfWeights, OfHalfPrecisionIsNotRoundedToHalf) {
  const auto half = [](std::uint16_t bits) {
    std::vector<std::byte> bytes(2);
    std::memcpy(bytes.data(), &bits, 2);
    return make_tensor(DType::f16, {1}, bytes);
  };
  write(one_, {{"w", half(0x3c00)}});  // 1
  write(two_, {{"w", half(0x3c01)}});  // the next number: 1 + 2^-10
  EXPECT_THAT(mean_of(std::vector{one_, two_}).at("w").to_float(), ElementsAre(1 + 0x1p-11f));
}

TEST_F(MeanOfWeights, OfOtherKeysOrShapesIsRefusedByTheFileAndTheKey) {
  for (const StateDict& tensors : {StateDict{{"fc.bias", make_tensor({2}, {0.0f, 0.0f})}},
                                   StateDict{{"fc.bias", make_tensor({3}, {0.0f, 0.0f, 0.0f})},
                                             {"steps", make_index_tensor({}, {7})}},
                                   StateDict{{"fc.bias", make_tensor({2}, {0.0f, 0.0f})},
                                             {"more", make_tensor({1}, {0.0f})},
                                             {"steps", make_index_tensor({}, {7})}}}) {
    write(other_, tensors);
    try {
      mean_of(std::vector{one_, other_});
      FAIL() << "took other keys";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "keys_do_not_fit"_code);
      EXPECT_EQ(error.notice().args.at("path"), other_.string());
    }
  }
}

}  // namespace
}  // namespace thorax::weights

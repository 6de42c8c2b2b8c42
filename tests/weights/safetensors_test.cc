#include "weights/safetensors.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "weights/checkpoint.h"

namespace thorax::weights {
namespace {

using testing::HasSubstr;

std::string file_of(const std::string& header, const std::string& data) {
  const std::uint64_t n = header.size();
  std::string out(sizeof n, '\0');
  std::memcpy(out.data(), &n, sizeof n);
  return out + header + data;
}

std::string problem_of(const std::string& bytes) {
  try {
    const auto owner = std::make_shared<std::string>(bytes);
    parse_safetensors(std::as_bytes(std::span(*owner)), owner, "w.safetensors");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "bad_weights"_code);
    return error.what();
  }
  return "";
}

const std::string kOne = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";

class SafetensorsFile : public testing::Test {
 protected:
  std::filesystem::path path_ =
      std::filesystem::path(testing::TempDir()) /
      (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".safetensors");
  void TearDown() override { std::filesystem::remove(path_); }
};

TEST_F(SafetensorsFile, WhatIsWrittenIsReadBack) {
  StateDict state;
  state["b"] = make_tensor({2, 3}, {1, 2, 3, 4, 5, 6});
  state["a"] = make_tensor(DType::u8, {3}, {std::byte{1}, std::byte{2}, std::byte{3}});
  state["transposed"] = state["b"];
  state["transposed"].shape = {3, 2};
  state["transposed"].strides = {1, 3};
  state["empty"] = make_tensor(DType::i64, {0, 5}, {});
  write_safetensors(path_, state, {{"format", "pt"}});
  const Safetensors read = read_safetensors(path_);
  EXPECT_EQ(read.metadata.at("format"), "pt");
  EXPECT_EQ(read.tensors.size(), 4U);
  EXPECT_EQ(read.tensors.at("b").to_float(), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read.tensors.at("transposed").to_float(), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(read.tensors.at("a").to_float(), (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(read.tensors.at("empty").shape, (std::vector<std::int64_t>{0, 5}));
  EXPECT_EQ(read_checkpoint(path_).at("b").to_float(), state["b"].to_float());
}

TEST_F(SafetensorsFile, TheSameTensorsGiveTheSameBytes) {
  const auto write_and_read = [&] {
    write_safetensors(path_, {{"x", make_tensor({1}, {1})}, {"y", make_tensor({1}, {2})}});
    return read_file(path_);
  };
  EXPECT_EQ(write_and_read(), write_and_read());
}

TEST_F(SafetensorsFile, AFullDiskOrMissingFolderSaysSo) {
  EXPECT_THROW(write_safetensors(path_ / "absent" / "w.safetensors", {}), Error);
}

TEST(Safetensors, AGoodFilePasses) {
  EXPECT_EQ(problem_of(file_of(kOne, std::string(8, 'x'))), "");
}

TEST(Safetensors, SidesOfAnEmptyTensorDoNotOverflow) {
  const std::string huge =
      R"({"a":{"dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}})";
  EXPECT_THAT(problem_of(file_of(huge, "")), HasSubstr("larger than any file"));
}

TEST(Safetensors, NumbersThatNoShapeHasAreRefused) {
  for (const char* side : {"1e21", "2.5", "9223372036854775808", "2555555555555555555550"})
    EXPECT_THAT(problem_of(file_of(std::string(R"({"a":{"dtype":"F32","shape":[)") + side +
                                       R"(],"data_offsets":[0,8]}})",
                                   "12345678")),
                HasSubstr("no whole number"))
        << side;
  EXPECT_THAT(problem_of(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}})",
                                 "12345678")),
              HasSubstr("one begin and one end"));
}

TEST(Safetensors, EveryDamageIsNamed) {
  const std::string data(8, 'x');
  EXPECT_THAT(problem_of("short"), HasSubstr("shorter"));
  EXPECT_THAT(problem_of(file_of(kOne, data).substr(0, 20)), HasSubstr("inside its header"));
  std::string huge = file_of(kOne, data);
  std::memset(huge.data(), 0xff, 8);
  EXPECT_THAT(problem_of(huge), HasSubstr("100 MB"));
  EXPECT_THAT(problem_of(file_of("{]", "")), HasSubstr("parse"));
  EXPECT_THAT(problem_of(file_of("[]", "")), HasSubstr("no object"));
  EXPECT_THAT(problem_of(file_of(kOne, data.substr(4))), HasSubstr("past the end"));
  EXPECT_THAT(problem_of(file_of(kOne, data + "y")), HasSubstr("do not fill"));
  EXPECT_THAT(
      problem_of(file_of(R"({"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}})", data)),
      HasSubstr("F99"));
  EXPECT_THAT(
      problem_of(file_of(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", data)),
      HasSubstr("fit its shape"));
  EXPECT_THAT(
      problem_of(file_of(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", data)),
      HasSubstr("negative"));
  EXPECT_THAT(
      problem_of(file_of(
          R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})", data)),
      HasSubstr("larger than any file"));
  EXPECT_THAT(problem_of(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                                 R"("b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
                                 data)),
              HasSubstr("overlaps"));
  EXPECT_THAT(
      problem_of(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", data)),
      HasSubstr("gap"));
  EXPECT_THAT(problem_of(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                                 R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                                 data)),
              HasSubstr("twice"));
}

}  // namespace
}  // namespace thorax::weights

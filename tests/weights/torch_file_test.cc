#include "weights/torch_file.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "base/error.h"
#include "weights/checkpoint.h"

namespace thorax::weights {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(THORAX_SOURCE_DIR) / "tests/weights/fixtures" / name;
}

std::string problem_of(const std::string& bytes) {
  try {
    const auto owner = std::make_shared<std::string>(bytes);
    const PickleResult value = parse_torch_file(std::as_bytes(std::span(*owner)), owner, "file.pt");
    state_dict_of(value.value, "file.pt");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "bad_weights"_code) << error.what();
    return error.what();
  }
  return "";
}

std::vector<float> counting_from(float first, int n) {
  std::vector<float> out(static_cast<std::size_t>(n));
  std::iota(out.begin(), out.end(), first);
  return out;
}

class BothFormats : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Files, BothFormats, testing::Values("", "_legacy"));

TEST_P(BothFormats, EveryTypeIsReadAsItIs) {
  const StateDict state = read_checkpoint(fixture("types" + GetParam() + ".pt"));
  EXPECT_EQ(state.size(), 12U);
  const std::map<std::string, DType> types = {{"float64", DType::f64}, {"float32", DType::f32},
                                              {"float16", DType::f16}, {"bfloat16", DType::bf16},
                                              {"int64", DType::i64},   {"int32", DType::i32},
                                              {"int16", DType::i16},   {"int8", DType::i8},
                                              {"uint8", DType::u8},    {"bool", DType::boolean}};
  for (const auto& [name, type] : types) {
    SCOPED_TRACE(name);
    const Tensor& t = state.at(name);
    EXPECT_EQ(t.type, type);
    EXPECT_THAT(t.shape, ElementsAre(2, 3));
    if (name == "bool")
      EXPECT_THAT(t.to_float(), ElementsAre(1, 0, 1, 0, 1, 0));
    else
      EXPECT_EQ(t.to_float(), counting_from(name == "uint8" ? 0 : -2, 6));
  }
  EXPECT_TRUE(state.at("scalar").shape.empty());
  EXPECT_THAT(state.at("scalar").to_float(), ElementsAre(7.5F));
  EXPECT_EQ(state.at("empty").count(), 0);
  EXPECT_TRUE(state.at("empty").to_float().empty());
}

TEST_P(BothFormats, ViewsShareTheirStorage) {
  const StateDict state = read_checkpoint(fixture("views" + GetParam() + ".pt"));
  const Tensor& base = state.at("base");
  EXPECT_EQ(base.to_float(), counting_from(-2, 24));
  EXPECT_EQ(state.at("shared").data, base.data);
  const Tensor& transposed = state.at("transposed");
  EXPECT_FALSE(transposed.contiguous());
  EXPECT_THAT(transposed.shape, ElementsAre(6, 4));
  EXPECT_EQ(transposed.to_float()[1], 4);  // base[1][0]
  EXPECT_EQ(transposed.packed().to_float(), transposed.to_float());
  EXPECT_TRUE(transposed.packed().contiguous());
  EXPECT_THAT(state.at("corner").to_float(), ElementsAre(6, 7, 8, 12, 13, 14));
  EXPECT_EQ(state.at("row").to_float(), counting_from(10, 6));
  EXPECT_THAT(state.at("expanded").to_float(), ElementsAre(-2, -2, -2, -2, -2));
}

TEST(TorchFile, ParametersAreTheirTensors) {
  EXPECT_EQ(read_checkpoint(fixture("parameters.pt")).at("weight").to_float(),
            counting_from(-2, 4));
}

TEST(TorchFile, ATrainersCheckpointGivesItsWeightsOnly) {
  const StateDict state = read_checkpoint(fixture("lightning.ckpt"));
  std::vector<std::string> keys;
  for (const auto& entry : state) keys.push_back(entry.first);
  EXPECT_THAT(keys, ElementsAre("0.bias", "0.weight", "1.bias", "1.num_batches_tracked",
                                "1.running_mean", "1.running_var", "1.weight"));
  EXPECT_EQ(state.at("0.weight").to_float(), counting_from(-2, 6));
  EXPECT_EQ(state.at("1.num_batches_tracked").type, DType::i64);
}

TEST(TorchFile, AStrangeClassIsRefusedByName) {
  EXPECT_THAT(problem_of(read_file(fixture("stranger.pt"))), HasSubstr("__main__.Stranger"));
}

TEST(TorchFile, TruncationAnywhereIsAnError) {
  for (const std::string name : {"types.pt", "types_legacy.pt", "views_legacy.pt"}) {
    const std::string whole = read_file(fixture(name));
    for (std::size_t n = 0; n < whole.size(); n += 1 + whole.size() / 97)
      EXPECT_NE(problem_of(whole.substr(0, n)), "") << name << " cut at " << n;
  }
}

TEST(TorchFile, AFlippedByteIsAnErrorOrHarmless) {
  for (const std::string name : {"types.pt", "types_legacy.pt", "lightning.ckpt"}) {
    const std::string whole = read_file(fixture(name));
    for (std::size_t at = 0; at < whole.size(); at += 3) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 0x55);
      problem_of(changed);  // any exception but Error, or a crash, fails the test
    }
  }
}

/// A legacy file around a hand-made object pickle.
std::string legacy(const std::string& object) {
  const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
  const std::string version("\x80\x02M\xe9\x03.", 6);
  const std::string little_endian("\x80\x02}X\x0d\x00\x00\x00little_endian\x88s.", 24);
  return magic + version + little_endian + object + std::string("\x80\x02].", 4);
}

TEST(TorchFile, CodeIsNeverRun) {
  const std::string command = std::string("cos\nsystem\n(X\x04\0\0\0true", 21) + "tR.";
  EXPECT_THAT(problem_of(legacy(command)), HasSubstr("os.system"));
}

TEST(TorchFile, BigEndianIsRefused) {
  std::string file = legacy("}.");
  file[file.find("little_endian") + 13] = '\x89';
  EXPECT_THAT(problem_of(file), HasSubstr("big-endian"));
}

TEST(TorchFile, DeepNestingNeitherOverflowsNorPasses) {
  EXPECT_THAT(problem_of(legacy(std::string(200'000, ']') + std::string(199'999, 'a') + ".")),
              HasSubstr("no named tensors"));
  std::string nested;  // {"a": {"a": …}}
  for (int i = 0; i < 50; ++i)
    nested += std::string(
        "}U\x01"
        "a",
        4);
  nested += "}" + std::string(50, 's') + ".";
  EXPECT_THAT(problem_of(legacy(nested)), HasSubstr("nested too deep"));
}

TEST(TorchFile, ATensorBeyondItsStorageIsRefused) {
  std::string file = read_file(fixture("views_legacy.pt"));
  // The shape of `expanded` is the only (5,): K 5 as a one-tuple.
  const std::size_t at = file.find(std::string("K\x05\x85", 3));
  ASSERT_NE(at, std::string::npos);
  std::string stride = file;
  const std::size_t zero = file.find(std::string("K\x00\x85", 3), at);
  ASSERT_NE(zero, std::string::npos);
  stride[zero + 1] = '\x7f';
  EXPECT_THAT(problem_of(stride), HasSubstr("past its storage"));
}

/// The pickle of {"a": a tensor}: `rest` is offset, size and strides, over a storage of two floats.
std::string tensor_of(const std::string& rest) {
  return "}U\x01"
         "actorch._utils\n_rebuild_tensor\n((U\x07storagectorch\nFloatStorage\nU\x01"
         "0U\x03"
         "cpuI2\ntQ" +
         rest + "tRs.";
}

/// The legacy file of that pickle, with the storage behind it.
std::string file_of_tensor(const std::string& rest) {
  std::string file = legacy(tensor_of(rest));
  file.resize(file.size() - std::string("\x80\x02].").size());
  return file +
         "\x80\x02]U\x01"
         "0a." +
         std::string("\x02\0\0\0\0\0\0\0", 8) + std::string("\0\0\x80\x3f\0\0\0\x40", 8);
}

Tensor only_tensor(const std::string& file) {
  const auto owner = std::make_shared<std::string>(file);
  return parse_checkpoint(std::as_bytes(std::span(*owner)), owner, "file.pt").at("a");
}

TEST(TorchFile, AStepThatIsNeverTakenMayBeAnyNumber) {
  const Tensor t = only_tensor(file_of_tensor("I0\n(I2\nI1\nt(I1\nI9223372036854775807\nt"));
  EXPECT_THAT(t.to_float(), ElementsAre(1, 2));
}

TEST(TorchFile, SidesOfAnEmptyTensorDoNotOverflow) {
  EXPECT_THAT(problem_of(file_of_tensor("I0\n(I0\nI4611686018427387904\nI4\nt(I0\nI0\nI0\nt")),
              HasSubstr("larger than any memory"));
  EXPECT_EQ(problem_of(file_of_tensor("I0\n(I0\nI1048576\nI4\nt(I0\nI0\nI0\nt")), "");
}

TEST(TorchFile, AFewBytesDoNotBecomeGigabytes) {
  EXPECT_THAT(problem_of(file_of_tensor("I0\n(I1000000000\nt(I0\nt")),
              HasSubstr("repeats its values"));
}

TEST(TorchFile, ADictInsideItselfManyTimesEnds) {
  std::string level = "}";  // eight dicts, each forty times in the next
  for (int depth = 0; depth < 8; ++depth) {
    const std::string key =
        "q\x01"
        "0}";  // the inner one into the memo, a new dict
    level += key;
    for (int i = 0; i < 40; ++i)
      level += std::string("U\x01") + static_cast<char>('A' + i) + "h\x01s";
  }
  EXPECT_THAT(problem_of(legacy(level + ".")), HasSubstr("more entries"));
}

TEST(TorchFile, CallsDoNotMultiplyWhatTheyAreGiven) {
  // A list of 20,000 numbers in the memo, copied by a call again and again.
  std::string object = "](" + std::string(40'000, 'N') +
                       "eq\x01"
                       "0";
  object +=
      "ctorch._utils\n_rebuild_parameter\nq\x02"
      "0](";
  for (int i = 0; i < 1000; ++i) object += "h\x02h\x01\x85R";
  EXPECT_THAT(problem_of(legacy(object + "e.")), HasSubstr("more values"));
}

TEST(TorchFile, OtherFilesAreRefused) {
  EXPECT_NE(problem_of(""), "");
  EXPECT_NE(problem_of("PK\x03\x04 not really"), "");
  EXPECT_NE(problem_of("hello, I am a text file\n"), "");
}

}  // namespace
}  // namespace thorax::weights

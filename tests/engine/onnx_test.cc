#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/import.h"
#include "engine/onnx_runner.h"
#include "support/temporary_folder.h"

namespace thorax::engine {
namespace {

namespace fs = std::filesystem;
using testing_support::TemporaryFolder;
using weights::make_tensor;

fs::path fixture(const std::string& name) {
  return fs::path(THORAX_SOURCE_DIR) / "tests/engine/fixtures" / name;
}

weights::Manifest import(const fs::path& file, const fs::path& into) {
  ImportRequest wish;
  wish.name = "head";
  wish.files = {file};
  wish.licence = "CC0-1.0";
  wish.into = into;
  return import_model(wish, {});
}

TEST(Onnx, FileSaysItsInputsOutputsAndOpenSides) {
  const auto runner = load_onnx_file(fixture("head.onnx"), {});
  const FunctionInfo& main = runner->describe().function({});
  ASSERT_EQ(main.inputs.size(), 1u);
  EXPECT_EQ(main.inputs[0].name, "embedding");
  EXPECT_EQ(main.inputs[0].type, weights::DType::f32);
  EXPECT_EQ(main.inputs[0].shape, (std::vector<std::int64_t>{-1, 4}));
  ASSERT_EQ(main.outputs.size(), 1u);
  EXPECT_EQ(main.outputs[0].name, "logits");
  EXPECT_EQ(main.outputs[0].shape, (std::vector<std::int64_t>{-1, 2}));
  EXPECT_THAT(runner->describe().runtime, testing::HasSubstr("ONNX Runtime"));
}

TEST(Onnx, BothEnginesGiveTheSameForAnyBatch) {
  const TemporaryFolder torch, onnx;
  EXPECT_EQ(import(fixture("head.pt"), torch.path()).network, "mlp_head");
  EXPECT_EQ(import(fixture("head.onnx"), onnx.path()).network, "onnx");
  const auto native = load(torch.path() / "head", {});
  const auto runtime = load(onnx.path() / "head", {});
  EXPECT_EQ(native->describe().engine, "torch");
  EXPECT_EQ(runtime->describe().engine, "onnx");
  for (const std::int64_t batch : {1, 3, 8}) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < batch * 4; ++i) values.push_back(static_cast<float>(i % 7) - 2.5F);
    const Tensor input = make_tensor({batch, 4}, values);
    const auto expected = native->run({input}).at(0);
    const auto got = runtime->run({input}).at(0);
    EXPECT_EQ(got.shape, expected.shape);
    EXPECT_THAT(got.to_float(), testing::Pointwise(testing::FloatNear(1e-6F), expected.to_float()));
  }
}

TEST(Onnx, DamagedFileIsRefusedWithTheRuntimesWords) {
  const TemporaryFolder folder;
  const fs::path file = folder.write("damaged.onnx", "this is no protobuf");
  try {
    load_onnx_file(file, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "no_engine"_code);
    EXPECT_THAT(error.notice().what(Language::en), testing::HasSubstr("damaged.onnx"));
  }
  EXPECT_THROW(load_onnx_file(folder / "absent.onnx", {}), Error);
}

TEST(Onnx, TorchWeightsWithoutAnOnnxFileAreRefused) {
  const TemporaryFolder folder;
  import(fixture("head.pt"), folder.path());
  RunOptions options;
  options.engine = "onnx";
  EXPECT_THROW(load(folder.path() / "head", options), Error);
}

}  // namespace
}  // namespace thorax::engine

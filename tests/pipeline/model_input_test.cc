#include "pipeline/model_input.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "prepare/picture.h"

namespace thorax::pipeline {
namespace {

volume::Image ramp(int channels) {
  volume::Image image;
  image.height = image.width = 16;
  image.channels = channels;
  for (int i = 0; i < 16 * 16 * channels; ++i)
    image.pixels.push_back(static_cast<float>(i / channels * 3 % 251));
  return image;
}

ModelInput input_of(const std::string& preparation) {
  weights::Manifest manifest;
  manifest.name = "drawn";
  manifest.network = "dinov2";
  manifest.json = {{"preprocessing", preparation}};
  return {manifest, {"run", {{"pictures", weights::DType::f32, {-1, 3, 8, 8}}}, {}}};
}

TEST(ModelInput, TheManifestNamesThePreparation) {
  const volume::Image image = ramp(1);
  const auto equal = [](const prepare::NetworkInput& a, const prepare::NetworkInput& b) {
    return a.shape == b.shape && std::equal(a.span().begin(), a.span().end(), b.span().begin());
  };
  const prepare::Picture levels = prepare::stretch_to_picture(image);
  EXPECT_TRUE(equal(input_of("vit").of(image, true), prepare::prepare_vit(levels, 8)));
  EXPECT_TRUE(equal(input_of("dinov2").of(image, true), prepare::prepare_dinov2(levels, 8)));
  EXPECT_TRUE(equal(input_of("equalised").of(image, true), prepare::prepare_equalised(levels, 8)));
  EXPECT_EQ(input_of("equalised").of(ramp(3), false).shape, (std::vector<std::int64_t>{1, 3, 8, 8}))
      << "colour becomes grey";
  EXPECT_THROW(input_of("stretched"), Error);
}

TEST(ModelInput, VolumesAreBlocksAsTheManifestSays) {
  weights::Manifest manifest;
  manifest.name = "drawn";
  manifest.json = nlohmann::json::object();
  const engine::FunctionInfo function{
      "run", {{"volume", weights::DType::f32, {-1, 1, 2, 3, 4}}}, {}};
  const volume::CtVolume hu(
      {.shape = {.z = 8, .y = 12, .x = 9}, .spacing = {.x = 1, .y = 1, .z = 1}, .origin = {}},
      std::int16_t{500});
  const auto block = [&] { return ModelInput(manifest, function).of(hu); };
  EXPECT_EQ(block().shape, (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_FLOAT_EQ(block().values[0], 0.5F) << "as CT-CLIP's";
  manifest.json["preprocessing"] = {
      {"spacing_mm", {4, 3, 3}}, {"low", 0}, {"high", 400}, {"divisor", 100}, {"padding", 9}};
  EXPECT_FLOAT_EQ(block().values[0], 4);
  manifest.json["preprocessing"].erase("divisor");
  EXPECT_THROW(block(), Error);
}

}  // namespace
}  // namespace thorax::pipeline

#include "pipeline/model_input.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/base64.h"
#include "base/error.h"
#include "prepare/drawn_body.h"
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

/// A function over radiographs of 32 pixels a side, as a model with an atlas wants them.
ModelInput with_atlas(const std::string& atlas) {
  weights::Manifest manifest;
  manifest.name = "drawn";
  manifest.json = {
      {"preprocessing", "radiograph"},
      {"radiograph", {{"low", 0.01}, {"high", 0.99}, {"median", 0.5}, {"steepest", 2.5}}}};
  if (!atlas.empty()) manifest.json["radiograph"]["atlas"] = atlas;
  return {manifest, {"run", {{"pictures", weights::DType::f32, {-1, 3, 32, 32}}}, {}}};
}

volume::Image image_of(const prepare::Picture& picture) {
  volume::Image image;
  image.height = picture.height;
  image.width = picture.width;
  image.pixels.assign(picture.levels.begin(), picture.levels.end());
  return image;
}

TEST(ModelInput, AnAtlasSaysWhichPartOfARadiographIsSeen) {
  const std::vector<prepare::Picture> bodies{prepare::drawn({0, 0, 1, 1}),
                                             prepare::drawn({0.03, 0.02, 0.95, 0.95})};
  const std::string atlas = base64(prepare::make_atlas(bodies).levels);
  const prepare::Frame whole{0, 0, 1, 1}, cut{0.1, 0, 0.8, 1};
  const volume::Image loose = image_of(prepare::drawn(whole, 100)),
                      tight = image_of(prepare::drawn(cut, 200));
  const auto body_of = [](const ModelInput& input, const volume::Image& image,
                          const prepare::Frame& shown) {
    const ModelInput::Part part = input.seen(image, false);
    return prepare::in_body(shown, {static_cast<double>(part.top) / image.height,
                                    static_cast<double>(part.left) / image.width,
                                    static_cast<double>(part.height) / image.height,
                                    static_cast<double>(part.width) / image.width});
  };
  const ModelInput input = with_atlas(atlas), plain = with_atlas("");
  const prepare::Frame in_loose = body_of(input, loose, whole),
                       in_tight = body_of(input, tight, cut);
  EXPECT_NEAR(in_loose.top, in_tight.top, 0.05);
  EXPECT_NEAR(in_loose.height, in_tight.height, 0.05);
  EXPECT_LT(in_loose.height, 0.9);
  EXPECT_EQ(body_of(plain, loose, whole), whole);
  const auto apart = [&](const ModelInput& by) {
    const prepare::NetworkInput a = by.of(loose, false), b = by.of(tight, false);
    double sum = 0;
    for (std::size_t i = 0; i < a.count(); ++i)
      sum += std::abs(static_cast<double>(a.values[i]) - static_cast<double>(b.values[i]));
    return sum / static_cast<double>(a.count());
  };
  EXPECT_LT(apart(input), 0.5 * apart(plain));
}

TEST(ModelInput, ABrokenAtlasIsABadModel) {
  for (const char* broken : {"Zm9v", "*", "no atlas"}) try {
      with_atlas(broken);
      ADD_FAILURE() << broken;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "bad_model"_code);
    }
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

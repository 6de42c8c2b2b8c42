#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "ct_cases.h"
#include "quality/gate.h"
#include "quality/xray_picture.h"
#include "volume/window.h"

namespace thorax::quality {
namespace {

using volume::Image;

Image picture(int height, int width) {
  Image image;
  image.height = height;
  image.width = width;
  image.pixels.assign(static_cast<std::size_t>(height) * static_cast<std::size_t>(width), 0.0F);
  return image;
}

/// A frontal radiograph: the densities of the phantom summed from front to back, 0 to 255.
Image phantom_xray() {
  const intake::LoadedVolume ct = phantom_slab(-200, 200);
  const volume::Shape s = ct.hu.shape();
  Image image = picture(3 * s.z, 2 * s.x);
  float brightest = 0;
  for (int i = 0; i < image.height; ++i)
    for (int j = 0; j < image.width; ++j) {
      double sum = 0;
      for (int y = 0; y < s.y; ++y) sum += std::max(0, ct.hu(s.z - 1 - i / 3, y, j / 2) + 1000);
      float& pixel = image.pixels[static_cast<std::size_t>(i * image.width + j)];
      pixel = static_cast<float>(sum);
      brightest = std::max(brightest, pixel);
    }
  for (float& pixel : image.pixels) pixel *= 255 / brightest;
  return image;
}

/// A slice as a viewer shows it.
Image screenshot(const intake::LoadedVolume& ct, int z, const volume::Window& window) {
  const volume::Shape s = ct.hu.shape();
  Image image = picture(s.y, s.x);
  for (int y = 0; y < s.y; ++y)
    for (int x = 0; x < s.x; ++x)
      image.pixels[static_cast<std::size_t>(y * s.x + x)] =
          volume::apply_window(ct.hu(z, y, x), window);
  return image;
}

intake::SeriesHeader dx_header(const std::string& body_part = {}, const std::string& view = {}) {
  intake::SeriesHeader header;
  header.modality = "DX";
  header.body_part = body_part;
  header.view_position = view;
  return header;
}

Code refusal(const intake::SeriesHeader& header, const Image& image) {
  const GateResult result = check_chest_xray(header, image);
  EXPECT_EQ(result.chest, !result.refusal.has_value());
  return result.refusal ? result.refusal->code : "internal"_code;
}

TEST(XrayGate, AFrontalChestPassesWithAndWithoutAHeader) {
  const Image xray = phantom_xray();
  for (const auto& header : {intake::SeriesHeader{}, dx_header("CHEST", "PA"), dx_header()}) {
    const GateResult result = check_chest_xray(header, xray);
    EXPECT_TRUE(result.chest) << result.refusal->what(Language::en);
    EXPECT_TRUE(result.reasons.empty());
  }
}

TEST(XrayGate, SaysWhichSignsHoldAndWhichDoNot) {
  const std::vector<SignCheck> chest = check_chest_xray({}, phantom_xray()).signs;
  ASSERT_FALSE(chest.empty());
  for (const SignCheck& sign : chest) EXPECT_TRUE(sign.holds()) << sign.name.en;
  const GateResult slice =
      check_chest_xray({}, screenshot(phantom_chest(), 20, volume::kLungWindow));
  ASSERT_TRUE(slice.refusal);
  EXPECT_TRUE(std::any_of(slice.signs.begin(), slice.signs.end(),
                          [](const SignCheck& sign) { return !sign.holds(); }));
  EXPECT_TRUE(check_chest_xray(ct_header(), phantom_xray()).signs.empty());
}

TEST(XrayGate, ABlackFrameDoesNotMatter) {
  const Image xray = phantom_xray();
  Image framed = picture(xray.height * 2, xray.width * 2);
  for (int y = 0; y < xray.height; ++y)
    std::copy_n(xray.pixels.begin() + y * xray.width, xray.width,
                framed.pixels.begin() + (y + xray.height / 3) * framed.width + xray.width / 2);
  EXPECT_TRUE(check_chest_xray({}, framed).chest);
  const double plain = chest_signs(make_thumb(xray)).likeness;
  EXPECT_NEAR(chest_signs(make_thumb(framed)).likeness, plain, 0.1);
}

TEST(XrayGate, TheHeaderIsHeard) {
  const Image xray = phantom_xray();
  EXPECT_EQ(refusal(ct_header(), xray), "ct_given_as_radiograph"_code);
  intake::SeriesHeader mr;
  mr.modality = "MR";
  EXPECT_EQ(refusal(mr, xray), "wrong_modality"_code);
  EXPECT_EQ(refusal(dx_header("CHEST", "LL"), xray), "only_lateral_view"_code);
  EXPECT_EQ(refusal(dx_header("HAND"), xray), "not_a_chest"_code);
  intake::SeriesHeader pair = dx_header("CHEST");
  pair.series_description = "Chest PA + LAT";
  EXPECT_TRUE(check_chest_xray(pair, xray).chest);
  pair.series_description = "Боковая проекция";
  EXPECT_EQ(refusal(pair, xray), "only_lateral_view"_code);
}

TEST(XrayGate, ScreenshotsOfCtSlicesAreNoRadiographs) {
  const intake::LoadedVolume chest = phantom_chest(), head = head_ct();
  for (const volume::Window& window : {volume::kLungWindow, volume::kMediastinumWindow}) {
    for (int z = 5; z < chest.hu.shape().z; z += 10)
      EXPECT_EQ(refusal({}, screenshot(chest, z, window)), "not_a_chest_xray"_code) << z;
    for (int z = 10; z < 40; z += 10)
      EXPECT_EQ(refusal({}, screenshot(head, z, window)), "not_a_chest_xray"_code) << z;
  }
}

TEST(XrayGate, BlankSmallLongAndColourfulPicturesAreRefused) {
  Image blank = picture(300, 300);
  EXPECT_EQ(refusal({}, blank), "picture_blank"_code);
  std::fill(blank.pixels.begin(), blank.pixels.end(), 200.0F);
  EXPECT_EQ(refusal(dx_header("CHEST"), blank), "picture_blank"_code);
  EXPECT_EQ(refusal({}, picture(300, 99)), "picture_too_small"_code);
  EXPECT_EQ(refusal({}, picture(300, 140)), "picture_shape"_code);
  EXPECT_EQ(refusal({}, picture(300, 900)), "picture_shape"_code);

  const Image xray = phantom_xray();
  Image grey = xray, colour = xray;
  grey.channels = colour.channels = 3;
  grey.pixels.clear();
  colour.pixels.clear();
  for (const float v : xray.pixels) {
    grey.pixels.insert(grey.pixels.end(), {v, v, v});
    colour.pixels.insert(colour.pixels.end(), {v, v * 0.7F, 255 - v});
  }
  EXPECT_TRUE(check_chest_xray({}, grey).chest);  // a grey picture stored with three channels
  EXPECT_EQ(refusal({}, colour), "picture_colour"_code);
}

TEST(XrayGate, NegativesAreNamed) {
  Image negative = phantom_xray();
  for (float& v : negative.pixels) v = 255 - v;
  EXPECT_EQ(refusal({}, negative), "picture_negative"_code);
  EXPECT_EQ(refusal(dx_header("CHEST"), negative), "picture_negative"_code);
}

/// The picture turned clockwise by quarters of a turn.
Image turned(Image image, int quarters) {
  for (; quarters > 0; --quarters) {
    Image out = picture(image.width, image.height);
    for (int y = 0; y < out.height; ++y)
      for (int x = 0; x < out.width; ++x)
        out.pixels[static_cast<std::size_t>(y * out.width + x)] = image.at(image.height - 1 - x, y);
    image = std::move(out);
  }
  return image;
}

TEST(XrayGate, TurnedPicturesAreNamed) {
  const Image xray = phantom_xray();
  for (const auto& header : {intake::SeriesHeader{}, dx_header("CHEST", "PA")}) {
    EXPECT_EQ(refusal(header, turned(xray, 1)), "picture_sideways"_code);
    EXPECT_EQ(refusal(header, turned(xray, 2)), "picture_upside_down"_code);
    EXPECT_EQ(refusal(header, turned(xray, 3)), "picture_sideways"_code);
  }
  EXPECT_TRUE(check_chest_xray({}, turned(xray, 4)).chest);
}

TEST(XrayGate, OfAMirrorImageNothingIsSaid) {
  const Image xray = phantom_xray();
  Image mirrored = xray;
  for (int y = 0; y < xray.height; ++y)
    for (int x = 0; x < xray.width; ++x)
      mirrored.pixels[static_cast<std::size_t>(y * xray.width + x)] =
          xray.at(y, xray.width - 1 - x);
  const GateResult result = check_chest_xray({}, mirrored);
  EXPECT_TRUE(result.chest);
  EXPECT_TRUE(result.reasons.empty());
}

TEST(XrayGate, SmoothRandomBlobsAreNoRadiographs) {
  constexpr int kPictures = 100, kSpots = 12;
  std::mt19937 random(1);
  const auto draw = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random()) / 4294967295.0;
  };
  int passed = 0;
  for (int n = 0; n < kPictures; ++n) {
    Image blobs = picture(128, 128);
    for (int spot = 0; spot < kSpots; ++spot) {
      const double cx = draw(0, 128), cy = draw(0, 128), r = draw(8, 40), level = draw(-1, 1);
      for (int y = 0; y < 128; ++y)
        for (int x = 0; x < 128; ++x)
          blobs.pixels[static_cast<std::size_t>(y * 128 + x)] += static_cast<float>(
              level * std::exp(-((x - cx) * (x - cx) + (y - cy) * (y - cy)) / (2 * r * r)));
    }
    passed += check_chest_xray({}, blobs).chest;
  }
  EXPECT_LE(passed, kPictures / 20);
}

TEST(XrayGate, PicturesWithoutLungFieldsAreUsableOnlyWhenTheHeaderSaysChest) {
  Image ramp = picture(256, 256);
  for (std::size_t i = 0; i < ramp.pixels.size(); ++i) ramp.pixels[i] = static_cast<float>(i / 256);
  EXPECT_EQ(refusal({}, ramp), "not_a_chest_xray"_code);
  EXPECT_EQ(refusal(dx_header(), ramp), "not_a_chest_xray"_code);
  const GateResult result = check_chest_xray(dx_header("CHEST"), ramp);
  EXPECT_TRUE(result.chest);
  ASSERT_EQ(result.reasons.size(), 1u);
  EXPECT_EQ(result.reasons[0].code, "lungs_unclear"_code);
}

TEST(XrayPicture, AnUprightChestIsMoreLikeOneThanATurnedOne) {
  const Thumb thumb = make_thumb(phantom_xray());
  EXPECT_GT(chest_signs(thumb).likeness, 0.5);
  EXPECT_GT(chest_signs(thumb).likeness, chest_signs(upside_down(thumb)).likeness);
  EXPECT_LT(chest_signs(negative(thumb)).likeness, 0);
}

}  // namespace
}  // namespace thorax::quality

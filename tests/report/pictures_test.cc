#include "report/pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "report/key_slices.h"
#include "report/png.h"
#include "sample_result.h"

namespace thorax::report {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

/// Thick slices, so that a picture that forgot the spacing shows it.
volume::Grid thick_grid() {
  volume::Grid grid;
  grid.shape = {24, 80, 100};
  grid.spacing = {1.5, 1.5, 5};
  grid.origin = {-75, -60, -200};
  return grid;
}

template <class T>
void fill_ball(volume::Volume<T>& target, volume::Vec3 centre, double radius, T value) {
  for (std::size_t i = 0; i < target.size(); ++i)
    if (volume::norm(target.grid().position(target.grid().at(i)) - centre) <= radius)
      target[i] = value;
}

/// Soft tissue with two lungs and a dense ball in the left upper front of the left lung.
struct Phantom {
  volume::CtVolume hu{thick_grid(), 40};
  volume::Labels anatomy{thick_grid()};
  volume::Labels findings{thick_grid()};
  volume::Vec3 ball{40, -20, -120};

  Phantom() {
    fill_ball<std::uint8_t>(anatomy, {35, 0, -140}, 32, 1);
    fill_ball<std::uint8_t>(anatomy, {-35, 0, -140}, 32, 2);
    for (std::size_t i = 0; i < hu.size(); ++i)
      if (anatomy[i]) hu[i] = -850;
    fill_ball<std::int16_t>(hu, ball, 9, 400);
    fill_ball<std::uint8_t>(findings, ball, 9, 7);
  }
  CtPictureInput input() const {
    CtPictureInput in;
    in.hu = &hu;
    in.anatomy = &anatomy;
    in.marked = {&findings, {{7, Mark::nodule}, {1, Mark::emphysema}}};
    return in;
  }
  StudyResult result() const {
    StudyResult r = sample_result();
    r.decision->findings = {r.decision->findings[2]};
    Place place = r.lesions[0].place;
    const auto zyx = hu.grid().index(ball);
    for (std::size_t i = 0; i < 3; ++i) place.voxel[i] = static_cast<int>(std::lround(zyx[i]));
    place.centre_mm = {ball.x, ball.y, ball.z};
    place.size_mm = {18, 18, 18};
    r.decision->findings[0].places = {place};
    r.lesions[0].place = place;
    return r;
  }
};

struct Spot {
  double x = 0, y = 0, width = 0, height = 0;  ///< relative to the picture; size in pixels
};

/// Where the picture is brighter than `level`.
Spot bright_spot(const Grey& image, int level) {
  int left = image.width, right = -1, top = image.height, bottom = -1;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      if (image.at(x, y) > level) {
        left = std::min(left, x);
        right = std::max(right, x);
        top = std::min(top, y);
        bottom = std::max(bottom, y);
      }
  return {(left + right) / 2.0 / image.width, (top + bottom) / 2.0 / image.height,
          right - left + 1.0, bottom - top + 1.0};
}

Box whole(const volume::Grid& grid) {
  return {{0, 0, 0}, {grid.shape.z - 1, grid.shape.y - 1, grid.shape.x - 1}};
}

TEST(View, ShowsThePatientAsRadiologistsReadIt) {
  const Phantom phantom;
  const volume::Grid& grid = phantom.hu.grid();
  const volume::Window window{200, 300};
  const auto at = grid.index(phantom.ball);
  const auto spot = [&](Plane plane, std::size_t axis) {
    const View view =
        make_view(grid, plane, static_cast<int>(std::lround(at[axis])), whole(grid), 500);
    return bright_spot(sample(phantom.hu, view, window), 200);
  };
  const Spot axial = spot(Plane::axial, 0);
  EXPECT_GT(axial.x, 0.6);  // the patient's left is on the right
  EXPECT_LT(axial.y, 0.4);  // the front is up
  const Spot coronal = spot(Plane::coronal, 1);
  EXPECT_GT(coronal.x, 0.6);
  EXPECT_LT(coronal.y, 0.5);  // the head is up
  const Spot sagittal = spot(Plane::sagittal, 2);
  EXPECT_LT(sagittal.x, 0.4);  // the front is on the left
  EXPECT_LT(sagittal.y, 0.5);
}

TEST(View, HasSquarePixels) {
  const Phantom phantom;
  const volume::Grid& grid = phantom.hu.grid();
  const View view =
      make_view(grid, Plane::coronal, static_cast<int>(std::lround(grid.index(phantom.ball)[1])),
                whole(grid), 500);
  const Spot spot = bright_spot(sample(phantom.hu, view, {200, 300}), 128);
  EXPECT_NEAR(spot.width, spot.height, 3);
  EXPECT_NEAR(spot.width * view.pixel_mm, 18, 3);
}

TEST(View, PixelAndVoxelAreInverse) {
  const volume::Grid grid = thick_grid();
  for (const Plane plane : {Plane::axial, Plane::coronal, Plane::sagittal}) {
    const View view = make_view(grid, plane, 5, {{2, 10, 12}, {20, 70, 90}}, 40);
    EXPECT_LE(std::max(view.width, view.height), 40);
    const auto pixel = view.pixel(view.voxel(7, 11));
    EXPECT_NEAR(pixel[0], 7, 1e-9);
    EXPECT_NEAR(pixel[1], 11, 1e-9);
  }
}

TEST(View, NamesItsSides) {
  EXPECT_THAT(side_letters(Plane::axial), ElementsAre('R', 'L', 'A', 'P'));
  EXPECT_THAT(side_letters(Plane::coronal), ElementsAre('R', 'L', 'H', 'F'));
  EXPECT_THAT(side_letters(Plane::sagittal), ElementsAre('A', 'P', 'H', 'F'));
}

TEST(Overlay, OutlinesAFindingWithoutHidingIt) {
  const Phantom phantom;
  const volume::Grid& grid = phantom.hu.grid();
  const auto at = grid.index(phantom.ball);
  const View view =
      make_view(grid, Plane::axial, static_cast<int>(std::lround(at[0])), whole(grid), 500);
  Canvas canvas(view.width, view.height);
  const auto legend = draw_marks(canvas, view, phantom.input().marked);
  ASSERT_THAT(legend, SizeIs(1));
  EXPECT_EQ(legend[0].tag, "N");
  const auto centre = view.pixel(at);
  const int x = static_cast<int>(std::lround(centre[0])),
            y = static_cast<int>(std::lround(centre[1]));
  EXPECT_LT(canvas.at(x, y).alpha, 64);  // the tissue stays visible
  const Colour stroke = Colour::hex(legend[0].colour);
  int rim = 0;
  while (canvas.at(x + rim, y).alpha < 255) ++rim;
  EXPECT_NEAR(rim * view.pixel_mm, 9, 3);
  EXPECT_EQ(canvas.at(x + rim, y).red, stroke.red);
}

TEST(Overlay, EveryMarkHasItsOwnColourAndTag) {
  std::vector<std::string> colours, tags;
  for (int i = 0; i <= static_cast<int>(Mark::aortic_calcification); ++i) {
    const LegendItem& legend = style(static_cast<Mark>(i)).legend;
    colours.push_back(legend.colour);
    tags.push_back(legend.tag);
    EXPECT_FALSE(legend.name.ru.empty());
  }
  for (auto* list : {&colours, &tags}) {
    std::sort(list->begin(), list->end());
    EXPECT_EQ(std::adjacent_find(list->begin(), list->end()), list->end());
  }
}

TEST(KeySlices, ShareASliceAndKeepTheOrderOfSeverity) {
  const Phantom phantom;
  StudyResult result = phantom.result();
  const int slice = result.lesions[0].place.voxel[0];
  result.lesions.push_back(result.lesions[0]);  // the same slice
  result.lesions.push_back(result.lesions[0]);
  result.lesions[2].place.voxel[0] = 3;
  auto keys = choose_key_slices(phantom.input(), result, 8);
  ASSERT_THAT(keys, SizeIs(2));
  EXPECT_EQ(keys[0].slice, slice);
  EXPECT_THAT(keys[0].lesions, ElementsAre(0, 1));
  EXPECT_EQ(keys[1].slice, 3);
  EXPECT_THAT(choose_key_slices(phantom.input(), result, 1), SizeIs(1));
  EXPECT_THAT(choose_key_slices(phantom.input(), result, 0), SizeIs(0));
}

TEST(KeySlices, ShowAFindingWithoutPlaceWhereItIsLargest) {
  Phantom phantom;
  for (auto& voxel : phantom.findings.slice(9)) voxel = 1;
  StudyResult result = phantom.result();
  result.lesions.clear();
  result.decision->findings = {sample_result().decision->findings[1]};  // emphysema
  const auto keys = choose_key_slices(phantom.input(), result, 8);
  ASSERT_THAT(keys, SizeIs(1));
  EXPECT_EQ(keys[0].slice, 9);
}

TEST(KeySlices, LeaveOutPlacesBeyondTheVolume) {
  const Phantom phantom;
  StudyResult result = phantom.result();
  result.lesions[0].place.voxel[0] = 4000;
  EXPECT_THAT(choose_key_slices(phantom.input(), result, 8), SizeIs(0));
}

TEST(Pictures, AreTheSameEachTimeAndComeInTwoWindows) {
  const Phantom phantom;
  const StudyResult result = phantom.result();
  const auto first = draw_ct_pictures(phantom.input(), result);
  const auto second = draw_ct_pictures(phantom.input(), result);
  ASSERT_THAT(first, SizeIs(8));  // three planes and one key slice, twice
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].png, second[i].png);
    EXPECT_EQ(first[i].overlay_png, second[i].overlay_png);
    EXPECT_EQ(first[i].window, i % 2 ? "mediastinum" : "lung");
  }
  EXPECT_EQ(first[6].name, "key-1-lung");
  EXPECT_EQ(first[6].finding_id, "Lung nodule");
  EXPECT_THAT(first[6].caption.ru, testing::HasSubstr("Срез"));
}

TEST(Pictures, NeedNeitherLungsNorFindings) {
  const volume::CtVolume air(thick_grid(), -1024);
  CtPictureInput input;
  input.hu = &air;
  EXPECT_THAT(draw_ct_pictures(input, StudyResult{}), SizeIs(6));
}

TEST(Png, FlattensAnOverlay) {
  const Grey grey(4, 3, 100);
  Canvas canvas(4, 3);
  canvas.set(1, 1, {255, 0, 0, 255});
  const auto under = encode_png(grey);
  EXPECT_EQ(flatten_png(under, {}), under);
  const auto flat = flatten_png(under, encode_png(canvas));
  EXPECT_NE(flat, under);
  EXPECT_EQ(flat[1], 'P');
  EXPECT_THROW(flatten_png(under, encode_png(Canvas(5, 3))), Error);
}

TEST(XrayPicture, IsStretchedAndNotEnlarged) {
  volume::Image image;
  image.height = 300;
  image.width = 200;
  for (int i = 0; i < 300 * 200; ++i) image.pixels.push_back(static_cast<float>(1000 + i % 200));
  const auto small = draw_xray_pictures(image, "PA");
  ASSERT_THAT(small, SizeIs(1));
  EXPECT_EQ(small[0].width, 200);
  EXPECT_EQ(small[0].role, PictureRole::xray);
  const auto shrunk = draw_xray_pictures(image, "", {.longest_side = 50});
  EXPECT_EQ(shrunk[0].height, 100);
  volume::Image colour;
  colour.height = colour.width = 2;
  colour.channels = 3;
  colour.pixels.assign(12, 7.f);  // no contrast at all
  EXPECT_THAT(draw_xray_pictures(colour, ""), SizeIs(1));
  EXPECT_THAT(draw_xray_pictures({}, ""), SizeIs(0));
}

}  // namespace
}  // namespace thorax::report

#include "report/pictures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "report/batch.h"
#include "report/key_slices.h"
#include "report/phrases.h"
#include "report/png.h"

namespace thorax::report {
namespace {

struct Window {
  const char* name = "";
  volume::Window hu;
};
constexpr std::array<Window, 2> kWindows{
    {{"lung", volume::kLungWindow}, {"mediastinum", volume::kMediastinumWindow}}};

constexpr double kWallMm = 28;  // chest wall kept around the lungs
constexpr double kEndMm = 15;   // kept above the apices and below the bases
constexpr int kBodyHu = -300;

Box whole(const volume::Shape& shape) {
  return {{0, 0, 0}, {shape.z - 1, shape.y - 1, shape.x - 1}};
}

/// The box of the voxels where inside(offset) holds; nothing when there are none.
template <class Inside>
std::optional<Box> bounds(const volume::Shape& shape, Inside inside) {
  Box box{{shape.z, shape.y, shape.x}, {-1, -1, -1}};
  std::size_t offset = 0;
  for (int z = 0; z < shape.z; ++z)
    for (int y = 0; y < shape.y; ++y)
      for (int x = 0; x < shape.x; ++x, ++offset) {
        if (!inside(offset)) continue;
        box.low = {std::min(box.low.z, z), std::min(box.low.y, y), std::min(box.low.x, x)};
        box.high = {std::max(box.high.z, z), std::max(box.high.y, y), std::max(box.high.x, x)};
      }
  return box.high.z < 0 ? std::nullopt : std::optional(box);
}

Box grown(const Box& box, const volume::Grid& grid) {
  const auto voxels = [](double mm, double spacing) {
    return static_cast<int>(std::ceil(mm / spacing));
  };
  const int dz = voxels(kEndMm, grid.spacing.z), dy = voxels(kWallMm, grid.spacing.y),
            dx = voxels(kWallMm, grid.spacing.x);
  const volume::Index top = whole(grid.shape).high;
  return {{std::max(0, box.low.z - dz), std::max(0, box.low.y - dy), std::max(0, box.low.x - dx)},
          {std::min(top.z, box.high.z + dz), std::min(top.y, box.high.y + dy),
           std::min(top.x, box.high.x + dx)}};
}

std::optional<Box> lung_box(const CtPictureInput& input) {
  if (!input.anatomy) return std::nullopt;
  std::array<bool, 256> lung{};
  for (const std::uint8_t value : input.lung_values) lung[value] = true;
  const auto voxels = input.anatomy->voxels();
  return bounds(input.anatomy->shape(), [&](std::size_t i) { return lung[voxels[i]]; });
}

/// The lungs with their wall; without lungs the body, and without a body everything.
Box field_of_view(const CtPictureInput& input, const std::optional<Box>& lungs) {
  const volume::Grid& grid = input.hu->grid();
  if (lungs) return grown(*lungs, grid);
  const auto hu = input.hu->voxels();
  return bounds(grid.shape, [&](std::size_t i) { return hu[i] > kBodyHu; })
      .value_or(whole(grid.shape));
}

/// "slice 84 of 133 from the feet (z -151.0 mm)".
Text where(const volume::Grid& grid, int slice) {
  const double z = grid.position(slice, 0, 0).z;
  const std::string index = std::to_string(slice + 1), of = std::to_string(grid.shape.z);
  return {
      "Slice " + index + " of " + of + " from the feet, z = " + number(z, 1, Language::en) + " mm.",
      "Срез " + index + " из " + of + " от ног, z = " + number(z, 1, Language::ru) + " мм."};
}

/// Draws one view in both windows with the same overlay.
class Artist {
 public:
  Artist(const CtPictureInput& input, const StudyResult& result) : input_(input), result_(result) {}

  template <class Marks>
  std::vector<Picture> draw(const View& view, Picture like, Marks marks) const {
    Canvas canvas(view.width, view.height);
    like.legend = draw_marks(canvas, view, input_.marked);
    marks(canvas);
    like.overlay_png = encode_png(canvas);
    like.width = view.width;
    like.height = view.height;
    const std::string name = like.name;
    std::vector<Picture> out;
    for (const Window& window : kWindows) {
      Grey image = sample(*input_.hu, view, window.hu);
      draw_frame(image, view);
      like.name = name + "-" + window.name;
      like.window = window.name;
      like.png = encode_png(image);
      out.push_back(like);
    }
    return out;
  }

  void lesion(Canvas& canvas, const View& view, int row) const {
    draw_lesion(canvas, view, input_.hu->grid(), input_.marked,
                result_.lesions[static_cast<std::size_t>(row)], row + 1);
  }

 private:
  const CtPictureInput& input_;
  const StudyResult& result_;
};

void append(std::vector<Picture>& all, std::vector<Picture> more) {
  for (Picture& picture : more) all.push_back(std::move(picture));
}

Picture key_picture(const KeySlice& key, int group, const volume::Grid& grid) {
  Picture picture;
  picture.name = "key-" + std::to_string(group);
  picture.role = PictureRole::key;
  picture.plane = "axial";
  picture.group = group;
  picture.finding_id = key.finding_id;
  picture.lesions = key.lesions;
  for (const Text& shown : key.shows) {
    picture.caption.en += (picture.caption.en.empty() ? "" : "; ") + shown.en;
    picture.caption.ru += (picture.caption.ru.empty() ? "" : "; ") + shown.ru;
  }
  const Text at = where(grid, key.slice);
  picture.caption = {capitalised(picture.caption.en) + ". " + at.en,
                     capitalised(picture.caption.ru) + ". " + at.ru};
  return picture;
}

/// Where the three planes cross, and the finding that lies there.
struct Crossing {
  volume::Index at;
  std::string finding_id;  ///< empty: the middle of the lungs
};

Crossing crossing(const StudyResult& result, const Box& box) {
  for (const findings::Finding* finding : positive_findings(result)) {
    std::optional<Place> place;
    for (const LesionRow& row : result.lesions)
      if (!place && row.finding_id == finding->id) place = row.place;
    if (!place && !finding->places.empty()) place = finding->places.front();
    if (place) return {{place->voxel[0], place->voxel[1], place->voxel[2]}, finding->id};
  }
  return {{(box.low.z + box.high.z) / 2, (box.low.y + box.high.y) / 2,
           // A quarter from the right side: the middle would be the spine.
           box.low.x + (box.high.x - box.low.x) / 4},
          {}};
}

/// Ticks at the edges where the other planes cut this one.
void draw_crossing(Canvas& canvas, const View& view, const volume::Index& at) {
  const auto [column, row] = view.pixel({double(at.z), double(at.y), double(at.x)});
  const int x = static_cast<int>(std::lround(column)), y = static_cast<int>(std::lround(row));
  constexpr Colour kTick{130, 200, 255, 255};
  constexpr int kLength = 16;
  canvas.line(x, 0, x, kLength, kTick);
  canvas.line(x, view.height - 1 - kLength, x, view.height - 1, kTick);
  canvas.line(0, y, kLength, y, kTick);
  canvas.line(view.width - 1 - kLength, y, view.width - 1, y, kTick);
}

Text plane_caption(Plane plane, bool at_place) {
  const Text name = plane == Plane::axial ? Text{"Axial", "Аксиальная плоскость"}
                    : plane == Plane::coronal ? Text{"Coronal", "Корональная плоскость"}
                                              : Text{"Sagittal", "Сагиттальная плоскость"};
  return at_place ? Text{name.en + ", through the most severe finding.",
                         name.ru + ", через наиболее опасную находку."}
                  : Text{name.en + ", through the lungs.", name.ru + ", через лёгкие."};
}

}  // namespace

std::vector<Picture> draw_ct_pictures(const CtPictureInput& input, const StudyResult& result,
                                      const PictureOptions& options) {
  const volume::Grid& grid = input.hu->grid();
  const std::optional<Box> lungs = lung_box(input);
  const Box box = field_of_view(input, lungs);
  const Artist artist(input, result);
  std::vector<Picture> pictures;

  const Crossing cross = crossing(result, lungs.value_or(box));
  constexpr std::array<std::pair<Plane, const char*>, 3> kPlanes{
      {{Plane::axial, "axial"}, {Plane::coronal, "coronal"}, {Plane::sagittal, "sagittal"}}};
  for (const auto& [plane, name] : kPlanes) {
    const int slice = plane == Plane::axial     ? cross.at.z
                      : plane == Plane::coronal ? cross.at.y
                                                : cross.at.x;
    const View view = make_view(grid, plane, slice, box, options.longest_side);
    Picture picture;
    picture.name = picture.plane = name;
    picture.role = PictureRole::plane;
    picture.finding_id = cross.finding_id;
    picture.caption = plane_caption(plane, !cross.finding_id.empty());
    append(pictures, artist.draw(view, picture,
                                 [&](Canvas& canvas) { draw_crossing(canvas, view, cross.at); }));
  }

  int group = 0;
  for (const KeySlice& key : choose_key_slices(input, result, options.key_slices)) {
    const View view = make_view(grid, Plane::axial, key.slice, box, options.longest_side);
    append(pictures, artist.draw(view, key_picture(key, ++group, grid), [&](Canvas& canvas) {
      for (const Place& place : key.places)
        draw_place(canvas, view, grid, place, {255, 255, 255, 255});
      for (const int row : key.lesions) artist.lesion(canvas, view, row);
    }));
  }
  return pictures;
}

}  // namespace thorax::report

#include "prepare/chest_frame.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "prepare/atlas_features.h"

namespace thorax::prepare {
namespace {

static_assert(ChestAtlas::kPixels == kAtlasPixels);

constexpr double kZero = 128, kUnit = 50;  // of the atlas's levels
constexpr std::size_t kUnknowns = 4;
constexpr int kRounds = 8, kSteps = 15;
constexpr std::size_t kBestStarts = 3;
constexpr double kStrictness = 0.01;
/// What networks see of the atlas, in shares of its sides.
constexpr Frame kSeen{.top = 0.05, .left = 0.05, .height = 0.78, .width = 0.9};

/// How the atlas lies in a picture: logarithms of its width and height, and its centre; the
/// picture's sides are 2 long, its own centre is (0, 0).
struct Place {
  std::array<double, kUnknowns> values{};

  double width() const { return std::exp(values[0]); }
  double height() const { return std::exp(values[1]); }
  double x() const { return values[2]; }
  double y() const { return values[3]; }
};

constexpr std::array<double, kUnknowns> kFree{0.2, 0.35, 0.12, 0.3};
constexpr double kWall = 0.1;  ///< beyond what is free

/// How much the atlas's pixels along a side count: least near its ends, which hold the arms and the
/// head.
const std::array<double, kAtlasSide>& weights_along() {
  static const std::array<double, kAtlasSide> weights = [] {
    std::array<double, kAtlasSide> values{};
    for (int i = 0; i < kAtlasSide; ++i) {
      const double out = std::max(0.0, std::abs(atlas_centre(i)) - 0.75) / 0.15;
      values[static_cast<std::size_t>(i)] = std::exp(-out * out / 2);
    }
    return values;
  }();
  return weights;
}

/// Calls `use(pixel, weight, y, x, row, column)` for every pixel of the atlas that counts.
template <class Use>
void for_each_pixel(const Place& place, const Use& use) {
  const auto rows = atlas_places(place.height(), place.y()),
             columns = atlas_places(place.width(), place.x());
  const std::array<double, kAtlasSide>& weights = weights_along();
  for (std::size_t y = 0; y < kAtlasSide; ++y)
    for (std::size_t x = 0; x < kAtlasSide; ++x) {
      const double weight = weights[y] * weights[x] * rows[y].inside * columns[x].inside;
      if (weight > 0)
        use(y * kAtlasSide + x, weight, atlas_centre(static_cast<int>(y)),
            atlas_centre(static_cast<int>(x)), rows[y], columns[x]);
    }
}

/// Weighted moments of picture and atlas where they overlap.
struct Overlap {
  double weight = 0, mean = 0, deviation = 0, atlas_mean = 0, atlas_deviation = 0, correlation = 0;

  Overlap(const AtlasFeatures& picture, const AtlasMap& atlas, const Place& place) {
    double sum = 0, squares = 0, atlas_sum = 0, atlas_squares = 0, products = 0;
    for_each_pixel(place, [&](std::size_t i, double w, double, double, const AtlasPlace& row,
                              const AtlasPlace& column) {
      const double value = sample(picture.map, row, column), wanted = static_cast<double>(atlas[i]);
      weight += w;
      sum += w * value;
      squares += w * value * value;
      atlas_sum += w * wanted;
      atlas_squares += w * wanted * wanted;
      products += w * value * wanted;
    });
    if (weight <= 0) return;
    mean = sum / weight;
    atlas_mean = atlas_sum / weight;
    constexpr double kLeast = 1e-6;
    deviation = std::sqrt(std::max(0.0, squares / weight - mean * mean)) + kLeast;
    atlas_deviation =
        std::sqrt(std::max(0.0, atlas_squares / weight - atlas_mean * atlas_mean)) + kLeast;
    correlation = (products / weight - mean * atlas_mean) / deviation / atlas_deviation;
  }
};

/// How far a value lies beyond what is free, in walls.
double beyond(const Place& place, std::size_t i) {
  const double value = place.values[i];
  return std::copysign(std::max(0.0, std::abs(value) - kFree[i]), value) / kWall;
}

double score(const Overlap& overlap, const Place& place) {
  double unlikely = 0;
  for (std::size_t i = 0; i < kUnknowns; ++i) unlikely += beyond(place, i) * beyond(place, i);
  return overlap.correlation - kStrictness * unlikely;
}

using Vector = std::array<double, kUnknowns>;
using Matrix = std::array<Vector, kUnknowns>;

/// The solution of a symmetric, positive definite system by Cholesky's method; nothing where it is
/// not positive definite.
std::optional<Vector> solve(Matrix a, Vector b) {
  for (std::size_t j = 0; j < kUnknowns; ++j) {
    for (std::size_t k = 0; k < j; ++k) a[j][j] -= a[j][k] * a[j][k];
    if (!(a[j][j] > 0)) return {};
    a[j][j] = std::sqrt(a[j][j]);
    for (std::size_t i = j + 1; i < kUnknowns; ++i) {
      for (std::size_t k = 0; k < j; ++k) a[i][j] -= a[i][k] * a[j][k];
      a[i][j] /= a[j][j];
    }
  }
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  for (std::size_t i = kUnknowns; i-- > 0;) {
    for (std::size_t k = i + 1; k < kUnknowns; ++k) b[i] -= a[k][i] * b[k];
    b[i] /= a[i][i];
  }
  return b;
}

/// Gauss and Newton's equations of the squared difference between both, each of mean 0 and
/// deviation 1, whose decrease is twice the correlation's increase.
struct Equations {
  Matrix matrix{};
  Vector vector{};

  Equations(const AtlasFeatures& picture, const AtlasMap& atlas, const Place& place,
            const Overlap& overlap) {
    Vector mean{};
    for_each_pixel(place, [&](std::size_t i, double w, double y, double x, const AtlasPlace& row,
                              const AtlasPlace& column) {
      const double across = sample(picture.across, row, column) / overlap.deviation,
                   down = sample(picture.down, row, column) / overlap.deviation;
      const double value = (sample(picture.map, row, column) - overlap.mean) / overlap.deviation;
      const double wanted =
          (static_cast<double>(atlas[i]) - overlap.atlas_mean) / overlap.atlas_deviation;
      const Vector slope{across * place.width() * x, down * place.height() * y, across, down};
      const double share = w / overlap.weight;
      for (std::size_t r = 0; r < kUnknowns; ++r) {
        mean[r] += share * slope[r];
        vector[r] += share * slope[r] * (wanted - value);
        for (std::size_t c = 0; c <= r; ++c) matrix[r][c] += share * slope[r] * slope[c];
      }
    });
    // The differences have mean 0, so that only the matrix feels the slopes' means.
    for (std::size_t r = 0; r < kUnknowns; ++r)
      for (std::size_t c = 0; c <= r; ++c) matrix[r][c] -= mean[r] * mean[c];
    for (std::size_t r = 0; r < kUnknowns; ++r) {
      const double out = beyond(place, r);
      vector[r] -= 2 * kStrictness * out / kWall;
      if (out != 0) matrix[r][r] += 2 * kStrictness / (kWall * kWall);
    }
  }
};

struct Laid {
  Place place;
  double score = 0;
};

/// From a start to the nearest best place.
Laid lay(const AtlasFeatures& picture, const AtlasMap& atlas, const Place& start) {
  Place place = start;
  Overlap overlap(picture, atlas, place);
  Laid best{place, score(overlap, place)};
  double damping = 1e-2;
  constexpr double kEnough = 1e-5, kWeakest = 1e-9;
  for (int step = 0; step < kSteps; ++step) {
    const Equations equations(picture, atlas, best.place, overlap);
    bool better = false;
    double gained = 0;
    for (int attempt = 0; attempt < 4 && !better; ++attempt) {
      Matrix damped = equations.matrix;
      for (std::size_t i = 0; i < kUnknowns; ++i) damped[i][i] += damping * damped[i][i] + kWeakest;
      const std::optional<Vector> change = solve(damped, equations.vector);
      if (!change) break;
      place = best.place;
      for (std::size_t i = 0; i < kUnknowns; ++i) place.values[i] += (*change)[i];
      const Overlap moved(picture, atlas, place);
      const double now = score(moved, place);
      better = now > best.score;
      if (better) {
        gained = now - best.score;
        best = {place, now};
        overlap = moved;
        damping /= 5;
      } else {
        damping *= 6;
      }
    }
    if (!better || gained < kEnough) break;
  }
  return best;
}

const std::vector<Place>& starts() {
  static const std::vector<Place> all = [] {
    std::vector<Place> places{Place{}};
    for (const double width : {-0.15, 0.12})
      for (const double height : {-0.3, 0.0, 0.3})
        for (const double y : {-0.15, 0.15}) places.push_back({{width, height, 0, y}});
    return places;
  }();
  return all;
}

Place find(const AtlasFeatures& picture, const AtlasMap& atlas) {
  std::vector<Laid> first;
  for (const Place& start : starts())
    first.push_back({start, score(Overlap(picture, atlas, start), start)});
  std::ranges::stable_sort(first, std::greater<>(), &Laid::score);
  Laid best = lay(picture, atlas, first.front().place);
  for (std::size_t i = 1; i < kBestStarts; ++i) {
    const Laid other = lay(picture, atlas, first[i].place);
    if (other.score > best.score) best = other;
  }
  return best.place;
}

/// The mean over the pictures as they lie, each where it reaches.
AtlasMap mean_of(const std::vector<AtlasFeatures>& pictures, const std::vector<Place>& places) {
  std::vector<double> sums(kAtlasPixels), weights(kAtlasPixels);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto rows = atlas_places(places[i].height(), places[i].y()),
               columns = atlas_places(places[i].width(), places[i].x());
    for (std::size_t y = 0; y < kAtlasSide; ++y)
      for (std::size_t x = 0; x < kAtlasSide; ++x) {
        const double inside = rows[y].inside * columns[x].inside;
        sums[y * kAtlasSide + x] += inside * sample(pictures[i].map, rows[y], columns[x]);
        weights[y * kAtlasSide + x] += inside;
      }
  }
  AtlasMap mean(kAtlasPixels);
  for (std::size_t i = 0; i < kAtlasPixels; ++i)
    mean[i] = static_cast<float>(sums[i] / std::max(weights[i], 1.0));
  return mean;
}

void centre(std::vector<Place>& places) {
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    double mean = 0;
    for (const Place& place : places) mean += place.values[i] / static_cast<double>(places.size());
    for (Place& place : places) place.values[i] -= mean;
  }
}

}  // namespace

ChestAtlas make_atlas(std::span<const Picture> pictures) {
  std::vector<AtlasFeatures> all;
  for (const Picture& picture : pictures) all.emplace_back(picture);
  std::vector<Place> places(all.size());
  AtlasMap mean;
  for (int round = 0; round < kRounds; ++round) {
    mean = mean_of(all, places);
    for (std::size_t i = 0; i < all.size(); ++i) places[i] = lay(all[i], mean, places[i]).place;
    centre(places);
  }
  ChestAtlas atlas;
  for (const float value : mean_of(all, places))
    atlas.levels.push_back(static_cast<std::uint8_t>(
        std::lround(std::clamp(kZero + kUnit * static_cast<double>(value), 0.0, 255.0))));
  return atlas;
}

Frame find_chest(const Picture& grey, const ChestAtlas& atlas) {
  AtlasMap mean;
  for (const std::uint8_t level : atlas.levels)
    mean.push_back(static_cast<float>((level - kZero) / kUnit));
  const Place place = find(AtlasFeatures(grey), mean);
  // From the atlas's shares to the picture's.
  const double top = (1 + place.y() - place.height()) / 2,
               left = (1 + place.x() - place.width()) / 2;
  return {.top = top + place.height() * kSeen.top,
          .left = left + place.width() * kSeen.left,
          .height = place.height() * kSeen.height,
          .width = place.width() * kSeen.width};
}

}  // namespace thorax::prepare

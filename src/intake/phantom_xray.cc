#include "intake/phantom_xray.h"

#include <png.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "base/parallel.h"
#include "intake/phantom_shapes.h"

namespace thorax::intake {
namespace {

constexpr double kWaterPerMm = 0.0195;
constexpr double kDetectorY = -170;  // in front of the chest, times body_scale
constexpr double kScatter = 0.003;   // of the open beam, evenly
constexpr double kFullScale = 4095;
constexpr double kGamma = 1.6;  // of the display curve: darkens the lungs as readers like them

/// Attenuation relative to water; bone attenuates more than its HU say at a lower energy.
float attenuation(std::int16_t hu) {
  if (hu < -985) return 0;
  const auto value = static_cast<float>(hu);
  return 1 + value * 0.001f + std::max(0.0f, value - 150) * 0.0004f;
}

/// Behind this depth (times body_scale) there is only the table.
double table_top(double x) {
  return 125 - 0.0011 * x * x;
}

struct Beam {
  const volume::CtVolume& hu;
  double scale, source_y, detector_y, source_z;

  /// Adds the line integrals of one detector row at height `row_z` to `sums`.
  void row(double row_z, const std::vector<double>& column_x, std::vector<double>& sums) const;
};

void Beam::row(double row_z, const std::vector<double>& column_x, std::vector<double>& sums) const {
  const volume::Grid& grid = hu.grid();
  std::vector<float> line(static_cast<std::size_t>(grid.shape.x) + 1, 0.0f);
  for (int y = 0; y < grid.shape.y; ++y) {
    const double mm = grid.origin.y + y * grid.spacing.y;
    // Shares of the way from the source to the detector.
    const double way = (source_y - mm) / (source_y - detector_y);
    const double z = (source_z + (row_z - source_z) * way - grid.origin.z) / grid.spacing.z;
    const int z0 = std::clamp(static_cast<int>(std::floor(z)), 0, grid.shape.z - 1);
    const int z1 = std::min(z0 + 1, grid.shape.z - 1);
    const auto high = static_cast<float>(std::clamp(z - z0, 0.0, 1.0));
    const std::int16_t* low_row = hu.data() + grid.offset(z0, y, 0);
    const std::int16_t* high_row = hu.data() + grid.offset(z1, y, 0);
    for (int x = 0; x < grid.shape.x; ++x) {
      const double model_x = (grid.origin.x + x * grid.spacing.x) / scale;
      const bool table = mm / scale > table_top(model_x);
      line[static_cast<std::size_t>(x)] =
          table ? 0 : attenuation(low_row[x]) * (1 - high) + attenuation(high_row[x]) * high;
    }
    const double slope_z = (row_z - source_z) / (source_y - detector_y);
    for (std::size_t c = 0; c < column_x.size(); ++c) {
      const double x = (column_x[c] * way - grid.origin.x) / grid.spacing.x;
      if (x < 0 || x >= grid.shape.x - 1) continue;
      const auto x0 = static_cast<std::size_t>(x);
      const double f = x - static_cast<double>(x0);
      const double value =
          static_cast<double>(line[x0]) * (1 - f) + static_cast<double>(line[x0 + 1]) * f;
      if (value == 0) continue;
      const double slope_x = column_x[c] / (source_y - detector_y);
      sums[c] += value * grid.spacing.y * std::sqrt(1 + slope_x * slope_x + slope_z * slope_z);
    }
  }
}

void append_bytes(png_structp png, png_bytep data, png_size_t length) {
  static_cast<std::string*>(png_get_io_ptr(png))
      ->append(reinterpret_cast<const char*>(data), length);
}

}  // namespace

volume::Image project_xray(const Phantom& phantom, const PhantomOptions& drawn,
                           const PhantomXrayOptions& options, const Progress& progress) {
  const volume::Grid& grid = phantom.hu.grid();
  if (options.columns < 64 || options.columns > 8192)
    throw Error("bad_option"_code, {{"option", "columns"},
                                    {"value", std::to_string(options.columns)},
                                    {"hint", "From 64 to 8192."}});
  Beam beam{phantom.hu, drawn.body_scale, 0, kDetectorY * drawn.body_scale, 0};
  beam.source_y = beam.detector_y + options.source_mm;
  const double height = (grid.shape.z - 1) * grid.spacing.z;
  beam.source_z = grid.origin.z + height / 2;
  const double enlarged = options.source_mm / (options.source_mm + beam.detector_y);
  const double pitch = grid.shape.x * grid.spacing.x * enlarged / options.columns;

  volume::Image image;
  image.width = options.columns;
  image.height = std::max(64, static_cast<int>(height * enlarged / pitch));
  image.spacing_x = image.spacing_y = pitch;
  const auto width = static_cast<std::size_t>(image.width);
  image.pixels.resize(width * static_cast<std::size_t>(image.height));
  std::vector<double> column_x(width);
  for (std::size_t c = 0; c < width; ++c)
    column_x[c] = (static_cast<double>(c) - static_cast<double>(width - 1) / 2) * pitch;

  const std::uint64_t seed = phantom::mix_bits(drawn.seed ^ 0x8247);
  std::atomic<int> done{0};
  parallel_for(static_cast<std::size_t>(image.height), 8, [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) {
      const double z = beam.source_z + ((image.height - 1) / 2.0 - static_cast<double>(r)) * pitch;
      std::vector<double> sums(width);
      beam.row(z, column_x, sums);
      for (std::size_t c = 0; c < width; ++c) {
        const std::size_t i = r * width + c;
        const double photons = std::exp(-kWaterPerMm * sums[c]) + kScatter;
        const double noisy = photons + options.noise * std::sqrt(photons) *
                                           static_cast<double>(phantom::gauss_at(seed, i));
        image.pixels[i] = static_cast<float>(-std::log(std::max(noisy, 1e-4)));
      }
      progress.report("project", static_cast<double>(++done) / image.height);
    }
  });

  // From optical depth to grey: the densest percent is white, the open beam black.
  std::vector<float> sorted = image.pixels;
  const auto top = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 99 / 100);
  std::nth_element(sorted.begin(), top, sorted.end());
  const double white = std::max(1.0, static_cast<double>(*top));
  for (float& value : image.pixels) {
    const double t = std::clamp(static_cast<double>(value) / white, 0.0, 1.0);
    value = static_cast<float>(std::round(kFullScale * std::pow(t, kGamma)));
  }
  return image;
}

std::string encode_xray_png(const volume::Image& image) {
  std::string bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &bytes, append_bytes, nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(image.width),
               static_cast<png_uint_32>(image.height), 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  std::vector<png_byte> row(static_cast<std::size_t>(image.width));
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x)
      row[static_cast<std::size_t>(x)] = static_cast<png_byte>(
          std::lround(static_cast<double>(image.at(y, x)) * 255 / kFullScale));
    png_write_row(png, row.data());
  }
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return bytes;
}

}  // namespace thorax::intake

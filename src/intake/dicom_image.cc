#include "intake/dicom_image.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "intake/dicom_hounsfield.h"

namespace thorax::intake {
namespace {

constexpr double kWhite = 255;

/// LUTDescriptor: entries (0 means 65536), first value mapped, bits (PS3.3 C.11.1.1.1).
std::optional<LookUpTable> read_table(const DicomItem& item, DicomTag descriptor, DicomTag data,
                                      bool is_signed) {
  const std::vector<double> d = item.numbers(descriptor, Vr::us);
  std::vector<double> values = item.numbers(data, Vr::us);
  if (d.size() < 3 || values.empty()) return std::nullopt;
  LookUpTable table;
  const std::size_t entries =
      d[0] == 0 ? 65536 : static_cast<std::size_t>(std::clamp(d[0], 1.0, 65536.0));
  table.first = static_cast<std::int64_t>(std::clamp(d[1], -65536.0, 65536.0));
  if (is_signed && table.first > 32767) table.first -= 65536;
  const double bits = std::clamp(d[2], 1.0, 16.0);
  table.full_scale = std::exp2(bits) - 1;
  // 8-bit tables may be packed two entries a word.
  if (bits <= 8 && values.size() * 2 == entries + entries % 2) {
    std::vector<double> unpacked;
    for (const double word : values) {
      unpacked.push_back(std::fmod(word, 256));
      unpacked.push_back(std::floor(word / 256));
    }
    values = std::move(unpacked);
  }
  values.resize(std::min(values.size(), entries));
  table.values = std::move(values);
  return table;
}

/// PS3.3 C.11.2.1.2 and C.11.2.1.3, to 0..1.
double window(double x, double center, double width, const std::string& function) {
  if (function == "SIGMOID") return 1 / (1 + std::exp(-4 * (x - center) / std::max(width, 1e-6)));
  if (function == "LINEAR_EXACT")
    return std::clamp((x - center) / std::max(width, 1e-6) + 0.5, 0.0, 1.0);
  if (width <= 1) return x <= center - 0.5 ? 0 : 1;
  return std::clamp((x - (center - 0.5)) / (width - 1) + 0.5, 0.0, 1.0);
}

std::uint32_t pattern_at(std::span<const std::uint8_t> samples, std::size_t i, std::size_t width) {
  std::uint32_t pattern = 0;
  std::memcpy(&pattern, samples.data() + i * width, width);
  return pattern;
}

bool is_padding(std::int64_t stored, const PixelFormat& format) {
  if (!format.padding) return false;
  const std::int64_t a = *format.padding, b = format.padding_limit.value_or(*format.padding);
  return stored >= std::min(a, b) && stored <= std::max(a, b);
}

}  // namespace

double LookUpTable::at(double input) const {
  const double index = std::round(input) - static_cast<double>(first);
  const auto last = static_cast<double>(values.size() - 1);
  return values[index > 0 ? static_cast<std::size_t>(std::min(index, last)) : 0];
}

GreyPipeline read_grey_pipeline(const DicomItem& item, const PixelFormat& format) {
  GreyPipeline p;
  if (const auto lut = item.first_item(0x00283000))
    p.modality = read_table(*lut, 0x00283002, 0x00283006, format.is_signed);
  if (!p.modality) {
    p.slope = item.number(0x00281053).value_or(1);
    p.intercept = item.number(0x00281052).value_or(0);
  }
  const bool voi_signed = p.modality ? false : format.is_signed || p.intercept < 0;
  if (const auto lut = item.first_item(0x00283010))
    p.voi = read_table(*lut, 0x00283002, 0x00283006, voi_signed);
  p.window_center = item.number(0x00281050);
  p.window_width = item.number(0x00281051);
  if (p.window_width && *p.window_width <= 0) p.window_width.reset();
  p.voi_function = item.text(0x00281056);
  p.inverted = format.photometric == "MONOCHROME1";
  return p;
}

void render_grey(std::span<const std::uint8_t> samples, const PixelFormat& format,
                 const GreyPipeline& pipeline, std::span<float> out) {
  const std::size_t width = format.bytes_per_sample();
  const auto modality = [&](std::int64_t stored) {
    const auto value = static_cast<double>(stored);
    return pipeline.modality ? pipeline.modality->at(value)
                             : value * pipeline.slope + pipeline.intercept;
  };
  const bool windowed = pipeline.window_center && pipeline.window_width;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  if (!pipeline.voi && !windowed) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::int64_t stored = stored_value(pattern_at(samples, i, width), format);
      if (is_padding(stored, format)) continue;
      const double value = modality(stored);
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  const auto grey = [&](std::uint32_t pattern) -> float {
    const std::int64_t stored = stored_value(pattern, format);
    if (is_padding(stored, format)) return 0;
    const double value = modality(stored);
    double unit = high > low ? (value - low) / (high - low) : 0;
    if (pipeline.voi) {
      unit = std::clamp(pipeline.voi->at(value) / pipeline.voi->full_scale, 0.0, 1.0);
    } else if (windowed) {
      unit = window(value, *pipeline.window_center, *pipeline.window_width, pipeline.voi_function);
    }
    return static_cast<float>(kWhite * (pipeline.inverted ? 1 - unit : unit));
  };
  std::vector<float> table;
  if (format.bits_allocated <= 16) {
    table.resize(1u << format.bits_allocated);
    for (std::uint32_t pattern = 0; pattern < table.size(); ++pattern)
      table[pattern] = grey(pattern);
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint32_t pattern = pattern_at(samples, i, width);
    out[i] = table.empty() ? grey(pattern) : table[pattern];
  }
}

int image_channels(int samples, const std::string& photometric) {
  return samples == 3 || photometric == "PALETTE COLOR" ? 3 : 1;
}

void render_colour(std::span<const std::uint8_t> samples, const PixelFormat& format,
                   const DicomItem& item, std::span<float> out) {
  const std::size_t width = format.bytes_per_sample(), pixels = format.pixels();
  const double scale = kWhite / (std::exp2(format.bits_stored) - 1);
  if (format.photometric == "PALETTE COLOR") {
    for (std::size_t c = 0; c < 3; ++c) {
      const auto offset = static_cast<DicomTag>(c);
      const auto table =
          read_table(item, 0x00281101 + offset, 0x00281201 + offset, format.is_signed);
      if (!table) throw Error("unsupported_pixels"_code, {{"detail", "a palette is missing"}});
      for (std::size_t i = 0; i < pixels; ++i) {
        const auto stored =
            static_cast<double>(stored_value(pattern_at(samples, i, width), format));
        out[3 * i + c] = static_cast<float>(table->at(stored) / table->full_scale * kWhite);
      }
    }
    return;
  }
  const bool ybr = format.photometric == "YBR_FULL";
  if (!ybr && format.photometric != "RGB")
    throw Error("unsupported_pixels"_code, {{"detail", "colour model " + format.photometric}});
  for (std::size_t i = 0; i < pixels; ++i) {
    std::array<double, 3> value{};
    for (std::size_t c = 0; c < 3; ++c) {
      const std::size_t at = format.planar ? c * pixels + i : 3 * i + c;
      value[c] = static_cast<double>(stored_value(pattern_at(samples, at, width), format)) * scale;
    }
    // ITU-R BT.601 full range, PS3.3 C.7.6.3.1.2.
    if (ybr) {
      const double y = value[0], b = value[1] - 128, r = value[2] - 128;
      value = {y + 1.402 * r, y - 0.344136 * b - 0.714136 * r, y + 1.772 * b};
    }
    for (std::size_t c = 0; c < 3; ++c)
      out[3 * i + c] = static_cast<float>(std::clamp(value[c], 0.0, kWhite));
  }
}

}  // namespace thorax::intake

#include "intake/nifti.h"

#include <nifti/nifti1.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "intake/dicom_hounsfield.h"
#include "intake/nifti_header.h"

namespace thorax::intake {
namespace {

constexpr double kNothingScannedHu = -2000;
constexpr double kMostHu = 32767;

NiftiHeader read(const Bytes& file, bool gzipped, const std::string& shown, const Limits& limits) {
  if (!gzipped) return parse_nifti_header(file.span(), shown, limits);
  const Bytes head = gunzip(file.span(), kNiftiHeaderBytes, shown, limits);
  return parse_nifti_header(head.span(), shown, limits);
}

/// Column j of the matrix from RAS to LPS, as a vector.
volume::Vec3 axis(const NiftiHeader& h, std::size_t j) {
  return {-h.to_ras[0][j], -h.to_ras[1][j], h.to_ras[2][j]};
}

template <class T>
double load(const std::uint8_t* at, bool swapped) {
  std::array<std::uint8_t, sizeof(T)> raw{};
  std::copy_n(at, sizeof(T), raw.begin());
  if (swapped) std::reverse(raw.begin(), raw.end());
  return static_cast<double>(std::bit_cast<T>(raw));
}

double value(const std::uint8_t* at, int datatype, bool swapped) {
  switch (datatype) {
    case DT_UINT8:
      return *at;
    case DT_INT8:
      return static_cast<std::int8_t>(*at);
    case DT_INT16:
      return load<std::int16_t>(at, swapped);
    case DT_UINT16:
      return load<std::uint16_t>(at, swapped);
    case DT_INT32:
      return load<std::int32_t>(at, swapped);
    case DT_UINT32:
      return load<std::uint32_t>(at, swapped);
    case DT_FLOAT32:
      return load<float>(at, swapped);
    default:
      return load<double>(at, swapped);
  }
}

std::size_t voxel_bytes(int datatype) {
  switch (datatype) {
    case DT_UINT8:
    case DT_INT8:
      return 1;
    case DT_INT16:
    case DT_UINT16:
      return 2;
    case DT_FLOAT64:
      return 8;
    default:
      return 4;
  }
}

}  // namespace

FileHeader read_nifti_header(const Bytes& file, bool gzipped, const std::string& shown,
                             const Limits& limits) {
  const NiftiHeader h = read(file, gzipped, shown, limits);
  const volume::Vec3 across = axis(h, 0), down = axis(h, 1), up = axis(h, 2), origin = axis(h, 3);
  const double dx = volume::norm(across), dy = volume::norm(down);
  if (dx < 1e-6 || dy < 1e-6 || volume::norm(up) < 1e-6)
    throw Error("nifti_broken"_code, {{"path", shown}, {"detail", "its voxels have no size"}});
  if (std::abs(volume::dot(across, down)) > 1e-3 * dx * dy)
    throw Error("nifti_unsupported"_code, {{"path", shown}, {"detail", "its slices are sheared"}});
  FileHeader header;
  header.series.modality = "CT";
  Instance& i = header.instance;
  i.modality = "CT";
  i.photometric = "MONOCHROME2";
  i.rows = h.rows;
  i.columns = h.columns;
  i.frames = h.slices;
  i.bits_allocated = i.bits_stored = h.bytes_per_voxel * 8;
  i.is_signed = true;
  i.has_pixels = true;
  i.pixel_spacing = {dy, dx};
  i.slice_thickness = volume::norm(up);
  i.rescale_slope = h.slope;
  i.rescale_intercept = h.intercept;
  i.orientation = {across.x / dx, across.y / dx, across.z / dx,
                   down.x / dy,   down.y / dy,   down.z / dy};
  for (int k = 0; k < h.slices; ++k) {
    const volume::Vec3 p = origin + up * k;
    i.per_frame.push_back({std::array{p.x, p.y, p.z}, i.orientation, h.slope, h.intercept});
  }
  i.position = i.per_frame.front().position;
  return header;
}

NiftiVolume::NiftiVolume(const Bytes& file, bool gzipped, const std::string& shown,
                         const Limits& limits)
    : data_(file) {
  const NiftiHeader h = read(file, gzipped, shown, limits);
  offset_ = h.offset;
  rows_ = h.rows;
  columns_ = h.columns;
  slices_ = h.slices;
  datatype_ = h.datatype;
  swapped_ = h.swapped;
  slope_ = h.slope;
  intercept_ = h.intercept;
  const std::size_t need = offset_ + static_cast<std::size_t>(rows_) *
                                         static_cast<std::size_t>(columns_) *
                                         static_cast<std::size_t>(slices_) * voxel_bytes(datatype_);
  if (gzipped) data_ = gunzip(file.span(), need, shown, limits);
  if (need > data_.size())
    throw Error(
        "pixels_truncated"_code,
        {{"path", shown}, {"have", std::to_string(data_.size())}, {"need", std::to_string(need)}});
}

NiftiVolume::Content NiftiVolume::slice(int frame, std::span<std::int16_t> hu,
                                        std::span<std::uint8_t> outside) const {
  if (frame < 0 || frame >= slices_)
    throw Error("internal"_code, {{"detail", "frame number out of range"}});
  const std::size_t width = voxel_bytes(datatype_);
  const std::uint8_t* at =
      data_.data() + offset_ + static_cast<std::size_t>(frame) * hu.size() * width;
  Content content;
  for (std::size_t i = 0; i < hu.size(); ++i, at += width) {
    const double exact = value(at, datatype_, swapped_) * slope_ + intercept_;
    const double v = std::round(exact);
    if (v > kNothingScannedHu) {
      hu[i] = static_cast<std::int16_t>(std::min(v, kMostHu));
      if (v <= kMostHu) content.rounded_hu = std::max(content.rounded_hu, std::abs(exact - v));
    } else {
      hu[i] = kOutsideHu;
      outside[i] = 1;
      content.outside = true;
    }
  }
  return content;
}

}  // namespace thorax::intake

#include "intake/nifti_header.h"

#include <nifti/nifti1_io.h>
#include <nifti/nifti2.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "base/error.h"
#include "intake/limits_budget.h"

namespace thorax::intake {
namespace {

[[noreturn]] void broken(const std::string& shown, const std::string& detail) {
  throw Error("nifti_broken"_code, {{"path", shown}, {"detail", detail}});
}
[[noreturn]] void unsupported(const std::string& shown, const std::string& detail) {
  throw Error("nifti_unsupported"_code, {{"path", shown}, {"detail", detail}});
}

bool is_readable(int datatype) {
  constexpr std::array<int, 8> kTypes = {DT_UINT8, DT_INT8,   DT_INT16,   DT_UINT16,
                                         DT_INT32, DT_UINT32, DT_FLOAT32, DT_FLOAT64};
  return std::find(kTypes.begin(), kTypes.end(), datatype) != kTypes.end();
}

void check(const nifti_image& image, const std::string& shown, const Limits& limits) {
  for (const std::int64_t n : {image.nt, image.nu, image.nv, image.nw})
    if (n > 1) unsupported(shown, "it has more than three dimensions");
  if (!is_readable(image.datatype))
    unsupported(shown, std::string("data type ") + nifti_datatype_string(image.datatype));
  if (image.qform_code <= 0 && image.sform_code <= 0)
    unsupported(shown, "it does not say where the patient is (no qform or sform)");
  const auto pixels = static_cast<std::uint64_t>(image.nx) * static_cast<std::uint64_t>(image.ny);
  if (image.nx > limits.max_side || image.ny > limits.max_side || pixels > limits.max_image_pixels)
    throw Error("image_too_large"_code, {{"path", shown},
                                         {"rows", std::to_string(image.ny)},
                                         {"columns", std::to_string(image.nx)}});
  if (image.nz > limits.max_frames)
    throw Error("too_many_frames"_code, {{"path", shown},
                                         {"frames", std::to_string(image.nz)},
                                         {"limit", std::to_string(limits.max_frames)}});
}

template <class T>
T in_our_order(T value, bool swapped) {
  auto bytes = std::bit_cast<std::array<std::uint8_t, sizeof(T)>>(value);
  if (swapped) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

/// A header of either version in the fields of NIfTI-1, so that one check and one conversion serve
/// both.
struct Fields {
  nifti_1_header nifti1{};
  bool swapped = false;     ///< other byte order than this machine's
  std::int64_t offset = 0;  ///< of the first voxel; a float of NIfTI-1 may round it
};

Fields narrowed(const nifti_2_header& raw, const std::string& shown) {
  Fields fields;
  fields.swapped = raw.sizeof_hdr != static_cast<int>(sizeof raw);
  const auto get = [&](auto value) { return in_our_order(value, fields.swapped); };
  const auto real = [&](double value) { return static_cast<float>(get(value)); };
  const auto code = [&](int value) { return static_cast<short>(std::clamp(get(value), 0, 5)); };
  nifti_1_header& h = fields.nifti1;
  h.sizeof_hdr = sizeof h;
  for (std::size_t i = 0; i < 8; ++i) {
    // Unaligned in the packed header: copied, not referred to.
    const std::int64_t stored = raw.dim[i];
    const std::int64_t size = get(stored);
    if (size < 0) broken(shown, "the header makes no sense");
    if (size > std::numeric_limits<short>::max())
      unsupported(shown, "it has more than 32,767 voxels along an axis");
    h.dim[i] = static_cast<short>(size);
    h.pixdim[i] = real(raw.pixdim[i]);
  }
  h.datatype = get(short{raw.datatype});
  h.bitpix = get(short{raw.bitpix});
  h.scl_slope = real(raw.scl_slope);
  h.scl_inter = real(raw.scl_inter);
  h.qform_code = code(raw.qform_code);
  h.sform_code = code(raw.sform_code);
  h.quatern_b = real(raw.quatern_b);
  h.quatern_c = real(raw.quatern_c);
  h.quatern_d = real(raw.quatern_d);
  h.qoffset_x = real(raw.qoffset_x);
  h.qoffset_y = real(raw.qoffset_y);
  h.qoffset_z = real(raw.qoffset_z);
  for (std::size_t i = 0; i < 4; ++i) {
    h.srow_x[i] = real(raw.srow_x[i]);
    h.srow_y[i] = real(raw.srow_y[i]);
    h.srow_z[i] = real(raw.srow_z[i]);
  }
  std::memcpy(h.magic, "n+1", 4);
  h.vox_offset = 352;
  fields.offset = std::max<std::int64_t>(get(std::int64_t{raw.vox_offset}), sizeof raw);
  return fields;
}

Fields read_fields(std::span<const std::uint8_t> file, const std::string& shown) {
  if (file.size() >= 8 && std::memcmp(file.data() + 4, "n+2", 3) == 0) {
    nifti_2_header raw;
    if (file.size() < sizeof raw) broken(shown, "the header is cut off");
    std::memcpy(&raw, file.data(), sizeof raw);
    return narrowed(raw, shown);
  }
  Fields fields;
  if (file.size() < sizeof fields.nifti1) broken(shown, "the header is cut off");
  std::memcpy(&fields.nifti1, file.data(), sizeof fields.nifti1);
  fields.swapped = fields.nifti1.sizeof_hdr != static_cast<int>(sizeof fields.nifti1);
  return fields;
}

}  // namespace

NiftiHeader parse_nifti_header(std::span<const std::uint8_t> file, const std::string& shown,
                               const Limits& limits) {
  const Fields fields = read_fields(file, shown);
  nifti_set_debug_level(0);
  // The library trusts some fields that it uses for sizes, so they are looked at first.
  if (nifti_hdr_looks_good(&fields.nifti1) == 0) broken(shown, "the header makes no sense");
  const std::unique_ptr<nifti_image, void (*)(nifti_image*)> image(
      nifti_convert_nhdr2nim(fields.nifti1, nullptr), nifti_image_free);
  if (!image) broken(shown, "the header makes no sense");
  if (image->nx < 1 || image->ny < 1 || image->nz < 1) broken(shown, "it has no voxels");
  check(*image, shown, limits);

  NiftiHeader h;
  h.columns = static_cast<int>(image->nx);
  h.rows = static_cast<int>(image->ny);
  h.slices = static_cast<int>(image->nz);
  h.datatype = image->datatype;
  h.bytes_per_voxel = image->nbyper;
  h.swapped = fields.swapped;
  // nifti1.h: a slope of zero means that the values are not scaled.
  if (image->scl_slope != 0 && std::isfinite(image->scl_slope) && std::isfinite(image->scl_inter)) {
    h.slope = static_cast<double>(image->scl_slope);
    h.intercept = static_cast<double>(image->scl_inter);
  }
  h.offset = static_cast<std::size_t>(
      std::max({fields.offset, static_cast<std::int64_t>(image->iname_offset), std::int64_t{352}}));
  const mat44& m = image->sform_code > 0 ? image->sto_xyz : image->qto_xyz;
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 4; ++j) {
      h.to_ras[i][j] = static_cast<double>(m.m[i][j]);
      if (!std::isfinite(h.to_ras[i][j])) broken(shown, "its orientation is no number");
    }
  return h;
}

Bytes gunzip(std::span<const std::uint8_t> packed, std::size_t bytes, const std::string& shown,
             const Limits& limits) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
  Expansion expansion(limits, shown, packed.size());
  ByteBuffer buffer;
  constexpr std::size_t kInput = 1u << 30, kOutput = 1u << 20;
  std::size_t given = 0;
  int status = Z_OK;
  while (status == Z_OK && buffer.size() < bytes) {
    if (stream.avail_in == 0) {
      const std::size_t part = std::min(kInput, packed.size() - given);
      stream.next_in = const_cast<Bytef*>(packed.data() + given);
      stream.avail_in = static_cast<uInt>(part);
      given += part;
    }
    const std::span<std::uint8_t> room = buffer.reserve(std::min(kOutput, bytes - buffer.size()));
    stream.next_out = room.data();
    stream.avail_out = static_cast<uInt>(room.size());
    status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t written = room.size() - stream.avail_out;
    buffer.commit(written);
    expansion.add(written);
  }
  if (buffer.size() < bytes && status != Z_STREAM_END)
    broken(shown, "the compressed data is damaged or cut off");
  return buffer.release();
}

}  // namespace thorax::intake

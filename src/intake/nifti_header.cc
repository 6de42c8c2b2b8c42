#include "intake/nifti_header.h"

#include <nifti/nifti1_io.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "intake/limits_budget.h"

namespace thorax::intake {
namespace {

[[noreturn]] void broken(const std::string& shown, const std::string& detail) {
  throw Error(Code::nifti_broken, {{"path", shown}, {"detail", detail}});
}
[[noreturn]] void unsupported(const std::string& shown, const std::string& detail) {
  throw Error(Code::nifti_unsupported, {{"path", shown}, {"detail", detail}});
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
    throw Error(Code::image_too_large, {{"path", shown},
                                        {"rows", std::to_string(image.ny)},
                                        {"columns", std::to_string(image.nx)}});
  if (image.nz > limits.max_frames)
    throw Error(Code::too_many_frames, {{"path", shown},
                                        {"frames", std::to_string(image.nz)},
                                        {"limit", std::to_string(limits.max_frames)}});
}

}  // namespace

NiftiHeader parse_nifti_header(std::span<const std::uint8_t> file, const std::string& shown,
                               const Limits& limits) {
  if (file.size() >= 8 && std::memcmp(file.data() + 4, "n+2", 3) == 0)
    unsupported(shown, "it is NIfTI-2");
  if (file.size() < kNiftiHeaderBytes) broken(shown, "the header is cut off");
  nifti_1_header raw;
  std::memcpy(&raw, file.data(), sizeof raw);
  nifti_set_debug_level(0);
  // The library trusts some fields that it uses for sizes, so they are looked at first.
  const bool swapped = raw.sizeof_hdr != 348;
  if (nifti_hdr_looks_good(&raw) == 0) broken(shown, "the header makes no sense");
  const std::unique_ptr<nifti_image, void (*)(nifti_image*)> image(
      nifti_convert_nhdr2nim(raw, nullptr), nifti_image_free);
  if (!image) broken(shown, "the header makes no sense");
  if (image->nx < 1 || image->ny < 1 || image->nz < 1) broken(shown, "it has no voxels");
  check(*image, shown, limits);

  NiftiHeader h;
  h.columns = static_cast<int>(image->nx);
  h.rows = static_cast<int>(image->ny);
  h.slices = static_cast<int>(image->nz);
  h.datatype = image->datatype;
  h.bytes_per_voxel = image->nbyper;
  h.swapped = swapped;
  // nifti1.h: a slope of zero means that the values are not scaled.
  if (image->scl_slope != 0 && std::isfinite(image->scl_slope) && std::isfinite(image->scl_inter)) {
    h.slope = static_cast<double>(image->scl_slope);
    h.intercept = static_cast<double>(image->scl_inter);
  }
  h.offset = static_cast<std::size_t>(std::max<long>(static_cast<long>(image->iname_offset), 352));
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

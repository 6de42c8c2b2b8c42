#include "report/nifti.h"

#include <nifti/nifti1.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace thorax::report {
namespace {

nifti_1_header header_of(const volume::Grid& grid) {
  nifti_1_header h{};
  h.sizeof_hdr = sizeof h;
  h.dim[0] = 3;
  h.dim[1] = static_cast<short>(grid.shape.x);
  h.dim[2] = static_cast<short>(grid.shape.y);
  h.dim[3] = static_cast<short>(grid.shape.z);
  for (int i = 4; i < 8; ++i) h.dim[i] = 1;
  h.datatype = DT_UINT8;
  h.bitpix = 8;
  h.vox_offset = 352;
  h.scl_slope = 1;
  h.xyzt_units = NIFTI_UNITS_MM;
  h.intent_code = NIFTI_INTENT_LABEL;
  const auto sx = static_cast<float>(grid.spacing.x), sy = static_cast<float>(grid.spacing.y),
             sz = static_cast<float>(grid.spacing.z);
  const auto ox = static_cast<float>(-grid.origin.x), oy = static_cast<float>(-grid.origin.y),
             oz = static_cast<float>(grid.origin.z);
  const float pixdim[8] = {1, sx, sy, sz, 0, 0, 0, 0};
  std::copy_n(pixdim, 8, h.pixdim);
  h.sform_code = h.qform_code = NIFTI_XFORM_SCANNER_ANAT;
  const float rows[3][4] = {{-sx, 0, 0, ox}, {0, -sy, 0, oy}, {0, 0, sz, oz}};
  std::copy_n(rows[0], 4, h.srow_x);
  std::copy_n(rows[1], 4, h.srow_y);
  std::copy_n(rows[2], 4, h.srow_z);
  // Half a turn about z: the quaternion (0, 0, 0, 1).
  h.quatern_d = 1;
  h.qoffset_x = ox;
  h.qoffset_y = oy;
  h.qoffset_z = oz;
  std::memcpy(h.magic, "n+1", 4);
  std::strncpy(h.descrip, "Thorax labels, research use only", sizeof h.descrip - 1);
  return h;
}

/// A gzip member without a time stamp.
class Gzip {
 public:
  Gzip() {
    if (deflateInit2(&stream_, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
      throw Error(Code::internal, {{"detail", "zlib cannot start"}});
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() { deflateEnd(&stream_); }

  void add(const void* data, std::size_t size, bool last) {
    const auto* bytes = static_cast<const Bytef*>(data);
    do {  // zlib counts in 32 bits
      const std::size_t part = std::min<std::size_t>(size, 1u << 30);
      stream_.next_in = const_cast<Bytef*>(bytes);
      stream_.avail_in = static_cast<uInt>(part);
      bytes += part;
      size -= part;
      run(last && size == 0 ? Z_FINISH : Z_NO_FLUSH);
    } while (size > 0);
  }
  std::vector<std::uint8_t> take() { return std::move(out_); }

 private:
  void run(int flush) {
    std::uint8_t buffer[1 << 16];
    do {
      stream_.next_out = buffer;
      stream_.avail_out = sizeof buffer;
      deflate(&stream_, flush);
      out_.insert(out_.end(), buffer, buffer + (sizeof buffer - stream_.avail_out));
    } while (stream_.avail_out == 0);
  }

  z_stream stream_{};
  std::vector<std::uint8_t> out_;
};

}  // namespace

std::vector<std::uint8_t> encode_nifti(const volume::Labels& labels) {
  const nifti_1_header header = header_of(labels.grid());
  const char no_extension[4] = {};
  Gzip gzip;
  gzip.add(&header, sizeof header, false);
  gzip.add(no_extension, sizeof no_extension, false);
  gzip.add(labels.data(), labels.size(), true);
  return gzip.take();
}

}  // namespace thorax::report

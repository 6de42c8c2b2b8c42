#include "intake/phantom_nifti.h"

#include <nifti/nifti1.h>
#include <zlib.h>

#include <cstring>

#include "base/error.h"

namespace thorax::intake {
namespace {

constexpr std::size_t kDataOffset = 352;  // header of 348 bytes and an empty extension flag

std::string gzip(const std::string& bytes) {
  z_stream stream{};
  constexpr int kGzip = 16;
  if (deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw Error("internal"_code, {{"detail", "deflateInit2 failed"}});
  std::string out;
  std::string buffer(1 << 20, '\0');
  std::size_t given = 0;
  int status = Z_OK;
  while (status != Z_STREAM_END) {
    if (stream.avail_in == 0) {
      const std::size_t chunk = std::min<std::size_t>(bytes.size() - given, 1 << 24);
      // zlib's interface is not const-correct; it does not write to its input.
      stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data() + given));
      stream.avail_in = static_cast<uInt>(chunk);
      given += chunk;
    }
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = deflate(&stream, given == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    out.append(buffer, 0, buffer.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return out;
}

nifti_1_header make_header(const volume::Grid& grid, short datatype, short bits) {
  nifti_1_header h{};
  h.sizeof_hdr = 348;
  h.regular = 'r';
  const short dim[8] = {3,
                        static_cast<short>(grid.shape.x),
                        static_cast<short>(grid.shape.y),
                        static_cast<short>(grid.shape.z),
                        1,
                        1,
                        1,
                        1};
  std::copy(std::begin(dim), std::end(dim), h.dim);
  h.datatype = datatype;
  h.bitpix = bits;
  const auto sx = static_cast<float>(grid.spacing.x), sy = static_cast<float>(grid.spacing.y),
             sz = static_cast<float>(grid.spacing.z);
  const float pixdim[8] = {1, sx, sy, sz, 0, 0, 0, 0};
  std::copy(std::begin(pixdim), std::end(pixdim), h.pixdim);
  h.vox_offset = kDataOffset;
  h.scl_slope = 1;
  h.xyzt_units = NIFTI_UNITS_MM;
  std::strncpy(h.descrip, "Thorax phantom", sizeof h.descrip - 1);
  // NIfTI's x goes to the right and y to the front; ours to the left and to the back.
  const auto ox = static_cast<float>(-grid.origin.x), oy = static_cast<float>(-grid.origin.y),
             oz = static_cast<float>(grid.origin.z);
  h.qform_code = h.sform_code = NIFTI_XFORM_SCANNER_ANAT;
  h.quatern_d = 1;  // half a turn about z
  h.qoffset_x = ox;
  h.qoffset_y = oy;
  h.qoffset_z = oz;
  const float rows[3][4] = {{-sx, 0, 0, ox}, {0, -sy, 0, oy}, {0, 0, sz, oz}};
  std::copy_n(rows[0], 4, h.srow_x);
  std::copy_n(rows[1], 4, h.srow_y);
  std::copy_n(rows[2], 4, h.srow_z);
  std::memcpy(h.magic, "n+1", 4);
  return h;
}

template <class T>
std::string encode(const volume::Volume<T>& source, short datatype, bool compressed) {
  const nifti_1_header header =
      make_header(source.grid(), datatype, static_cast<short>(8 * sizeof(T)));
  std::string bytes(kDataOffset + source.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + kDataOffset, source.data(), source.size() * sizeof(T));
  return compressed ? gzip(bytes) : bytes;
}

}  // namespace

std::string encode_nifti(const volume::CtVolume& hu, bool compressed) {
  return encode(hu, DT_INT16, compressed);
}
std::string encode_nifti(const volume::Labels& labels, bool compressed) {
  return encode(labels, DT_UINT8, compressed);
}

}  // namespace thorax::intake

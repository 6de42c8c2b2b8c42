#include "report/nifti.h"

#include <nifti/nifti1.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "base/error.h"
#include "base/parallel.h"

namespace thorax::report {
namespace {

constexpr char kNoExtension[4] = {};

nifti_1_header header_of(const volume::Grid& grid) {
  nifti_1_header h{};
  h.sizeof_hdr = sizeof h;
  h.dim[0] = 3;
  h.dim[1] = static_cast<short>(grid.shape.x);
  h.dim[2] = static_cast<short>(grid.shape.y);
  h.dim[3] = static_cast<short>(grid.shape.z);
  for (int i = 4; i < 8; ++i) h.dim[i] = 1;
  h.vox_offset = 352;
  h.scl_slope = 1;
  h.xyzt_units = NIFTI_UNITS_MM;
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
  return h;
}

nifti_1_header label_header(const volume::Grid& grid) {
  nifti_1_header h = header_of(grid);
  h.datatype = DT_UINT8;
  h.bitpix = 8;
  h.intent_code = NIFTI_INTENT_LABEL;
  std::strncpy(h.descrip, "Thorax labels, research use only", sizeof h.descrip - 1);
  return h;
}

nifti_1_header density_header(const volume::Grid& grid) {
  nifti_1_header h = header_of(grid);
  h.datatype = DT_INT16;
  h.bitpix = 16;
  std::strncpy(h.descrip, "Hounsfield units, research use only", sizeof h.descrip - 1);
  return h;
}

constexpr int kGzipWindow = 15 + 16, kRawWindow = -15;  // as deflateInit2 tells them apart

/// Deflates into memory; gzip has no time stamp.
class Deflate {
 public:
  Deflate(int level, int window) {
    if (deflateInit2(&stream_, level, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
      throw Error("internal"_code, {{"detail", "zlib cannot start"}});
  }
  Deflate(const Deflate&) = delete;
  Deflate& operator=(const Deflate&) = delete;
  ~Deflate() { deflateEnd(&stream_); }

  /// `flush` is said with the last byte: Z_NO_FLUSH, Z_FULL_FLUSH or Z_FINISH.
  void add(const void* data, std::size_t size, int flush) {
    const auto* bytes = static_cast<const Bytef*>(data);
    do {  // zlib counts in 32 bits
      const std::size_t part = std::min<std::size_t>(size, 1u << 30);
      stream_.next_in = const_cast<Bytef*>(bytes);
      stream_.avail_in = static_cast<uInt>(part);
      bytes += part;
      size -= part;
      run(size == 0 ? flush : Z_NO_FLUSH);
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

/// Bytes that begin and end at a byte boundary and can be put after one another.
struct Piece {
  std::vector<std::uint8_t> deflated;
  uLong crc = 0;
  std::size_t bytes = 0;
};

Piece piece_of(const void* data, std::size_t size) {
  Deflate deflate(1, kRawWindow);
  deflate.add(data, size, Z_FULL_FLUSH);
  return {deflate.take(), crc32_z(0, static_cast<const Bytef*>(data), size), size};
}

void append_le32(std::vector<std::uint8_t>& out, std::uint64_t value) {
  for (int shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

}  // namespace

std::vector<std::uint8_t> encode_nifti(const volume::Labels& labels) {
  const nifti_1_header header = label_header(labels.grid());
  Deflate gzip(6, kGzipWindow);
  gzip.add(&header, sizeof header, Z_NO_FLUSH);
  gzip.add(kNoExtension, sizeof kNoExtension, Z_NO_FLUSH);
  gzip.add(labels.data(), labels.size(), Z_FINISH);
  return gzip.take();
}

SlicedNifti encode_sliced_nifti(const volume::CtVolume& hu) {
  const nifti_1_header header = density_header(hu.grid());
  std::vector<std::uint8_t> head(sizeof header + sizeof kNoExtension);
  std::memcpy(head.data(), &header, sizeof header);
  const auto count = static_cast<std::size_t>(hu.shape().z);
  std::vector<Piece> pieces(count + 1);
  pieces[0] = piece_of(head.data(), head.size());
  parallel_for(count, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t z = begin; z < end; ++z) {
      const std::span<const std::int16_t> slice = hu.slice(static_cast<int>(z));
      pieces[z + 1] = piece_of(slice.data(), slice.size_bytes());
    }
  });
  // Its member's header (RFC 1952): deflate, no flags, no time, fastest, system unknown.
  SlicedNifti file{{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255}, 0, {}};
  std::uint64_t bytes = 0;
  uLong crc = 0;
  for (Piece& piece : pieces) {
    file.bytes.insert(file.bytes.end(), piece.deflated.begin(), piece.deflated.end());
    piece.deflated = {};
    crc = crc32_combine(crc, piece.crc, static_cast<z_off_t>(piece.bytes));
    bytes += piece.bytes;
    file.ends.push_back(file.bytes.size());
  }
  file.first = file.ends.front();
  file.ends.erase(file.ends.begin());
  file.bytes.insert(file.bytes.end(), {3, 0});
  append_le32(file.bytes, crc);
  append_le32(file.bytes, bytes);
  return file;
}

}  // namespace thorax::report

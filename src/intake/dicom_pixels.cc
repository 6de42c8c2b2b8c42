#include "intake/dicom_pixels.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "intake/dicom_codec.h"

namespace thorax::intake {
namespace {

constexpr std::string_view kGePrivateBigEndian = "1.2.840.113619.5.2";

[[noreturn]] void unsupported(const std::string& detail) {
  throw Error("unsupported_pixels"_code, {{"detail", detail}});
}

Bytes swapped(std::span<const std::uint8_t> bytes, std::size_t word) {
  ByteBuffer buffer;
  const std::span<std::uint8_t> out = buffer.reserve(bytes.size());
  for (std::size_t i = 0; i + word <= bytes.size(); i += word)
    std::reverse_copy(bytes.data() + i, bytes.data() + i + word, out.data() + i);
  buffer.commit(bytes.size());
  return buffer.release();
}

Bytes native_frame(const DicomScan& scan, const PixelFormat& format, int frame) {
  const std::size_t need = format.frame_bytes();
  const std::size_t begin = static_cast<std::size_t>(frame) * need;
  const std::size_t have = std::min(scan.pixels->length, scan.data.size() - scan.pixels->offset);
  if (begin + need > have)
    throw Error("pixels_truncated"_code,
                {{"have", std::to_string(have)},
                 {"need", std::to_string(need * static_cast<std::size_t>(format.frames))}});
  const std::span<const std::uint8_t> bytes =
      scan.data.span().subspan(scan.pixels->offset + begin, need);
  const bool big = scan.encoding.big_endian || scan.transfer_syntax_uid == kGePrivateBigEndian;
  // Bytes are swapped within words of the VR: 8-bit pixels in OW as well (PS3.5 annex A.3).
  const std::size_t word =
      format.bits_allocated == 8 ? (scan.pixels->has_vr("OW") ? 2 : 1) : format.bytes_per_sample();
  if (big && word > 1) return swapped(bytes, word);
  return {bytes, std::make_shared<Bytes>(scan.data)};
}

bool starts_image(std::span<const std::uint8_t> fragment) {
  return fragment.size() > 1 && fragment[0] == 0xFF && (fragment[1] == 0xD8 || fragment[1] == 0x4F);
}

/// Numbers of the first fragment of each frame. One fragment a frame, one frame, the offset table
/// (PS3.5 A.4), and without one the start markers of JPEG.
std::vector<std::size_t> frame_starts(const std::vector<std::span<const std::uint8_t>>& fragments,
                                      std::size_t frames) {
  std::vector<std::size_t> starts;
  if (frames == 1) return {1};
  if (fragments.size() == frames + 1) {
    for (std::size_t i = 1; i <= frames; ++i) starts.push_back(i);
    return starts;
  }
  const std::span<const std::uint8_t> table = fragments.front();
  if (table.size() == 4 * frames) {
    std::size_t offset = 0, next = 0;
    for (std::size_t i = 1; i < fragments.size() && next < frames; ++i) {
      std::uint32_t wanted = 0;
      std::memcpy(&wanted, table.data() + 4 * next, 4);
      if (offset == wanted) {
        starts.push_back(i);
        ++next;
      }
      offset += 8 + fragments[i].size();
    }
    if (starts.size() == frames) return starts;
    starts.clear();
  }
  for (std::size_t i = 1; i < fragments.size(); ++i)
    if (starts_image(fragments[i])) starts.push_back(i);
  if (starts.size() != frames)
    throw Error("pixels_broken"_code, {{"detail", "fragments cannot be told apart into frames"}});
  return starts;
}

Bytes compressed_frame(const DicomScan& scan, const PixelFormat& format, int frame) {
  const auto fragments = scan_fragments(scan.data.span(), *scan.pixels);
  if (fragments.size() < 2) throw Error("pixels_broken"_code, {{"detail", "no compressed data"}});
  const std::vector<std::size_t> starts =
      frame_starts(fragments, static_cast<std::size_t>(format.frames));
  const auto index = static_cast<std::size_t>(frame);
  const std::size_t begin = starts.at(index);
  const std::size_t end = index + 1 < starts.size() ? starts[index + 1] : fragments.size();
  if (end == begin + 1) return {fragments[begin], std::make_shared<Bytes>(scan.data)};
  ByteBuffer buffer;
  for (std::size_t i = begin; i < end; ++i) {
    const std::span<std::uint8_t> room = buffer.reserve(fragments[i].size());
    std::copy(fragments[i].begin(), fragments[i].end(), room.begin());
    buffer.commit(fragments[i].size());
  }
  return buffer.release();
}

}  // namespace

PixelFormat read_pixel_format(const DicomItem& item) {
  PixelFormat f;
  f.rows = item.integer(0x00280010, Vr::us).value_or(0);
  f.columns = item.integer(0x00280011, Vr::us).value_or(0);
  f.frames = std::max(1, item.integer(0x00280008).value_or(1));
  f.samples = item.integer(0x00280002, Vr::us).value_or(1);
  f.bits_allocated = item.integer(0x00280100, Vr::us).value_or(16);
  f.bits_stored = item.integer(0x00280101, Vr::us).value_or(f.bits_allocated);
  f.high_bit = item.integer(0x00280102, Vr::us).value_or(f.bits_stored - 1);
  f.is_signed = item.integer(0x00280103, Vr::us).value_or(0) == 1;
  f.planar = item.integer(0x00280006, Vr::us).value_or(0) == 1;
  f.photometric = item.text(0x00280004);
  f.padding = item.integer(0x00280120, f.is_signed ? Vr::ss : Vr::us);
  f.padding_limit = item.integer(0x00280121, f.is_signed ? Vr::ss : Vr::us);
  if (f.rows <= 0 || f.columns <= 0) unsupported("no rows or columns");
  if (f.bits_allocated != 8 && f.bits_allocated != 16 && f.bits_allocated != 32)
    unsupported(std::to_string(f.bits_allocated) + " bits a sample");
  if (f.bits_stored < 1 || f.bits_stored > f.bits_allocated) f.bits_stored = f.bits_allocated;
  if (f.high_bit < f.bits_stored - 1 || f.high_bit >= f.bits_allocated)
    f.high_bit = f.bits_stored - 1;
  if (f.samples != 1 && f.samples != 3) unsupported(std::to_string(f.samples) + " samples a pixel");
  return f;
}

Bytes decode_frame(const DicomScan& scan, PixelFormat& format, int frame) {
  if (!scan.pixels || scan.pixels->tag != kPixelData) unsupported("no integer PixelData");
  if (frame < 0 || frame >= format.frames)
    throw Error("internal"_code, {{"detail", "frame number out of range"}});
  if (!scan.pixels->undefined_length) return native_frame(scan, format, frame);
  const Bytes packed = compressed_frame(scan, format, frame);
  const std::string& syntax = scan.transfer_syntax_uid;
  if (syntax == "1.2.840.10008.1.2.4.90" || syntax == "1.2.840.10008.1.2.4.91")
    return decode_jpeg2000(packed.span(), format);
  return decode_dcmtk(packed.span(), syntax, format);
}

bool is_lossy_syntax(const std::string& uid) {
  constexpr std::string_view kLossy[] = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51",
                                         "1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55",
                                         "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91"};
  return std::find(std::begin(kLossy), std::end(kLossy), uid) != std::end(kLossy);
}

}  // namespace thorax::intake

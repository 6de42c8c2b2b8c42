#include "intake/dicom_codec.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmdata/dcvrcs.h>
#include <dcmtk/dcmdata/dcvrus.h>
#include <dcmtk/dcmjpeg/djcparam.h>
#include <dcmtk/dcmjpeg/djdeclol.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/error.h"
#include "intake/child_text.h"

namespace thorax::intake {
namespace {

struct FrameHeader {
  int precision = 0, rows = 0, columns = 0, components = 0;
};

/// Start-of-frame segment of JPEG (ITU-T T.81 B.2.2) or JPEG-LS (T.87 C.2.2); nullopt when the
/// stream has none.
std::optional<FrameHeader> read_frame_header(std::span<const std::uint8_t> d) {
  for (std::size_t i = 2; i + 9 < d.size();) {
    if (d[i] != 0xFF) return std::nullopt;
    const std::uint8_t marker = d[i + 1];
    if (marker == 0xFF) {
      ++i;
      continue;
    }
    const bool is_frame =
        (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) ||
        marker == 0xF7;
    if (is_frame)
      return FrameHeader{d[i + 4], d[i + 5] << 8 | d[i + 6], d[i + 7] << 8 | d[i + 8], d[i + 9]};
    i += 2 + static_cast<std::size_t>(d[i + 2] << 8 | d[i + 3]);
  }
  return std::nullopt;
}

[[noreturn]] void broken(const std::string& detail) {
  throw Error("pixels_broken"_code, {{"detail", detail}});
}

void check_frame_header(std::span<const std::uint8_t> frame, PixelFormat& format) {
  const std::optional<FrameHeader> header = read_frame_header(frame);
  if (!header) broken("no frame header");
  if (header->rows != format.rows || header->columns != format.columns ||
      header->components != format.samples)
    broken("its size is not that of the DICOM header");
  // DCMTK writes as many bytes as the stream's precision needs, whatever BitsAllocated says.
  if (header->precision > 8 && format.bits_allocated == 8) broken("it has more than 8 bits");
  if (header->precision <= 8 && format.bits_allocated > 8) {
    format.bits_allocated = 8;
    format.bits_stored = std::min(format.bits_stored, 8);
    format.high_bit = format.bits_stored - 1;
  }
}

/// The header of an RLE frame (PS3.5 G.5): the number of segments, then fifteen offsets, little
/// endian. DCMTK reads from wherever an offset points, so it has to point into the frame.
void check_rle_header(std::span<const std::uint8_t> frame, const PixelFormat& format) {
  constexpr std::size_t kHeaderBytes = 64;
  if (frame.size() < kHeaderBytes) broken("no RLE header");
  const auto value = [&](std::size_t i) {
    std::uint32_t bytes = 0;
    for (std::size_t k = 4; k-- > 0;) bytes = bytes << 8 | frame[4 * i + k];
    return bytes;
  };
  const auto segments =
      static_cast<std::uint32_t>(format.samples * ((format.bits_allocated + 7) / 8));
  if (segments > 15 || value(0) != segments)
    broken("its number of RLE segments does not fit the pixels");
  std::size_t before = kHeaderBytes;
  for (std::size_t i = 1; i <= segments; ++i) {
    if (value(i) < before || value(i) > frame.size())
      broken("an RLE segment lies outside the frame");
    before = value(i);
  }
}

void put(DcmItem& item, Uint16 element, Uint16 value) {
  auto owned = std::make_unique<DcmUnsignedShort>(DcmTag(0x0028, element, DcmVR(EVR_US)));
  owned->putUint16(value, 0);
  if (item.insert(owned.get(), OFTrue).good()) (void)owned.release();
}

/// What DCMTK's decoders ask the data set for.
void describe(const PixelFormat& format, DcmItem& item) {
  put(item, 0x0002, static_cast<Uint16>(format.samples));
  put(item, 0x0006, format.planar ? 1 : 0);
  put(item, 0x0010, static_cast<Uint16>(format.rows));
  put(item, 0x0011, static_cast<Uint16>(format.columns));
  put(item, 0x0100, static_cast<Uint16>(format.bits_allocated));
  put(item, 0x0101, static_cast<Uint16>(format.bits_stored));
  put(item, 0x0102, static_cast<Uint16>(format.high_bit));
  put(item, 0x0103, format.is_signed ? 1 : 0);
  auto photometric = std::make_unique<DcmCodeString>(DcmTag(0x0028, 0x0004, DcmVR(EVR_CS)));
  photometric->putOFStringArray(format.photometric);
  if (item.insert(photometric.get(), OFTrue).good()) (void)photometric.release();
}

std::unique_ptr<DcmPixelSequence> make_sequence(std::span<const std::uint8_t> frame) {
  auto sequence = std::make_unique<DcmPixelSequence>(DCM_PixelSequenceTag);
  for (const std::span<const std::uint8_t> bytes : {std::span<const std::uint8_t>(), frame}) {
    auto item = std::make_unique<DcmPixelItem>(DCM_PixelItemTag);
    if (!bytes.empty()) item->putUint8Array(bytes.data(), static_cast<unsigned long>(bytes.size()));
    if (sequence->insert(item.get()).good()) (void)item.release();
  }
  return sequence;
}

/// Selection value of the predictor in the first scan header (T.81 B.2.3); 0 when there is none.
int predictor(std::span<const std::uint8_t> d) {
  for (std::size_t i = 2; i + 7 < d.size() && d[i] == 0xFF;) {
    if (d[i + 1] == 0xDA) return d[std::min<std::size_t>(i + 5 + 2u * d[i + 4], d.size() - 1)];
    i += 2 + static_cast<std::size_t>(d[i + 2] << 8 | d[i + 3]);
  }
  return 0;
}

/// Sum of the differences between neighbours: small for images, huge for noise.
double roughness(std::span<const std::uint8_t> samples) {
  double sum = 0;
  for (std::size_t i = 0; i + 3 < samples.size(); i += 2) {
    const auto at = [&](std::size_t k) {
      return static_cast<std::int16_t>(samples[k] | samples[k + 1] << 8);
    };
    sum += std::abs(at(i + 2) - at(i));
  }
  return sum;
}

/// 16-bit lossless JPEG with predictor 6: some encoders let Ra - Rc overflow 16 bits, and nothing
/// in the stream says so. Both readings are tried; the wrong one is noise from the first overflow
/// on.
void decode_predictor6(std::span<const std::uint8_t> frame, DcmItem& item,
                       std::span<std::uint8_t> out) {
  std::optional<double> best;
  std::vector<std::uint8_t> attempt(out.size());
  for (const OFBool overflow : {OFFalse, OFTrue}) {
    const DJCodecParameter settings(ECC_lossyYCbCr, EDC_photometricInterpretation, EUC_default,
                                    EPC_default, overflow);
    const std::unique_ptr<DcmPixelSequence> sequence = make_sequence(frame);
    OFString colour;
    Uint32 fragment = 0;
    const OFCondition result = DJDecoderLossless().decodeFrame(
        nullptr, sequence.get(), &settings, &item, 0, fragment, attempt.data(),
        static_cast<Uint32>(attempt.size()), colour);
    if (result.bad()) broken(clean_utf8(result.text()));
    const double rough = roughness(attempt);
    if (best && *best <= rough) continue;
    best = rough;
    std::copy(attempt.begin(), attempt.end(), out.begin());
  }
}

}  // namespace

void register_codecs() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    DcmRLEDecoderRegistration::registerCodecs();
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
  });
}

Bytes decode_dcmtk(std::span<const std::uint8_t> frame, const std::string& uid,
                   PixelFormat& format) {
  register_codecs();
  const E_TransferSyntax syntax = DcmXfer(uid.c_str()).getXfer();
  const bool known = syntax == EXS_RLELossless ||
                     (syntax >= EXS_JPEGProcess1 && syntax <= EXS_JPEGProcess14SV1) ||
                     syntax == EXS_JPEGLSLossless || syntax == EXS_JPEGLSLossy;
  if (!known) throw Error("unsupported_syntax"_code, {{"syntax", clean_utf8(uid)}});
  if (syntax == EXS_RLELossless)
    check_rle_header(frame, format);
  else
    check_frame_header(frame, format);

  DcmItem item;
  describe(format, item);
  ByteBuffer buffer;
  const std::size_t size = format.frame_bytes() + format.frame_bytes() % 2;
  const std::span<std::uint8_t> room = buffer.reserve(size);
  if (syntax == EXS_JPEGProcess14 && format.bits_allocated == 16 && predictor(frame) == 6) {
    decode_predictor6(frame, item, room);
    buffer.commit(format.frame_bytes());
    return buffer.release();
  }
  DcmPixelData pixels(DcmTag(0x7FE0, 0x0010, DcmVR(EVR_OW)));
  pixels.putOriginalRepresentation(syntax, nullptr, make_sequence(frame).release());
  OFString colour;
  Uint32 fragment = 0;
  const OFCondition result = pixels.getUncompressedFrame(&item, 0, fragment, room.data(),
                                                         static_cast<Uint32>(room.size()), colour);
  if (result.bad()) {
    if (result == EC_MemoryExhausted) throw std::bad_alloc();
    broken(clean_utf8(result.text()));
  }
  buffer.commit(format.frame_bytes());
  if (format.samples == 3) {
    format.photometric.assign(colour.c_str(), colour.size());
    Uint16 planar = 0;
    if (item.findAndGetUint16(DcmTagKey(0x0028, 0x0006), planar).good())
      format.planar = planar == 1;
  }
  return buffer.release();
}

}  // namespace thorax::intake

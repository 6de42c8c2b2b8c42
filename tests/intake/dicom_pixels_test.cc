#include "intake/dicom_pixels.h"

#include <gtest/gtest.h>

#include "dicom_bytes.h"
#include "expect_code.h"
#include "intake/dicom_hounsfield.h"
#include "intake/dicom_image.h"

namespace thorax::intake {
namespace {

struct Converted {
  std::vector<std::int16_t> hu;
  std::vector<std::uint8_t> outside;
  std::optional<int> ignored_padding;
};

Converted hounsfield(const SmallSlice& slice, double slope, double intercept) {
  const DicomScan scan = scan_dicom(as_bytes(slice.file()), "a", {});
  PixelFormat format = read_pixel_format(DicomItem(scan, {}));
  const Bytes samples = decode_frame(scan, format, 0);
  const HounsfieldTable table(format, slope, intercept);
  Converted out{std::vector<std::int16_t>(format.pixels()),
                std::vector<std::uint8_t>(format.pixels()), table.ignored_padding()};
  table.convert(samples.span(), out.hu, out.outside);
  return out;
}

SmallSlice one_row(std::vector<int> values) {
  SmallSlice slice;
  slice.rows = 1;
  slice.columns = static_cast<int>(values.size());
  slice.pixels = samples16(values);
  return slice;
}

using Hu = std::vector<std::int16_t>;

TEST(DicomPixels, BitsAboveBitsStoredAreGarbage) {
  SmallSlice slice = one_row({0xF001, 0x0FFF, 0x1800, 0x07FF});
  slice.bits_stored = 12;
  EXPECT_EQ(hounsfield(slice, 1, 0).hu, (Hu{1, -1, kOutsideHu, 2047}));
  slice.is_signed = false;
  EXPECT_EQ(hounsfield(slice, 1, -1024).hu, (Hu{-1023, 3071, 1024, 1023}));
}

TEST(DicomPixels, HighBitShiftsTheValue) {
  SmallSlice slice = one_row({0x0010, 0x7FFF, 0x8000});
  slice.bits_stored = 12;
  slice.high_bit = 15;
  EXPECT_EQ(hounsfield(slice, 1, 0).hu, (Hu{1, 2047, kOutsideHu}));
}

TEST(DicomPixels, RescaleIsRoundedAndClampedOnce) {
  const SmallSlice slice = one_row({1, 3, -3, 32767});
  EXPECT_EQ(hounsfield(slice, 0.5, 0).hu, (Hu{1, 2, -2, 16384}));
  EXPECT_EQ(hounsfield(slice, 2, 10).hu, (Hu{12, 16, 4, 32767}));
}

TEST(DicomPixels, PaddingIsOutside) {
  SmallSlice slice = one_row({-1500, 40, -1501});
  slice.extra.ss(0x00280120, -1500);
  const Converted out = hounsfield(slice, 1, 0);
  EXPECT_EQ(out.hu, (Hu{kOutsideHu, 40, -1501}));
  EXPECT_EQ(out.outside, (std::vector<std::uint8_t>{1, 0, 0}));
}

TEST(DicomPixels, PaddingThatTissueHasIsIgnored) {
  SmallSlice slice = one_row({0, 40, -1000});
  slice.extra.ss(0x00280120, 0);
  const Converted out = hounsfield(slice, 1, 0);
  EXPECT_EQ(out.hu, (Hu{0, 40, -1000}));
  EXPECT_EQ(out.outside, (std::vector<std::uint8_t>{0, 0, 0}));
  EXPECT_EQ(out.ignored_padding, 0);
}

TEST(DicomPixels, ValuesFarBelowAirAreOutsideWithoutPadding) {
  const Converted out = hounsfield(one_row({-2000, -1999, -1000}), 1, 0);
  EXPECT_EQ(out.outside, (std::vector<std::uint8_t>{1, 0, 0}));
}

TEST(DicomPixels, EightBitsAndThirtyTwoBits) {
  SmallSlice slice = one_row({0});
  slice.columns = 2;
  slice.is_signed = false;
  slice.bits_allocated = slice.bits_stored = 8;
  slice.pixels = "\x01\xFF";
  EXPECT_EQ(hounsfield(slice, 10, 0).hu, (Hu{10, 2550}));
  slice.bits_allocated = slice.bits_stored = 32;
  slice.is_signed = true;
  slice.pixels = samples16({100, 0, -7, -1});
  EXPECT_EQ(hounsfield(slice, 1, 0).hu, (Hu{100, -7}));
}

TEST(DicomPixels, BigEndianIsTurned) {
  SmallSlice slice;
  slice.rows = 1;
  slice.columns = 2;
  slice.pixels = std::string("\x01\x02\xFF\xFE", 4);
  const std::string file = dicom_file(slice.data_set(true, true), "1.2.840.10008.1.2.2");
  const DicomScan scan = scan_dicom(as_bytes(file), "a", {});
  PixelFormat format = read_pixel_format(DicomItem(scan, {}));
  const Bytes samples = decode_frame(scan, format, 0);
  EXPECT_EQ(std::vector<std::uint8_t>(samples.data(), samples.data() + 4),
            (std::vector<std::uint8_t>{0x02, 0x01, 0xFE, 0xFF}));
}

TEST(DicomPixels, CutPixelsAreRefused) {
  SmallSlice slice;
  slice.pixels = "only some";
  expect_code("pixels_truncated"_code, [&] { hounsfield(slice, 1, 0); });
}

TEST(DicomPixels, UnreadableFormatsAreRefused) {
  SmallSlice slice;
  slice.bits_allocated = 64;
  slice.pixels = "1234";
  expect_code("unsupported_pixels"_code, [&] { hounsfield(slice, 1, 0); });
}

/// One fragment of compressed data, in a syntax.
DicomScan encapsulated(const std::string& syntax, const std::string& fragment) {
  const std::string set = SmallSlice().data_set();
  DicomBytes d;
  d.append(set.substr(0, set.size() - 32 - 12)).header(0x7FE00010, "OB", 0xFFFFFFFF);
  d.header(0xFFFEE000, "", 0);
  d.header(0xFFFEE000, "", static_cast<std::uint32_t>(fragment.size())).append(fragment);
  d.header(0xFFFEE0DD, "", 0);
  return scan_dicom(as_bytes(dicom_file(d.str(), syntax)), "a", {});
}

TEST(DicomPixels, SyntaxesWithoutADecoderAreNamed) {
  for (const char* syntax : {"1.2.840.10008.1.2.4.201",  // HTJ2K
                             "1.2.840.10008.1.2.4.100",  // MPEG-2
                             "1.2.3.4.5"}) {
    const DicomScan scan = encapsulated(syntax, "whatever");
    PixelFormat format = read_pixel_format(DicomItem(scan, {}));
    expect_code("unsupported_syntax"_code, [&] { decode_frame(scan, format, 0); });
  }
}

TEST(DicomPixels, DamagedCompressedPixelsAreRefused) {
  for (const char* syntax :
       {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80",
        "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.5"}) {
    SCOPED_TRACE(syntax);
    for (const std::string& fragment : {std::string("\xFF\xD8\xFF\xC3 nothing of the kind "),
                                        std::string("\xFF\x4F\xFF\x51  "), std::string(2, '\0')}) {
      const DicomScan scan = encapsulated(syntax, fragment);
      PixelFormat format = read_pixel_format(DicomItem(scan, {}));
      expect_code("pixels_broken"_code, [&] { decode_frame(scan, format, 0); });
    }
  }
}

// DCMTK trusts the offsets of an RLE frame; one far outside it used to be read.
TEST(DicomPixels, RleSegmentsOutsideTheFrameAreRefused) {
  const auto frame = [](std::uint64_t segments, std::uint64_t first, std::uint64_t second) {
    DicomBytes header;
    header.number(segments, 4).number(first, 4).number(second, 4).append(std::string(52, '\0'));
    return header.append("\xF1\x01\xF1\x02").str();  // sixteen times 1, sixteen times 2
  };
  const auto decode = [](const std::string& fragment) {
    const DicomScan scan = encapsulated("1.2.840.10008.1.2.5", fragment);
    PixelFormat format = read_pixel_format(DicomItem(scan, {}));
    return decode_frame(scan, format, 0);
  };
  const Bytes samples = decode(frame(2, 64, 66));
  EXPECT_EQ(samples.span()[0], 2);
  EXPECT_EQ(samples.span()[1], 1);
  for (const std::string& broken : {frame(2, 64, 0x144940), frame(2, 0xFFFFFFFF, 66),
                                    frame(2, 66, 64), frame(2, 60, 66), frame(3, 64, 66)})
    expect_code("pixels_broken"_code, [&] { decode(broken); });
}

std::vector<float> grey(const SmallSlice& slice) {
  const DicomScan scan = scan_dicom(as_bytes(slice.file()), "a", {});
  const DicomItem item(scan, {});
  PixelFormat format = read_pixel_format(item);
  const Bytes samples = decode_frame(scan, format, 0);
  std::vector<float> out(format.pixels());
  render_grey(samples.span(), format, read_grey_pipeline(item, format), out);
  return out;
}

TEST(DicomImage, WithoutAWindowTheValuesAreStretched) {
  EXPECT_EQ(grey(one_row({100, 200, 300})), (std::vector<float>{0, 127.5F, 255}));
}

TEST(DicomImage, Monochrome1IsTurnedSoThatBrightIsDense) {
  SmallSlice slice = one_row({100, 200, 300});
  slice.photometric = "MONOCHROME1";
  EXPECT_EQ(grey(slice), (std::vector<float>{255, 127.5F, 0}));
}

TEST(DicomImage, VoiLookUpTableIsApplied) {
  SmallSlice slice = one_row({9, 10, 11, 12, 99});
  DicomBytes item;
  DicomBytes descriptor, data;
  descriptor.number(3, 2).number(10, 2).number(8, 2);
  data.number(0, 2).number(51, 2).number(255, 2);
  item.raw(0x00283002, "US", descriptor.str()).raw(0x00283006, "US", data.str());
  slice.extra.header(0x00283010, "SQ", static_cast<std::uint32_t>(item.str().size() + 8));
  slice.extra.header(0xFFFEE000, "", static_cast<std::uint32_t>(item.str().size()));
  slice.extra.append(item.str());
  EXPECT_EQ(grey(slice), (std::vector<float>{0, 0, 51, 255, 255}));
}

}  // namespace
}  // namespace thorax::intake

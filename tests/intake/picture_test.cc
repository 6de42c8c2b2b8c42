#include "intake/picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jpeglib.h>
#include <png.h>
#include <cstdio>
#include <map>

#include "dicom_bytes.h"
#include "expect_code.h"
#include "intake/picture_exif.h"
#include "intake/source.h"
#include "test_files.h"

namespace thorax::intake {
namespace {

std::string png_of(int width, int height, int bits, int colour, const std::string& samples) {
  std::string out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep data, std::size_t size) {
        static_cast<std::string*>(png_get_io_ptr(p))->append(reinterpret_cast<char*>(data), size);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<unsigned>(width), static_cast<unsigned>(height), bits, colour,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  const std::size_t row = png_get_rowbytes(png, info);
  for (int y = 0; y < height; ++y)
    png_write_row(
        png, reinterpret_cast<png_const_bytep>(samples.data()) + static_cast<std::size_t>(y) * row);
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

std::string jpeg_of(int width, int height, int grey) {
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = static_cast<unsigned>(width);
  info.image_height = static_cast<unsigned>(height);
  info.input_components = 1;
  info.in_color_space = JCS_GRAYSCALE;
  jpeg_set_defaults(&info);
  jpeg_start_compress(&info, TRUE);
  std::vector<unsigned char> row(static_cast<std::size_t>(width), static_cast<unsigned char>(grey));
  for (int y = 0; y < height; ++y) {
    JSAMPROW start = row.data();
    jpeg_write_scanlines(&info, &start, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const std::string out(reinterpret_cast<char*>(data), size);
  std::free(data);
  return out;
}

std::vector<float> decoded(const std::string& file, Content kind, std::size_t count) {
  std::vector<float> out(count);
  decode_picture(as_bytes(file), kind, out);
  return out;
}

TEST(Picture, PngKeepsItsValues) {
  const std::string grey8 =
      png_of(2, 2, 8, PNG_COLOR_TYPE_GRAY, std::string("\x00\x10\x80\xff", 4));
  EXPECT_THAT(decoded(grey8, Content::png, 4), testing::ElementsAre(0, 16, 128, 255));
  const std::string grey16 =
      png_of(2, 1, 16, PNG_COLOR_TYPE_GRAY, std::string("\xff\xff\x01\x01", 4));
  EXPECT_THAT(decoded(grey16, Content::png, 2), testing::ElementsAre(255, 1));
  const std::string rgb = png_of(1, 1, 8, PNG_COLOR_TYPE_RGB, "\x01\x02\x03");
  EXPECT_THAT(decoded(rgb, Content::png, 3), testing::ElementsAre(1, 2, 3));
  const std::string alpha = png_of(1, 1, 8, PNG_COLOR_TYPE_GRAY_ALPHA, "\x07\xff");
  EXPECT_THAT(decoded(alpha, Content::png, 1), testing::ElementsAre(7));
}

TEST(Picture, BecomesAnXrayStudyOfItsOwn) {
  const TestFolder folder;
  folder.write("b.jpeg", jpeg_of(20, 10, 77));
  folder.write("a.png", png_of(2, 1, 8, PNG_COLOR_TYPE_GRAY, "\x05\x06"));
  Source source = Source::open(folder.path(), {});
  ASSERT_EQ(source.studies().size(), 2u);
  EXPECT_EQ(source.studies()[0].kind, StudyKind::xray);
  EXPECT_THAT(source.load_image(*source.studies()[0].chosen()).image.pixels,
              testing::ElementsAre(5, 6));
  const LoadedImage jpeg = source.load_image(*source.studies()[1].chosen());
  EXPECT_EQ(jpeg.image.height, 10);
  EXPECT_EQ(jpeg.image.width, 20);
  EXPECT_NEAR(jpeg.image.at(5, 5), 77, 1);
}

/// An APP1 segment that says how the camera was held (TIFF 6.0), big or little endian.
std::string exif(int orientation, bool big_endian) {
  DicomBytes tiff(true, big_endian);
  tiff.append(big_endian ? "MM" : "II").number(42, 2).number(8, 4).number(2, 2);
  tiff.number(0x010F, 2).number(2, 2).number(1, 4).number(0, 4);  // the maker
  tiff.number(0x0112, 2).number(3, 2).number(1, 4);
  tiff.number(static_cast<std::uint64_t>(orientation), 2).number(0, 2).number(0, 4);
  DicomBytes segment(true, true);
  segment.append("\xFF\xE1").number(2 + 6 + tiff.str().size(), 2);
  return segment.append(std::string("Exif\0\0", 6)).append(tiff.str()).str();
}

std::string with_exif(const std::string& jpeg, const std::string& segment) {
  return jpeg.substr(0, 2) + segment + jpeg.substr(2);
}

// EXIF 2.32, table of orientations, for the picture 1 2 3 / 4 5 6 as it should be seen.
TEST(Picture, EveryExifOrientationIsTurnedUpright) {
  const std::vector<float> seen = {1, 2, 3, 4, 5, 6};
  const std::map<int, std::vector<float>> stored = {
      {1, {1, 2, 3, 4, 5, 6}}, {2, {3, 2, 1, 6, 5, 4}}, {3, {6, 5, 4, 3, 2, 1}},
      {4, {4, 5, 6, 1, 2, 3}}, {5, {1, 4, 2, 5, 3, 6}}, {6, {3, 6, 2, 5, 1, 4}},
      {7, {6, 3, 5, 2, 4, 1}}, {8, {4, 1, 5, 2, 6, 3}}};
  for (const auto& [orientation, pixels] : stored) {
    std::vector<float> out(6);
    const int rows = swaps_sides(orientation) ? 3 : 2, columns = 6 / rows;
    const Placement place = upright(rows, columns, orientation);
    for (int y = 0; y < rows; ++y)
      for (int x = 0; x < columns; ++x)
        out.at(static_cast<std::size_t>(place.first + y * place.per_row + x * place.per_column)) =
            pixels.at(static_cast<std::size_t>(y * columns + x));
    EXPECT_EQ(out, seen) << orientation;
  }
}

TEST(Picture, AJpegIsTurnedAsItsExifSays) {
  for (const bool big_endian : {false, true}) {
    const std::string file = with_exif(jpeg_of(20, 10, 77), exif(6, big_endian));
    EXPECT_EQ(exif_orientation(as_bytes(file).span()), 6);
    const FileHeader header = read_picture_header(as_bytes(file), Content::jpeg, "a", {});
    EXPECT_EQ(header.instance.rows, 20);
    EXPECT_EQ(header.instance.columns, 10);
    EXPECT_NEAR(decoded(file, Content::jpeg, 200)[199], 77, 1);
  }
}

TEST(Picture, DamagedExifMeansUpright) {
  const std::string jpeg = jpeg_of(8, 8, 1);
  const std::string whole = with_exif(jpeg, exif(6, true));
  for (std::size_t size = 0; size < whole.size(); ++size)
    exif_orientation(as_bytes(whole.substr(0, size)).span());  // reads nothing beyond the end
  EXPECT_EQ(exif_orientation(as_bytes(jpeg).span()), 1);
  EXPECT_EQ(exif_orientation(as_bytes(with_exif(jpeg, exif(9, true))).span()), 1);
  std::string far_away = with_exif(jpeg, exif(6, true));
  far_away.replace(16, 4, "\xFF\xFF\xFF\xF0");  // where the directory is
  EXPECT_EQ(exif_orientation(as_bytes(far_away).span()), 1);
}

TEST(Picture, BesideDicomItIsSetAside) {
  const TestFolder folder;
  folder.write("a.dcm", SmallSlice().file());
  folder.write("b.jpg", jpeg_of(8, 8, 1));
  Source source = Source::open(folder.path(), {});
  ASSERT_EQ(source.studies().size(), 1u);
  ASSERT_EQ(source.studies()[0].set_aside.size(), 1u);
  EXPECT_EQ(source.studies()[0].set_aside[0].reason.code, "picture_beside_dicom"_code);
}

TEST(Picture, DamagedOnesAreRefused) {
  const std::string jpeg = jpeg_of(200, 200, 99);
  expect_code("picture_broken"_code,
              [&] { decoded(jpeg.substr(0, jpeg.size() - 40), Content::jpeg, 40'000); });
  const std::string png = png_of(2, 2, 8, PNG_COLOR_TYPE_GRAY, "abcd");
  expect_code("picture_broken"_code, [&] { decoded(png.substr(0, 45), Content::png, 4); });
  expect_code("picture_broken"_code,
              [&] { read_picture_header(as_bytes("\x89PNG"), Content::png, "a", {}); });
}

TEST(Picture, HugeOnesAreRefusedBeforeTheyAreDecoded) {
  const std::string wide = png_of(20'000, 1, 1, PNG_COLOR_TYPE_GRAY, std::string(2500, '\0'));
  expect_code("image_too_large"_code,
              [&] { read_picture_header(as_bytes(wide), Content::png, "a", {}); });
  Limits limits;
  limits.max_image_pixels = 2;
  const std::string colour = png_of(1, 1, 8, PNG_COLOR_TYPE_RGB, "abc");
  expect_code("image_too_large"_code,
              [&] { read_picture_header(as_bytes(colour), Content::png, "a", limits); });
  limits.max_image_pixels = 3;
  const std::string small = png_of(2, 2, 8, PNG_COLOR_TYPE_GRAY, "abcd");
  expect_code("image_too_large"_code,
              [&] { read_picture_header(as_bytes(small), Content::png, "a", limits); });
}

}  // namespace
}  // namespace thorax::intake

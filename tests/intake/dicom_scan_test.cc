#include "intake/dicom_scan.h"

#include <gtest/gtest.h>

#include "dicom_bytes.h"
#include "expect_code.h"
#include "intake/dicom_header.h"
#include "support/deflated.h"

namespace thorax::intake {
namespace {

FileHeader header_of(const std::string& file, const Limits& limits = {}) {
  const DicomScan scan = scan_dicom(as_bytes(file), "a.dcm", limits);
  auto what = read_dicom_header(scan, "a.dcm", limits);
  return std::get<FileHeader>(what);
}

std::string deflated(const std::string& plain) {
  return testing_support::deflated(plain, testing_support::Deflate::raw);
}

TEST(DicomScan, ReadsEveryWayOfWritingTheSameHeader) {
  const SmallSlice slice;
  const std::string explicit_set = slice.data_set(), implicit_set = slice.data_set(false);
  const std::string kImplicit = "1.2.840.10008.1.2", kDeflated = "1.2.840.10008.1.2.1.99";
  const std::vector<std::pair<const char*, std::string>> files = {
      {"explicit", dicom_file(explicit_set)},
      {"implicit", dicom_file(implicit_set, kImplicit)},
      {"big endian", dicom_file(slice.data_set(true, true), "1.2.840.10008.1.2.2")},
      {"deflated", dicom_file(deflated(explicit_set), kDeflated)},
      {"explicit, declared implicit", dicom_file(explicit_set, kImplicit)},
      {"implicit, declared explicit", dicom_file(implicit_set)},
      {"no preamble", dicom_file(explicit_set).substr(132)},
      {"no meta header", explicit_set},
      {"no meta header, implicit", implicit_set},
      {"one byte of padding in front", " " + explicit_set},
      {"padding before the preamble", std::string(512, '\0') + dicom_file(explicit_set)},
      {"an executable as preamble", "MZ" + dicom_file(explicit_set).substr(2)},
  };
  for (const auto& [name, file] : files) {
    SCOPED_TRACE(name);
    const FileHeader header = header_of(file);
    EXPECT_EQ(header.series.body_part, "CHEST");
    EXPECT_EQ(header.instance.rows, 4);
    EXPECT_EQ(header.instance.sop_instance_uid, "1.2.3.1");
    EXPECT_TRUE(header.instance.is_signed);
    ASSERT_TRUE(header.instance.pixel_spacing);
    EXPECT_EQ((*header.instance.pixel_spacing)[0], 1);
  }
}

TEST(DicomScan, RefusesWhatIsNoDicom) {
  for (const std::string& file :
       {std::string(), std::string("<xml/>"), std::string(100'000, '\0'), std::string(5000, 'x')})
    expect_code("not_an_image"_code, [&] { scan_dicom(as_bytes(file), "a", {}); });
}

TEST(DicomScan, RefusesLengthsBeyondTheFile) {
  const std::string file =
      dicom_file(DicomBytes().header(0x00080005, "UN", 0x7FFFFFFF).append("abc").str());
  expect_code("dicom_broken"_code, [&] { scan_dicom(as_bytes(file), "a", {}); });
}

TEST(DicomScan, RefusesCutHeaders) {
  const std::string file = SmallSlice().file();
  // Everything before the pixels: each cut ends in a header or in a coded error.
  for (std::size_t length = 132; length < file.size() - 44; ++length) {
    try {
      const DicomScan scan = scan_dicom(as_bytes(file.substr(0, length)), "a", {});
      EXPECT_FALSE(scan.pixels.has_value());
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "dicom_broken"_code) << length;
    }
  }
}

std::string nested(int depth) {
  DicomBytes d;
  d.text(0x00080005, "CS", "ISO_IR 100");
  for (int i = 0; i < depth; ++i)
    d.header(0x00081140, "SQ", 0xFFFFFFFF).header(0xFFFEE000, "", 0xFFFFFFFF);
  for (int i = 0; i < depth; ++i) d.header(0xFFFEE00D, "", 0).header(0xFFFEE0DD, "", 0);
  return dicom_file(d.str());
}

TEST(DicomScan, SequencesMayNestAsDeepAsTheLimit) {
  EXPECT_EQ(scan_dicom(as_bytes(nested(64)), "a", {}).elements.size(), 2u);
  expect_code("dicom_too_deep"_code, [] { scan_dicom(as_bytes(nested(65)), "a", {}); });
  expect_code("dicom_too_deep"_code, [] { scan_dicom(as_bytes(nested(200'000)), "a", {}); });
}

TEST(DicomScan, CountsElements) {
  DicomBytes d;
  for (std::uint32_t i = 0; i < 200; ++i) d.text(0x00090010 + i, "LO", "x");
  Limits limits;
  limits.max_elements = 200;
  EXPECT_EQ(scan_dicom(as_bytes(dicom_file(d.str())), "a", limits).elements.size(), 200u);
  limits.max_elements = 199;
  expect_code("dicom_too_many_elements"_code,
              [&] { scan_dicom(as_bytes(dicom_file(d.str())), "a", limits); });
}

TEST(DicomScan, DeflatedBombIsStopped) {
  DicomBytes d;
  d.raw(0x00091001, "OB", std::string(70 << 20, '\0'));
  const std::string file = dicom_file(deflated(d.str()), "1.2.840.10008.1.2.1.99");
  EXPECT_LT(file.size(), 100'000u);
  expect_code("ratio_too_high"_code, [&] { scan_dicom(as_bytes(file), "a", {}); });
}

TEST(DicomHeader, RefusesHugeImagesAndFrameCounts) {
  SmallSlice slice;
  slice.rows = slice.columns = 65535;
  slice.pixels = "12";
  expect_code("image_too_large"_code, [&] { header_of(slice.file()); });
  SmallSlice wide;
  wide.pixels = "12";
  wide.rows = 9000;
  wide.columns = 9000;
  expect_code("image_too_large"_code, [&] { header_of(wide.file()); });
  Limits limits;
  limits.max_side = 3;
  expect_code("image_too_large"_code, [&] { header_of(SmallSlice().file(), limits); });
  const std::string set = SmallSlice().data_set();
  const std::string frames = DicomBytes().text(0x00280008, "IS", "20001").str();
  const std::size_t at = set.find(DicomBytes().us(0x00280010, 4).str());
  expect_code("too_many_frames"_code,
              [&] { header_of(dicom_file(set.substr(0, at) + frames + set.substr(at))); });
}

TEST(DicomHeader, NamesComeInUtf8) {
  DicomBytes d;
  d.text(0x00080005, "CS", "ISO_IR 144");
  d.text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2");
  d.text(0x00100010, "PN", "\xB8\xD2\xD0\xDD\xDE\xD2^\xB8\xD2\xD0\xDD");
  d.text(0x00101010, "AS", "018M");
  d.us(0x00280010, 1).us(0x00280011, 1).us(0x00280100, 16).raw(0x7FE00010, "OW", "ab");
  const FileHeader header = header_of(dicom_file(d.str()));
  EXPECT_EQ(header.patient.name, "Иванов^Иван");
  EXPECT_EQ(header.patient.age_years, 1.5);
}

TEST(DicomHeader, AnAgeWithoutAUnitIsInYears) {
  DicomBytes d;
  d.text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.1");
  d.text(0x00101010, "AS", "62");
  d.us(0x00280010, 1).us(0x00280011, 1).us(0x00280100, 16).raw(0x7FE00010, "OW", "ab");
  EXPECT_EQ(header_of(dicom_file(d.str())).patient.age_years, 62);
}

TEST(DicomHeader, WrongValueRepresentationsAreReadByTheirMeaning) {
  DicomBytes d;
  d.text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2");
  d.text(0x00180050, "LO", "2,5");  // DS with a decimal comma
  d.text(0x00280010, "IS", "7");
  d.raw(0x00280011, "UN", std::string("\x09\x00", 2));
  d.us(0x00280100, 16).raw(0x7FE00010, "OW", "ab");
  const FileHeader header = header_of(dicom_file(d.str()));
  EXPECT_EQ(header.instance.slice_thickness, 2.5);
  EXPECT_EQ(header.instance.rows, 7);
  EXPECT_EQ(header.instance.columns, 9);
}

TEST(DicomHeader, ObjectsWithoutAnImageAreSetAside) {
  const auto reason = [](const std::string& sop_class) {
    DicomBytes d;
    d.text(0x00080016, "UI", sop_class).us(0x00280010, 1).us(0x00280011, 1);
    d.raw(0x7FE00010, "OW", "ab");
    const DicomScan scan = scan_dicom(as_bytes(dicom_file(d.str())), "a", {});
    return std::get<Notice>(read_dicom_header(scan, "a", {})).code;
  };
  EXPECT_EQ(reason("1.2.840.10008.5.1.4.1.1.88.11"), "not_an_image_object"_code);  // SR
  EXPECT_EQ(reason("1.2.840.10008.5.1.4.1.1.66.4"), "not_an_image_object"_code);   // SEG
  EXPECT_EQ(reason("1.2.840.10008.5.1.4.1.1.481.3"), "not_an_image_object"_code);  // RTSTRUCT
  EXPECT_EQ(reason("1.2.840.10008.5.1.4.1.1.11.1"), "not_an_image_object"_code);   // GSPS
  EXPECT_EQ(reason("1.2.840.10008.1.3.10"), "media_index"_code);                   // DICOMDIR
}

}  // namespace
}  // namespace thorax::intake

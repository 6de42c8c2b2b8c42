// Whatever a file holds, the program ends soon, in little memory, with a result or a code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nifti/nifti1.h>
#include <zlib.h>

#include <cstring>

#include "cli/run_thorax.h"
#include "intake/dicom_bytes.h"
#include "intake/shared_data.h"
#include "intake/test_files.h"
#include "support/deflated.h"

namespace thorax {
namespace {

using intake::dicom_file;
using intake::DicomBytes;
using intake::pack;
using intake::Packer;
using intake::SmallSlice;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using testing_support::Deflate;
using testing_support::deflated;

// Processor time rather than time on the wall, which depends on what else runs. The kernel counts
// the program and its decoding process together for time, the larger of the two for memory.
constexpr double kCpuSeconds = 5;
constexpr std::uint64_t kMemoryBytes = 512ull << 20;

void expect_a_quick_end(const std::filesystem::path& input) {
  SCOPED_TRACE(input.filename().string());
  const testing_support::TemporaryFolder out;
  const testing_support::Ended run =
      testing_support::run_thorax({"analyze", input.string(), "-o", (out / "report").string()});
  EXPECT_LT(run.cpu_seconds, kCpuSeconds);
  EXPECT_LT(run.peak_bytes, kMemoryBytes) << run.peak_bytes / (1 << 20) << " MiB";
  EXPECT_THAT(run.exit_code, AnyOf(0, 10, 11, 64, 65, 66)) << run.err;
  EXPECT_THAT(run.out + run.err,
              Not(AnyOf(HasSubstr("INTERNAL"), HasSubstr("DECODER_"), HasSubstr("OUT_OF_MEMORY"))));
  testing::Test::RecordProperty(
      input.filename().string(),
      std::to_string(run.cpu_seconds) + " s, " + std::to_string(run.peak_bytes >> 20) + " MiB");
}

std::string zeros(std::size_t mebibytes) {
  return std::string(mebibytes << 20, '\0');
}

std::string nifti_of(short columns, short rows, short slices, const std::string& voxels) {
  nifti_1_header h{};
  h.sizeof_hdr = 348;
  const short dim[8] = {3, columns, rows, slices, 1, 1, 1, 1};
  std::memcpy(h.dim, dim, sizeof dim);
  h.datatype = DT_FLOAT64;
  h.bitpix = 64;
  for (float& size : h.pixdim) size = 1;
  h.vox_offset = 352;
  h.sform_code = 1;
  h.srow_x[0] = h.srow_y[1] = h.srow_z[2] = 1;
  std::memcpy(h.magic, "n+1", 4);
  return std::string(reinterpret_cast<const char*>(&h), sizeof h) + std::string(4, '\0') + voxels;
}

std::string png_chunk(const std::string& type, const std::string& data) {
  DicomBytes bytes(true, true);
  const std::string named = type + data;
  bytes.number(data.size(), 4).append(named);
  bytes.number(
      crc32(0, reinterpret_cast<const Bytef*>(named.data()), static_cast<uInt>(named.size())), 4);
  return bytes.str();
}

/// A black picture of 8 bits a channel.
std::string black_png(std::uint32_t width, std::uint32_t height, int channels) {
  DicomBytes header(true, true);
  header.number(width, 4).number(height, 4).number(8, 1).number(channels == 3 ? 2 : 0, 1);
  header.number(0, 3);
  const std::size_t bytes = (std::size_t{width} * static_cast<std::size_t>(channels) + 1) * height;
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header.str()) +
         png_chunk("IDAT", deflated(std::string(bytes, '\0'), Deflate::zlib)) +
         png_chunk("IEND", "");
}

std::string nested_sequences(int depth) {
  DicomBytes d;
  for (int i = 0; i < depth; ++i) {
    d.header(0x00081140, "SQ", 0xFFFFFFFF);
    d.header(0xFFFEE000, "  ", 0xFFFFFFFF);
  }
  return dicom_file(d.str());
}

std::string many_elements(int count) {
  DicomBytes d;
  for (int i = 0; i < count; ++i) d.us(0x00090000u + static_cast<std::uint32_t>(i), 1);
  return dicom_file(d.str());
}

/// A slice whose header promises `frames` images of `side` x `side`.
std::string promises(int side, const std::string& frames) {
  SmallSlice slice;
  slice.rows = slice.columns = side;
  slice.extra.text(0x00280008, "IS", frames);
  slice.pixels = "12";
  return slice.file();
}

std::string boast(std::uint32_t length) {
  DicomBytes d;
  d.text(0x00080060, "CS", "CT").header(0x00091001, "OB", length);
  return dicom_file(d.str());
}

class Hostile : public testing::Test {
 protected:
  void expect_quick(const std::string& name, const std::string& bytes) {
    expect_a_quick_end(folder_.write(name, bytes));
  }
  testing_support::TemporaryFolder folder_;
};

TEST_F(Hostile, ArchiveBombs) {
  SmallSlice slice;
  slice.pixels = zeros(80);
  const std::string inner = pack(Packer::zip, {{"a.dcm", slice.file()}});
  expect_quick("one.zip", inner);
  std::vector<intake::Packed> copies;
  for (int i = 0; i < 30; ++i) copies.push_back({std::to_string(i) + ".zip", inner});
  expect_quick("thirty.zip", pack(Packer::zip, copies));
  expect_quick("zeros.tgz", pack(Packer::tar_gz, {{"zeros.bin", zeros(80)}}));
  std::string onion = pack(Packer::zip, {{"a.dcm", SmallSlice().file()}});
  for (int i = 0; i < 40; ++i) onion = pack(Packer::zip, {{"in.zip", onion}});
  expect_quick("onion.zip", onion);
  std::vector<intake::Packed> many;
  for (int i = 0; i < 100'001; ++i) many.push_back({std::to_string(i), ""});
  expect_quick("many.zip", pack(Packer::zip, many));
}

TEST_F(Hostile, DicomBombs) {
  DicomBytes d;
  d.raw(0x00091001, "OB", zeros(80));
  expect_quick("deflated.dcm",
               dicom_file(deflated(d.str(), Deflate::raw), "1.2.840.10008.1.2.1.99"));
  expect_quick("deep.dcm", nested_sequences(200'000));
  expect_quick("elements.dcm", many_elements(1'000'000));
  expect_quick("large.dcm", promises(65'535, "1"));
  expect_quick("frames.dcm", promises(512, "20000"));
  expect_quick("billions.dcm", promises(512, "2147483647"));
  expect_quick("length.dcm", boast(0xFFFFFFF0));
  expect_quick("endless.dcm", boast(0xFFFFFFFF));
}

TEST_F(Hostile, NiftiBombs) {
  expect_quick("zeros.nii.gz", deflated(nifti_of(512, 512, 300, zeros(80)), Deflate::gzip));
  expect_quick("promise.nii", nifti_of(16'000, 4'000, 20'000, "12"));
  expect_quick("promise.nii.gz", deflated(nifti_of(16'000, 4'000, 20'000, "12"), Deflate::gzip));
}

TEST_F(Hostile, PictureBombs) {
  expect_quick("grey.png", black_png(8'000, 7'900, 1));
  expect_quick("colour.png", black_png(8'000, 7'900, 3));
  expect_quick("wide.png", black_png(60'000, 60, 1));
}

TEST(HostileFiles, TheCollectionBesideTheProject) {
  THORAX_NEEDS_SHARED("dicom-edge");
  for (const auto& entry :
       std::filesystem::directory_iterator(intake::shared_data() / "dicom-edge"))
    expect_a_quick_end(entry.path());
}

}  // namespace
}  // namespace thorax

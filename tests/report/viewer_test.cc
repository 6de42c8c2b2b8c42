// What the viewer of the service's page opens.
#include <gtest/gtest.h>
#include <nifti/nifti1.h>
#include <zlib.h>

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/parallel.h"
#include "report/pictures.h"
#include "report/write.h"
#include "sample_result.h"
#include "support/temporary_folder.h"

namespace thorax::report {
namespace {

using nlohmann::json;
using testing_support::TemporaryFolder;
using Bytes = std::vector<std::uint8_t>;

volume::CtVolume small_volume() {
  volume::CtVolume hu({{5, 6, 7}, {0.8, 0.7, 2.5}, {-30, -20, 100}});
  for (std::size_t i = 0; i < hu.size(); ++i)
    hu[i] = static_cast<std::int16_t>(i * 37 % 3000) - 1024;
  return hu;
}

/// Inflates; `window` as inflateInit2 takes it. Fails the test when the stream does not end.
Bytes inflated(const Bytes& in, int window) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, window), Z_OK);
  Bytes out(1 << 16);
  stream.next_in = const_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(SlicedNiftiTest, TheWholeIsANiftiOfHounsfieldUnits) {
  const volume::CtVolume hu = small_volume();
  const SlicedNifti file = encode_sliced_nifti(hu);
  const Bytes bytes = inflated(file.bytes, 15 + 16);  // checks the sum and the length too
  ASSERT_EQ(bytes.size(), 352 + 2 * hu.size());
  nifti_1_header h;
  std::memcpy(&h, bytes.data(), sizeof h);
  EXPECT_EQ(h.datatype, DT_INT16);
  EXPECT_EQ(std::vector(h.dim, h.dim + 4), (std::vector<short>{3, 7, 6, 5}));
  EXPECT_FLOAT_EQ(h.srow_x[0], -0.8f);
  EXPECT_FLOAT_EQ(h.srow_x[3], 30);
  EXPECT_FLOAT_EQ(h.srow_z[2], 2.5f);
  EXPECT_EQ(std::memcmp(bytes.data() + 352, hu.data(), 2 * hu.size()), 0);
}

TEST(SlicedNiftiTest, EachSliceIsReadAlone) {
  const volume::CtVolume hu = small_volume();
  const SlicedNifti file = encode_sliced_nifti(hu);
  ASSERT_EQ(file.ends.size(), 5u);
  for (std::size_t z = 0; z < file.ends.size(); ++z) {
    const auto place = [&](std::uint64_t at) {
      return file.bytes.begin() + static_cast<std::ptrdiff_t>(at);
    };
    Bytes piece(place(z == 0 ? file.first : file.ends[z - 1]), place(file.ends[z]));
    piece.insert(piece.end(), {3, 0});
    const Bytes bytes = inflated(piece, -15);
    const auto slice = hu.slice(static_cast<int>(z));
    ASSERT_EQ(bytes.size(), slice.size_bytes());
    EXPECT_EQ(std::memcmp(bytes.data(), slice.data(), bytes.size()), 0) << z;
  }
}

TEST(SlicedNiftiTest, TheNumberOfThreadsDoesNotMatter) {
  const int before = thread_count();
  set_thread_count(1);
  const SlicedNifti one = encode_sliced_nifti(small_volume());
  set_thread_count(4);
  const SlicedNifti four = encode_sliced_nifti(small_volume());
  set_thread_count(before);
  EXPECT_EQ(one.bytes, four.bytes);
  EXPECT_EQ(one.ends, four.ends);
}

TEST(ViewFiles, ACtIsDescribedWithItsMasks) {
  const TemporaryFolder folder;
  const volume::CtVolume hu = small_volume();
  volume::Labels labels(hu.grid());
  labels[3] = 7;
  OutputOptions options;
  options.folder = folder / "study";
  options.write_view = true;
  const StudyResult written = write_study(
      sample_result(), {&labels, &labels, nullptr}, options,
      {&hu, {{1, {"", "", {"left lung", "левое лёгкое"}}, {}, {}}}, {meaning_of(7, Mark::nodule)}});
  const json view = json::parse(read_file(options.folder / "view.json"));
  EXPECT_EQ(view["kind"], "ct");
  EXPECT_EQ(view["volume"]["shape_zyx"], json({5, 6, 7}));
  EXPECT_EQ(view["volume"]["spacing_mm_zyx"], json({2.5, 0.7, 0.8}));
  EXPECT_EQ(view["volume"]["origin_mm_xyz"], json({-30, -20, 100}));
  EXPECT_EQ(view["volume"]["bytes"], std::filesystem::file_size(options.folder / "volume.nii.gz"));
  ASSERT_EQ(view["masks"].size(), 2u);
  EXPECT_EQ(view["masks"][0]["file"], "findings.nii.gz");
  const json& nodule = view["masks"][0]["labels"][0];
  EXPECT_EQ(nodule["value"], 7);
  EXPECT_EQ(nodule["name"]["ru"], "очаг");
  EXPECT_EQ(nodule["findings"], json({"Lung nodule"}));
  EXPECT_EQ(nodule["window"], "lung");
  EXPECT_EQ(view["masks"][1]["labels"][0]["colour"], nullptr);
  for (const json& mask : view["masks"])
    EXPECT_TRUE(std::filesystem::exists(options.folder / mask["file"].get<std::string>()));
  EXPECT_EQ(written.files.back().name, "view.json");
}

TEST(ViewFiles, ARadiographAndItsHeatLieApart) {
  const TemporaryFolder folder;
  volume::Image image;
  image.height = image.width = 16;
  for (int i = 0; i < 256; ++i) image.pixels.push_back(static_cast<float>(i));
  StudyResult result = sample_result();
  OutputOptions options;
  options.folder = folder / "study";
  options.write_view = true;
  for (const bool heat : {false, true}) {
    result.pictures = draw_xray_pictures(
        image, "PA", {},
        heat ? std::optional(HeatLayer{2, 2, {0, 1, 2, 3}, 0, 0, 16, 16}) : std::nullopt);
    write_study(result, {}, options);
    const json view = json::parse(read_file(options.folder / "view.json"));
    EXPECT_EQ(view["kind"], "xray");
    EXPECT_EQ(view["width"], 16);
    EXPECT_TRUE(std::filesystem::exists(options.folder / view["picture"].get<std::string>()));
    EXPECT_EQ(view["overlay"].is_null(), !heat);
    if (heat) {
      EXPECT_TRUE(std::filesystem::exists(options.folder / view["overlay"].get<std::string>()));
    }
  }
}

TEST(ViewFiles, WhereNothingWasReadThereIsNothingToSee) {
  const TemporaryFolder folder;
  OutputOptions options;
  options.folder = folder / "study";
  options.write_view = true;
  write_study(sample_result(), {}, options);
  EXPECT_FALSE(std::filesystem::exists(options.folder / "view.json"));
}

}  // namespace
}  // namespace thorax::report

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dicom_bytes.h"
#include "expect_code.h"
#include "intake/source.h"
#include "test_files.h"

namespace thorax::intake {
namespace {

std::string slice_at(int z) {
  SmallSlice slice;
  slice.position = "0\\0\\" + std::to_string(z);
  slice.uid = "1.2.3.1." + std::to_string(z + 1);
  slice.pixels = samples16(std::vector<int>(16, 10 * z));
  return slice.file();
}

std::vector<Packed> three_slices() {
  return {{"study/a", slice_at(2)}, {"study/b.dcm", slice_at(0)}, {"study/c", slice_at(1)}};
}

std::size_t instances(Source& source) {
  std::size_t count = 0;
  for (const Study& study : source.studies())
    for (const Series& series : study.series) count += series.instances.size();
  return count;
}

std::vector<std::string> reasons(Source& source) {
  std::vector<std::string> ids;
  for (const Study& study : source.studies())
    for (const SetAside& aside : study.set_aside) ids.push_back(aside.reason.id());
  return ids;
}

TEST(Archive, EveryKindGivesTheSameVolumeAsTheFolder) {
  const TestFolder folder;
  for (const Packed& m : three_slices()) folder.write("folder/" + m.name, m.bytes);
  folder.write("a.zip", pack(Packer::zip, three_slices()));
  folder.write("a.tar", pack(Packer::tar, three_slices()));
  folder.write("a.tar.gz", pack(Packer::tar_gz, three_slices()));
  folder.write("a.tgz", pack(Packer::tar_gz, three_slices()));
  folder.write("nested.zip",
               pack(Packer::zip, {{"x/in.tgz", pack(Packer::tar_gz, three_slices())}}));
  std::string hash;
  for (const char* name : {"folder", "a.zip", "a.tar", "a.tar.gz", "a.tgz", "nested.zip"}) {
    SCOPED_TRACE(name);
    Source source = Source::open(folder.path() / name, {});
    ASSERT_EQ(source.studies().size(), 1u);
    ASSERT_EQ(source.studies()[0].series.size(), 1u);
    const Series& series = source.studies()[0].series[0];
    const LoadedVolume ct = source.load_volume(series);
    ASSERT_EQ(ct.hu.shape(), (volume::Shape{3, 4, 4}));
    for (int z = 0; z < 3; ++z) EXPECT_EQ(ct.hu(z, 1, 1), 10 * z);
    if (hash.empty()) hash = source.content_hash(series);
    EXPECT_EQ(source.content_hash(series), hash);
  }
}

TEST(Archive, WhatIsNotKeptInMemoryIsReadAgain) {
  const TestFolder folder;
  const auto zip = folder.write(
      "a.zip",
      pack(Packer::zip, {{"in.zip", pack(Packer::zip, three_slices())}, {"z", slice_at(3)}}));
  Limits limits;
  limits.spool_bytes = 0;
  Source source = Source::open(zip, limits);
  const LoadedVolume ct = source.load_volume(source.studies().at(0).series.at(0));
  ASSERT_EQ(ct.hu.shape().z, 4);
  for (int z = 0; z < 4; ++z) EXPECT_EQ(ct.hu(z, 0, 0), 10 * z);
}

TEST(Archive, MembersThatLeadOutAreRefusedAndTheRestIsRead) {
  const TestFolder folder;
  auto members = three_slices();
  members.push_back({"../up.dcm", slice_at(7)});
  members.push_back({"a/../../up.dcm", slice_at(7)});
  members.push_back({"/etc/absolute.dcm", slice_at(7)});
  members.push_back({"link", "", AE_IFLNK, "/etc/passwd"});
  members.push_back({"hard", "", AE_IFREG, "study/a"});
  members.push_back({"device", "", AE_IFCHR});
  members.push_back({"pipe", "", AE_IFIFO});
  Source source = Source::open(folder.write("a.tar", pack(Packer::tar, members)), {});
  EXPECT_EQ(instances(source), 3u);
  EXPECT_THAT(reasons(source), testing::Each("MEMBER_REFUSED"));
  EXPECT_EQ(reasons(source).size(), 7u);
}

TEST(Archive, DeeperNestingIsRefused) {
  const TestFolder folder;
  const std::string in = pack(Packer::zip, three_slices());
  const std::string middle = pack(Packer::zip, {{"in.zip", in}});
  const auto outer =
      folder.write("o.zip", pack(Packer::zip, {{"m.zip", middle}, {"a.dcm", slice_at(0)}}));
  Source source = Source::open(outer, {});
  EXPECT_EQ(instances(source), 1u);
  EXPECT_THAT(reasons(source), testing::ElementsAre("ARCHIVE_TOO_DEEP"));
}

TEST(Archive, LimitsOfASource) {
  const TestFolder folder;
  const auto zip = folder.write("a.zip", pack(Packer::zip, three_slices()));
  const auto refused = [&](Code code, auto change) {
    Limits limits;
    change(limits);
    expect_code(code, [&] { Source::open(zip, limits); });
  };
  refused("too_many_entries"_code, [](Limits& l) { l.max_entries = 2; });
  refused("name_too_long"_code, [&](Limits& l) { l.max_name_length = 3; });
  refused("input_too_large"_code, [](Limits& l) { l.max_total_bytes = 1000; });
  refused("entry_too_large"_code, [](Limits& l) { l.max_entry_bytes = 500; });
  Limits pixels;
  pixels.max_pixels = 47;
  Source source = Source::open(zip, pixels);
  expect_code("too_many_pixels"_code,
              [&] { source.load_volume(source.studies().at(0).series.at(0)); });
}

TEST(Archive, ABombIsStopped) {
  const TestFolder folder;
  SmallSlice slice;
  slice.pixels = std::string(80 << 20, '\0');
  const auto zip = folder.write("bomb.zip", pack(Packer::zip, {{"a.dcm", slice.file()}}));
  EXPECT_LT(std::filesystem::file_size(zip), 200'000u);
  expect_code("ratio_too_high"_code, [&] { Source::open(zip, {}); });
}

TEST(Archive, MembersThatAreNoImagesAreNotEvenUnpacked) {
  const TestFolder folder;
  auto members = three_slices();
  members.push_back({"zeros.bin", std::string(80 << 20, '\0')});
  Source source = Source::open(folder.write("a.zip", pack(Packer::zip, members)), {});
  EXPECT_EQ(instances(source), 3u);
  EXPECT_THAT(reasons(source), testing::ElementsAre("NOT_AN_IMAGE"));
}

TEST(Archive, ABombThatIsNotLookedAtIsStoppedAsWell) {
  const TestFolder folder;
  const auto tgz =
      folder.write("a.tgz", pack(Packer::tar_gz, {{"zeros.bin", std::string(80 << 20, '\0')}}));
  expect_code("ratio_too_high"_code, [&] { Source::open(tgz, {}); });
}

TEST(Archive, EncryptedOnesAreNamed) {
  const TestFolder folder;
  const auto zip =
      folder.write("a.zip", pack(Packer::zip, three_slices(), "zip:encryption=traditional"));
  expect_code("archive_encrypted"_code, [&] { Source::open(zip, {}); });
}

TEST(Archive, ADamagedOneGivesNothingOfItself) {
  const TestFolder folder;
  std::vector<Packed> members;
  for (int z = 0; z < 40; ++z) members.push_back({std::to_string(z), slice_at(z)});
  const std::string tgz = pack(Packer::tar_gz, members);
  const auto cut = folder.write("cut.tgz", tgz.substr(0, tgz.size() / 2));
  expect_code("archive_broken"_code, [&] { Source::open(cut, {}); });
  folder.write("whole.zip", pack(Packer::zip, three_slices()));
  Source source = Source::open(folder.path(), {});
  EXPECT_EQ(instances(source), 3u);
  EXPECT_THAT(reasons(source), testing::ElementsAre("ARCHIVE_BROKEN"));
}

TEST(Archive, FoldersKeepLinksAndPipesAside) {
  const TestFolder folder;
  for (const Packed& m : three_slices()) folder.write(m.name, m.bytes);
  std::filesystem::create_symlink("/etc/passwd", folder.path() / "link");
  std::filesystem::create_directory_symlink(folder.path(), folder.path() / "loop");
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  Source source = Source::open(folder.path(), {});
  EXPECT_EQ(instances(source), 3u);
  EXPECT_THAT(reasons(source), testing::UnorderedElementsAre("LINK_NOT_FOLLOWED",
                                                             "LINK_NOT_FOLLOWED", "SPECIAL_FILE"));
}

}  // namespace
}  // namespace thorax::intake

// What a source still gives when some of its entries kill the decoding child. The entries named
// "deadly-..." do so by the probe of tests/support/main.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dicom_bytes.h"
#include "expect_code.h"
#include "intake/source.h"
#include "test_files.h"

namespace thorax::intake {
namespace {

using testing::ElementsAre;
using testing::Pair;

/// Reasons of the files set aside, with their paths, over all studies.
std::vector<std::pair<std::string, std::string>> aside(Source& source) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Study& study : source.studies())
    for (const SetAside& file : study.set_aside) out.emplace_back(file.path, file.reason.id());
  return out;
}

std::size_t instances(Source& source) {
  std::size_t count = 0;
  for (const Study& study : source.studies())
    for (const Series& series : study.series) count += series.instances.size();
  return count;
}

/// A slice like no other.
std::string slice_file(const std::string& study = "1.2.3") {
  static int number = 0;
  SmallSlice slice;
  slice.study = study;
  slice.uid = study + ".1." + std::to_string(++number);
  slice.position = "0\\0\\" + std::to_string(number);
  return slice.file();
}

TEST(Restart, AnEntryThatKillsTheChildCostsItselfOnly) {
  const TestFolder folder;
  for (const char* name : {"a.dcm", "b-deadly-crash.dcm", "c.dcm", "d-deadly-cpu.dcm", "e.dcm"})
    folder.write(name, slice_file());
  Source source = Source::open(folder.path(), {});
  EXPECT_EQ(source.entries().size(), 5u);
  EXPECT_EQ(instances(source), 3u);
  EXPECT_THAT(aside(source), ElementsAre(Pair("b-deadly-crash.dcm", "DECODER_DIED"),
                                         Pair("d-deadly-cpu.dcm", "DECODER_TIMEOUT")));
  const SetAside& file = source.studies().at(0).set_aside.at(0);
  EXPECT_EQ(file.reason.args.at("path"), file.path);
  EXPECT_FALSE(source.load_image(source.studies().at(0).series.at(0)).image.pixels.empty());
}

TEST(Restart, TheSameInsideArchives) {
  const TestFolder folder;
  const std::string inner =
      pack(Packer::zip, {{"x.dcm", slice_file()}, {"y-deadly-crash.dcm", slice_file()}});
  folder.write("a.zip", pack(Packer::zip, {{"1.dcm", slice_file()},
                                           {"2-deadly-crash.dcm", slice_file()},
                                           {"3.dcm", slice_file()},
                                           {"4.zip", inner}}));
  folder.write("b.dcm", slice_file());
  Source source = Source::open(folder.path(), {});
  EXPECT_EQ(instances(source), 4u);
  EXPECT_THAT(aside(source), ElementsAre(Pair("a.zip/2-deadly-crash.dcm", "DECODER_DIED"),
                                         Pair("a.zip/4.zip/y-deadly-crash.dcm", "DECODER_DIED")));
}

TEST(Restart, AnEntryThatHangsIsGivenUp) {
  const TestFolder folder;
  folder.write("a.dcm", slice_file());
  folder.write("b-deadly-hang.dcm", slice_file());
  Limits limits;
  limits.entry_timeout_seconds = 1;
  Source source = Source::open(folder.path(), limits);
  EXPECT_EQ(instances(source), 1u);
  EXPECT_THAT(aside(source), ElementsAre(Pair("b-deadly-hang.dcm", "DECODER_TIMEOUT")));
}

TEST(Restart, OfEntriesReadSideBySideOnlyTheGuiltyAreGivenUp) {
  const TestFolder folder;
  std::vector<std::pair<std::string, std::string>> guilty;
  for (int i = 10; i < 50; ++i) {
    const bool hangs = i == 13 || i == 34;
    const std::string name = std::to_string(i) + (hangs ? "-deadly-hang.dcm" : ".dcm");
    folder.write(name, slice_file());
    if (hangs) guilty.emplace_back(name, "DECODER_TIMEOUT");
  }
  Limits limits;
  limits.entry_timeout_seconds = 1;
  Source source = Source::open(folder.path(), limits);
  EXPECT_EQ(instances(source), 38u);
  EXPECT_EQ(aside(source), guilty);
}

TEST(Restart, AnEntryThatNeedsTooMuchMemoryCostsItselfOnly) {
  const TestFolder folder;
  folder.write("a.dcm", slice_file());
  folder.write("b-deadly-memory.dcm", slice_file());
  folder.write("c.zip",
               pack(Packer::zip, {{"d-deadly-memory.dcm", slice_file()}, {"e.dcm", slice_file()}}));
  Source source = Source::open(folder.path(), {});
  EXPECT_EQ(instances(source), 2u);
  EXPECT_THAT(aside(source),
              ElementsAre(Pair("b-deadly-memory.dcm", "DECODER_OUT_OF_MEMORY"),
                          Pair("c.zip/d-deadly-memory.dcm", "DECODER_OUT_OF_MEMORY")));
}

TEST(Restart, TooManyDeathsEndTheSource) {
  const TestFolder folder;
  std::vector<Packed> members;
  for (const char* name : {"1-deadly-crash", "2-deadly-crash", "3-deadly-crash", "4"})
    members.push_back({name, slice_file()});
  const auto zip = folder.write("a.zip", pack(Packer::zip, members));
  Limits limits;
  limits.max_child_restarts = 3;
  Source source = Source::open(zip, limits);
  EXPECT_EQ(instances(source), 1u);
  limits.max_child_restarts = 2;
  expect_code("decoder_died"_code, [&] { Source::open(zip, limits); });
}

TEST(Restart, PixelsThatKillTheChildCostOneRequest) {
  const TestFolder folder;
  folder.write("a-deadly-pixels.dcm", slice_file());
  folder.write("b.dcm", slice_file("1.2.99"));
  Limits limits;
  limits.max_child_restarts = 1;
  Source source = Source::open(folder.path(), limits);
  ASSERT_EQ(source.studies().size(), 2u);
  const Series& deadly = source.studies().at(0).series.at(0);
  const Series& sound = source.studies().at(1).series.at(0);
  expect_code("decoder_died"_code, [&] { source.load_image(deadly); });
  EXPECT_FALSE(source.load_image(sound).image.pixels.empty());
  EXPECT_EQ(source.content_hash(sound).size(), 64u);
  expect_code("decoder_died"_code, [&] { source.load_image(deadly); });
  expect_code("decoder_died"_code, [&] { source.load_image(sound); });
}

}  // namespace
}  // namespace thorax::intake

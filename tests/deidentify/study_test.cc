// Whole studies.
#include "deidentify/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/error.h"
#include "base/hash.h"
#include "intake/archive.h"
#include "intake/shared_data.h"
#include "support/temporary_folder.h"

namespace thorax::deidentify {
namespace {

namespace fs = std::filesystem;
using testing::MatchesRegex;
using testing_support::TemporaryFolder;

/// Names in a zip.
std::vector<std::string> names(const fs::path& zip) {
  intake::Budget budget({}, "zip");
  intake::ArchiveReader reader(zip.string(), fs::file_size(zip), intake::Content::zip, "zip",
                               budget);
  std::vector<std::string> out;
  while (const auto member = reader.next()) out.push_back(member->name);
  return out;
}

TEST(ExportTest, WhatIsNoStudyIsRefusedByCode) {
  const TemporaryFolder folder;
  const auto code = [&](const fs::path& input) {
    try {
      export_study(input, folder / "out.zip", "key", Dates::remove, {});
    } catch (const Error& error) {
      return error.notice().id();
    }
    return std::string("none");
  };
  EXPECT_EQ(code(folder / "nowhere"), "NO_SUCH_INPUT");
  EXPECT_EQ(code(folder.write("a.txt", "words")), "NOTHING_TO_READ");
  EXPECT_EQ(code(folder.write("a.zip", "PK\x03\x04 and no more")), "ARCHIVE_BROKEN");
  EXPECT_FALSE(fs::exists(folder / "out.zip")) << "half a zip is none";
}

TEST(ExportTest, ARealStudyGoesOutWholeAndTheSameEveryTime) {
  THORAX_NEEDS_SHARED("ct/Lung_Dx-A0001.zip");
  const fs::path study = intake::shared_data() / "ct/Lung_Dx-A0001.zip";
  const TemporaryFolder folder;
  const Exported done = export_study(study, folder / "a.zip", "key", Dates::remove, {});
  EXPECT_GT(done.images, 50);
  EXPECT_EQ(done.unreadable, 0);
  const std::vector<std::string> files = names(folder / "a.zip");
  EXPECT_EQ(static_cast<int>(files.size()), done.images);
  std::set<std::string> series;
  for (const std::string& file : files) {
    EXPECT_THAT(file, MatchesRegex("P-[0-9a-f]{12}/study-1/series-[12]/[0-9]{6}\\.dcm"));
    series.insert(file.substr(0, file.rfind('/')));
  }
  EXPECT_EQ(series.size(), 2u);
  export_study(study, folder / "b.zip", "key", Dates::remove, {});
  EXPECT_EQ(sha256_file(folder / "a.zip"), sha256_file(folder / "b.zip"));
}

}  // namespace
}  // namespace thorax::deidentify

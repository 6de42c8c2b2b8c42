#include "weights/model_archive.h"

#include <gmock/gmock.h>
#include <zip.h>

#include <fstream>
#include <map>

#include "base/error.h"
#include "support/temporary_folder.h"

namespace thorax::weights {
namespace {

namespace fs = std::filesystem;

class ModelArchiveTest : public testing::Test {
 protected:
  fs::path zipped(const std::map<std::string, std::string>& files) {
    const fs::path path = folder / "model.zip";
    int problem = 0;
    zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &problem);
    for (const auto& [name, content] : files)
      zip_file_add(archive, name.c_str(),
                   zip_source_buffer(archive, content.data(), content.size(), 0), 0);
    EXPECT_EQ(zip_close(archive), 0);
    return path;
  }
  std::vector<std::string> names(const fs::path& zip, std::uint64_t max_bytes = 1000) {
    std::vector<std::string> names;
    fs::create_directories(folder / "out");
    for (const fs::path& file : unpack_model(zip, folder / "out", max_bytes)) {
      EXPECT_EQ(file.parent_path(), folder / "out");
      names.push_back(file.filename().string());
    }
    return names;
  }
  std::string refusal(const fs::path& zip, std::uint64_t max_bytes = 1000) {
    try {
      names(zip, max_bytes);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "bad_weights"_code);
      return error.notice().args.at("detail");
    }
    return "";
  }

  testing_support::TemporaryFolder folder;
};

TEST_F(ModelArchiveTest, FilesOfOneFolderLieSideBySide) {
  EXPECT_THAT(names(zipped({{"net/model.json", "{}"},
                            {"net/weights.safetensors", "w"},
                            {"__MACOSX/net/._model.json", "x"},
                            {"net/.DS_Store", "x"}})),
              testing::ElementsAre("model.json", "weights.safetensors"));
}

TEST_F(ModelArchiveTest, NoNameLeadsOutOfTheFolder) {
  EXPECT_THAT(names(zipped({{"../../escaped.json", "{}"}})), testing::ElementsAre("escaped.json"));
  EXPECT_FALSE(fs::exists(folder / "escaped.json"));
  EXPECT_EQ(refusal(zipped({{"a/model.json", "{}"}, {"b/model.json", "{}"}})),
            "files in several folders");
}

TEST_F(ModelArchiveTest, MoreThanItMayHoldIsRefused) {
  const fs::path zip = zipped({{"zeros", std::string(100'000, '\0')}});
  EXPECT_LT(fs::file_size(zip), 1000u);
  EXPECT_EQ(refusal(zip, 99'999), "it holds more than 99999 bytes");
  EXPECT_EQ(refusal(zip, 100'000), "");
  std::map<std::string, std::string> many;
  for (int i = 0; i < 65; ++i) many[std::to_string(i)] = "x";
  EXPECT_EQ(refusal(zipped(many)), "more than 64 files");
}

TEST_F(ModelArchiveTest, WhatIsNoZipIsRefused) {
  EXPECT_EQ(refusal(folder.write("no.zip", "no zip")), "no zip, or a damaged one");
}

}  // namespace
}  // namespace thorax::weights

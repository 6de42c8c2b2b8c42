#include "base/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "support/code_of.h"
#include "support/temporary_folder.h"

namespace thorax {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

struct Options {
  Language language = Language::en;
  int slices = 5;
  double low = 0.45;
  std::uint64_t memory = 6ull << 30;
  std::uint64_t entries = 100;
  bool masks = false;
  std::string folder;
};

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    settings.add_choice("language", options.language, {"Language", "Язык"},
                        {{"en", Language::en}, {"ru", Language::ru}});
    settings.add("room.slices", options.slices, {"Slices", "Срезы"}, 1, 100);
    settings.add("room.deep.low", options.low, {"Lower bound", "Нижняя граница"}, 0.0, 1.0);
    settings.add_bytes("room.memory", options.memory, {"Memory", "Память"});
    settings.add("room.entries", options.entries, {"Files", "Файлы"}, 1, 1000);
    settings.add("output.masks", options.masks, {"Write masks", "Записывать маски"});
    settings.add("output.folder", options.folder, {"Folder", "Папка"});
  }

  Notice refusal(const std::string& word) {
    try {
      settings.apply(word);
    } catch (const Error& error) {
      return error.notice();
    }
    ADD_FAILURE() << word << " was accepted";
    return {"internal"_code, {}};
  }

  void load(const std::string& yaml) {
    const testing_support::TemporaryFolder folder;
    settings.load_file(folder.write("settings.yaml", yaml));
  }

  Options options;
  Settings settings;
};

TEST_F(SettingsTest, OverridesReachTheirVariables) {
  for (const char* word : {"language=ru", "room.slices=7", "room.deep.low=0.25", "room.memory=2GiB",
                           "room.entries=9", "output.masks=true", "output.folder=a=b"})
    settings.apply(word);
  EXPECT_EQ(options.language, Language::ru);
  EXPECT_EQ(options.slices, 7);
  EXPECT_EQ(options.low, 0.25);
  EXPECT_EQ(options.memory, 2ull << 30);
  EXPECT_EQ(options.entries, 9u);
  EXPECT_TRUE(options.masks);
  EXPECT_EQ(options.folder, "a=b");
}

TEST_F(SettingsTest, UnknownKeysNameTheNearestOne) {
  const Notice notice = refusal("room.slics=7");
  EXPECT_EQ(notice.code, "unknown_setting"_code);
  EXPECT_EQ(notice.args.at("suggestion"), "room.slices");
  EXPECT_EQ(refusal("slices=7").args.at("suggestion"), "room.slices");
  EXPECT_EQ(refusal("output.mask=true").args.at("suggestion"), "output.masks");
}

TEST_F(SettingsTest, WrongTypesAndValuesOutOfBoundsAreRefused) {
  for (const char* word :
       {"room.slices=many", "room.slices=0", "room.slices=101", "room.slices=5.5",
        "room.slices=", "room.slices", "room.deep.low=nan", "room.deep.low=1.01", "room.memory=6GB",
        "room.memory=99999999999TiB", "room.entries=-1", "output.masks=yes", "language=fr"}) {
    SCOPED_TRACE(word);
    EXPECT_EQ(refusal(word).code, "bad_option"_code);
  }
  EXPECT_EQ(refusal("room.slices=0").args.at("hint"), "1 … 100");
  EXPECT_EQ(refusal("language=fr").args.at("hint"), "en | ru");
  EXPECT_THAT(settings.changed(), IsEmpty());
}

TEST_F(SettingsTest, YamlMapsBecomeDottedKeys) {
  load("language: ru\nroom:\n  slices: 8\n  deep: {low: 0.5}\nroom.entries: 12\n");
  EXPECT_THAT(settings.changed(),
              ElementsAre(Pair("language", "ru"), Pair("room.slices", "8"),
                          Pair("room.deep.low", "0.5"), Pair("room.entries", "12")));
}

TEST_F(SettingsTest, BadFilesAreRefusedWithAReason) {
  const auto code = [&](const std::string& yaml) {
    return testing_support::code_of([&] { load(yaml); });
  };
  EXPECT_EQ(code("room: {slices: [1, 2]}"), "bad_option"_code);
  EXPECT_EQ(code("room: {slices: }"), "bad_option"_code);
  EXPECT_EQ(code("room: {slice: 3}"), "unknown_setting"_code);
  EXPECT_EQ(code("just a sentence"), "unknown_setting"_code);
  EXPECT_EQ(code("room: {slices: 3"), "bad_settings_file"_code);
  EXPECT_THROW(settings.load_file("/no/such/file.yaml"), Error);
  EXPECT_NO_THROW(load("# nothing but a comment\n"));
}

TEST_F(SettingsTest, ThePrintedFileLoadsBackToTheSameValues) {
  settings.apply("output.folder=it's: a 'folder'");
  settings.apply("room.deep.low=0.1");
  const auto before = settings.changed();
  const std::string printed = settings.to_yaml(Language::en);
  load(printed);
  EXPECT_EQ(settings.changed(), before);
  EXPECT_EQ(settings.to_yaml(Language::en), printed);
}

TEST_F(SettingsTest, AFileExtendsAnotherOneBesideIt) {
  const testing_support::TemporaryFolder folder;
  folder.write("shared/base.yaml", "room:\n  slices: 7\n  deep: {low: 0.25}\nlanguage: ru\n");
  const auto path = folder.write("own.yaml", "room: {slices: 8}\nextends: shared/base.yaml\n");
  settings.load_file(path);
  EXPECT_EQ(options.slices, 8) << "its own values win, wherever they stand";
  EXPECT_EQ(options.low, 0.25);
  EXPECT_EQ(options.language, Language::ru);
  folder.write("circle.yaml", "extends: circle.yaml\n");
  try {
    settings.load_file(folder / "circle.yaml");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "bad_settings_file"_code);
  }
}

TEST_F(SettingsTest, KeysReachIntoTextsThatAreJsonObjects) {
  options.folder = R"({"hidden": [16], "deep": {"rate": 1}})";
  load("output:\n  folder:\n    hidden: [256, 128]\n    name: gelu\n    deep: {rate: 0.5}\n");
  settings.apply("output.folder.dropout=0.2");
  EXPECT_EQ(options.folder,
            R"({"deep":{"rate":0.5},"dropout":0.2,"hidden":[256,128],"name":"gelu"})");
  options.folder = "a folder";
  EXPECT_EQ(refusal("output.folder.dropout=0.2").code, "unknown_setting"_code);
}

TEST_F(SettingsTest, EverySettingIsExplainedInBothLanguages) {
  EXPECT_EQ(settings.to_yaml(Language::en).substr(0, 36),
            "# Language [en | ru]\nlanguage: en\n\nr");
  EXPECT_THAT(settings.to_yaml(Language::en),
              HasSubstr("room:\n  # Slices [1 … 100]\n  slices: 5\n  deep:\n    # Lower bound"));
  EXPECT_THAT(settings.to_yaml(Language::ru), HasSubstr("# Срезы [1 … 100]"));
  EXPECT_THAT(settings.to_yaml(Language::ru), HasSubstr("memory: 6GiB"));
}

TEST(IsOverride, TellsSettingsFromPaths) {
  EXPECT_TRUE(Settings::is_override("intake.max_entries=5"));
  EXPECT_TRUE(Settings::is_override("jobs="));
  EXPECT_FALSE(Settings::is_override("study.zip"));
  EXPECT_FALSE(Settings::is_override("=5"));
  EXPECT_FALSE(Settings::is_override("/data/a=b.zip"));
  EXPECT_FALSE(Settings::is_override("Study A=1"));
}

}  // namespace
}  // namespace thorax

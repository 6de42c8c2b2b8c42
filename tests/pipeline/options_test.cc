#include "pipeline/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>

#include "base/error.h"
#include "base/notice.h"
#include "pipeline/models.h"
#include "support/temporary_folder.h"

namespace thorax::pipeline {
namespace {

using testing::Contains;
using testing::HasSubstr;

TEST(Options, EveryRoomsSettingsAreRegistered) {
  Options options;
  Settings settings;
  add_settings(settings, options);
  settings.apply("intake.max_entries=7");
  settings.apply("verdict.band_high=0.6");
  EXPECT_EQ(options.intake.max_entries, 7u);
  EXPECT_EQ(options.verdict.band_high, 0.6);
}

// A message that tells people to raise a limit has to name a setting that exists.
TEST(Options, SettingsThatMessagesNameExist) {
  Options options;
  Settings settings;
  add_settings(settings, options);
  const std::regex name(R"((intake|verdict|batch|output|models)\.[a-z_]+)");
  int named = 0;
  for (const CatalogueEntry& entry : catalogue())
    for (const std::string& text : {entry.todo.en, entry.todo.ru})
      for (std::sregex_iterator it(text.begin(), text.end(), name), end; it != end; ++it, ++named)
        EXPECT_THAT(settings.keys(), Contains(it->str())) << entry.id;
  RecordProperty("settings_named", named);
}

TEST(Options, ABandThatEndsBeforeItBeginsIsRefused) {
  Options options;
  options.verdict = {0.6, 0.5};
  EXPECT_THROW(check(options), Error);
  options.verdict = {0.5, 0.5};
  EXPECT_NO_THROW(check(options));
}

TEST(Models, AreFoundAboveTheProgramInASourceTree) {
  EXPECT_TRUE(std::filesystem::equivalent(
      find_model_folder({}, "ct-quantitative"),
      std::filesystem::path(THORAX_SOURCE_DIR) / "models/ct-quantitative"));
}

TEST(Models, AMissingOneSaysWhereItWasLookedFor) {
  const testing_support::TemporaryFolder folder;
  ModelOptions options;
  options.folder = folder.path().string();
  options.ct = "ct-nowhere";
  try {
    load_models(options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "no_models"_code);
    EXPECT_THAT(error.notice().what(Language::en), HasSubstr(options.folder));
  }
}

TEST(Models, AFolderThatIsNotThereIsRefused) {
  ModelOptions options;
  options.folder = "/no/such/models";
  EXPECT_THROW(load_models(options), Error);
}

TEST(Models, TheVariableNamesTheFolder) {
  const testing_support::TemporaryFolder folder;
  folder.write("ct-quantitative/model.json", "{}");
  setenv("THORAX_MODELS", folder.path().c_str(), 1);
  EXPECT_EQ(find_model_folder({}, "ct-quantitative"), folder.path() / "ct-quantitative");
  unsetenv("THORAX_MODELS");
}

}  // namespace
}  // namespace thorax::pipeline

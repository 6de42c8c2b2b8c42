#include "base/notice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"

namespace thorax {
namespace {

TEST(Notice, FillsItsArgumentsInBothLanguages) {
  const Notice notice{"no_such_input"_code, {{"path", "a.zip"}}};
  EXPECT_EQ(notice.what(Language::en), "a.zip does not exist or cannot be read.");
  EXPECT_THAT(notice.what(Language::ru), testing::HasSubstr("a.zip не существует"));
  EXPECT_EQ(notice.id(), "NO_SUCH_INPUT");
}

TEST(Notice, WritesDecimalsAsTheLanguageDoes) {
  const Notice notice{"tilt_corrected"_code, {{"degrees", "12.5"}}};
  EXPECT_THAT(notice.what(Language::en), testing::HasSubstr("12.5°"));
  EXPECT_THAT(notice.what(Language::ru), testing::HasSubstr("12,5°"));
  // No numbers: addresses, UIDs, what the user typed.
  EXPECT_THAT((Notice{"trust_missing"_code, {{"value", "2.5"}}}).what(Language::ru),
              testing::HasSubstr("2,5 %"));
  EXPECT_THAT((Notice{"bad_option"_code, {{"option", "x"}, {"value", "1.5"}}}).what(Language::ru),
              testing::HasSubstr("1.5"));
  EXPECT_THAT((Notice{"no_such_input"_code, {{"path", "1.5"}}}).what(Language::ru),
              testing::HasSubstr("1.5 "));
  EXPECT_THAT((Notice{"not_a_chest"_code, {{"why", "1.2.840"}}}).what(Language::ru),
              testing::HasSubstr("1.2.840"));
}

TEST(Notice, NamesKindsOfObjectsInTheLanguage) {
  const Notice one{"not_an_image_object"_code, {{"path", "a"}, {"what", "structured report"}}};
  EXPECT_THAT(one.what(Language::en), testing::HasSubstr("structured report"));
  EXPECT_THAT(one.what(Language::ru), testing::HasSubstr("структурированный отчёт"));
  const Notice all{"nothing_to_read"_code,
                   {{"path", "template.zip"}, {"found", "DICOM: waveform (2), *.txt (1)"}}};
  EXPECT_THAT(all.what(Language::ru), testing::HasSubstr("DICOM: кривая (ЭКГ и подобное) (2)"));
  EXPECT_THAT(all.what(Language::ru), testing::HasSubstr("template.zip"));
}

TEST(Notice, EveryEntryIsCompleteAndUnique) {
  std::set<std::string> ids;
  for (const CatalogueEntry& entry : catalogue()) {
    SCOPED_TRACE(entry.id);
    EXPECT_TRUE(ids.insert(entry.id).second);
    EXPECT_EQ(parse_code(entry.id), entry.code);
    for (const Text& text : {entry.what, entry.todo}) {
      EXPECT_FALSE(text.en.empty());
      EXPECT_FALSE(text.ru.empty());
    }
    if (entry.severity == Severity::error) {
      EXPECT_GT(entry.exit_code, 0);
    }
  }
}

TEST(Error, CarriesItsNotice) {
  try {
    throw Error("not_a_chest"_code, {{"why", "KNEE"}});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "not_a_chest"_code);
    EXPECT_STREQ(error.what(), "NOT_A_CHEST: This is not a chest study: its header says \"KNEE\".");
  }
}

}  // namespace
}  // namespace thorax

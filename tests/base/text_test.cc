#include "base/text.h"

#include <gtest/gtest.h>

#include "base/notice.h"

namespace thorax {
namespace {

TEST(Text, CountsNounsByTheRules) {
  const auto nodes = [](long n) { return plural_ru(n, "узел", "узла", "узлов"); };
  for (const long n : {1, 21, 101, 1001}) EXPECT_EQ(nodes(n), "узел") << n;
  for (const long n : {2, 3, 4, 22, 104}) EXPECT_EQ(nodes(n), "узла") << n;
  for (const long n : {0, 5, 10, 11, 12, 13, 14, 20, 25, 111, 112})
    EXPECT_EQ(nodes(n), "узлов") << n;
  EXPECT_EQ(plural_en(1, "node", "nodes"), "node");
  for (const long n : {0, 2, 11, 21}) EXPECT_EQ(plural_en(n, "node", "nodes"), "nodes") << n;
}

TEST(Text, NoticesCountTheirNouns) {
  const auto said = [](Code code, const char* n, Language language) {
    return Notice{code,
                  {{"count", n}, {"minimum", "10"}, {"path", "a"}, {"frames", n}, {"limit", "1"}}}
        .what(language);
  };
  EXPECT_EQ(said("series_too_few"_code, "1", Language::en),
            "1 slice only; a chest volume needs at least 10.");
  EXPECT_EQ(said("series_too_few"_code, "2", Language::en),
            "2 slices only; a chest volume needs at least 10.");
  EXPECT_EQ(said("too_many_frames"_code, "22", Language::ru), "В a 22 кадра, это больше 1.");
  EXPECT_EQ(said("too_many_frames"_code, "11", Language::ru), "В a 11 кадров, это больше 1.");
  EXPECT_EQ(Notice("series_too_few"_code).what(Language::en),
            "? slices only; a chest volume needs at least ?.");
}

TEST(Text, NoSentenceHasABrokenPlaceholder) {
  for (const CatalogueEntry& entry : catalogue())
    for (const Language language : {Language::en, Language::ru})
      for (const std::string& text :
           {Notice{entry.code, {}}.what(language), Notice{entry.code, {}}.todo(language)})
        EXPECT_EQ(text.find_first_of("{|}"), std::string::npos) << text;
}

}  // namespace
}  // namespace thorax

#include "report/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "report/html_charts.h"
#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/phrases.h"
#include "report/png.h"
#include "sample_result.h"

namespace thorax::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t occurrences(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
    ++count;
  return count;
}

/// Names of elements that were opened but not closed, or closed but not open.
std::vector<std::string> unbalanced(const std::string& html) {
  static const std::regex tag(R"(<(/?)([a-z0-9]+)(?:\s[^<>]*?)?(/?)>)");
  std::vector<std::string> open{"html"}, bad;
  const std::string body = html.substr(html.find("<body>"));
  for (std::sregex_iterator it(body.begin(), body.end(), tag), end; it != end; ++it) {
    const std::string name = (*it)[2];
    if (name == "input" || name == "img" || name == "br" || (*it)[3] == "/") continue;
    if ((*it)[1] != "/") {
      open.push_back(name);
    } else if (!open.empty() && open.back() == name) {
      open.pop_back();
    } else {
      bad.push_back("/" + name);
    }
  }
  bad.insert(bad.end(), open.begin(), open.end());
  return bad;
}

Picture picture(PictureRole role, int group, const std::string& window, int side = 8) {
  Picture p;
  p.name = "key-" + std::to_string(group) + "-" + window;
  p.role = role;
  p.plane = "axial";
  p.group = group;
  p.window = window;
  p.finding_id = "Lung nodule";
  p.lesions = {0};
  p.caption = {"A nodule", "Очаг"};
  p.width = p.height = side;
  p.png = encode_png(Grey(side, side, 90));
  p.overlay_png = encode_png(Canvas(side, side));
  p.legend = {{"N", "#ff5ce1", {"nodule", "очаг"}}};
  return p;
}

StudyResult with_pictures() {
  StudyResult result = sample_result();
  result.pictures = {
      picture(PictureRole::plane, 0, "lung"), picture(PictureRole::plane, 0, "mediastinum"),
      picture(PictureRole::key, 1, "lung"), picture(PictureRole::key, 1, "mediastinum")};
  return result;
}

TEST(HtmlText, EscapesEverything) {
  EXPECT_EQ(escaped("<a href='x'>\"&\xff"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\xEF\xBF\xBD");
  EXPECT_EQ(in_both("one", "one"), "one");
  EXPECT_EQ(in_both("<b>", "да"), "<span lang=\"en\">&lt;b&gt;</span><span lang=\"ru\">да</span>");
}

TEST(HtmlPage, StandsAlone) {
  const std::string html = html_page(with_pictures());
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("http://")));
  EXPECT_THAT(html, Not(HasSubstr("https://")));
  EXPECT_THAT(html, Not(HasSubstr("<link")));
  EXPECT_THAT(html, Not(HasSubstr("@import")));
}

TEST(HtmlPage, IsWellFormed) {
  EXPECT_THAT(unbalanced(html_page(with_pictures())), testing::IsEmpty());
  EXPECT_THAT(unbalanced(html_page(refused_result())), testing::IsEmpty());
  EXPECT_THAT(unbalanced(html_page(hostile_result(), {.identify = true})), testing::IsEmpty());
  EXPECT_THAT(unbalanced(html_page(StudyResult{})), testing::IsEmpty());
}

TEST(HtmlPage, SaysResearchUseOnlyInBothLanguages) {
  for (const StudyResult& result : {sample_result(), refused_result()}) {
    const std::string html = html_page(result);
    EXPECT_GE(occurrences(html, escaped(kResearchUseOnly.en)), 2u);  // on top and at the end
    EXPECT_GE(occurrences(html, escaped(kResearchUseOnly.ru)), 2u);
    EXPECT_THAT(html, HasSubstr("@bottom-center{content:\"Research use only"));  // each A4 page
  }
}

TEST(HtmlPage, EscapesWhatComesFromFiles) {
  const std::string html = html_page(hostile_result(), {.identify = true});
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;"));
}

TEST(HtmlPage, HidesThePatientUnlessAsked) {
  EXPECT_THAT(html_page(sample_result()), Not(HasSubstr("Ivanova")));
  EXPECT_THAT(html_page(sample_result()), Not(HasSubstr("H-12345")));
  EXPECT_THAT(html_page(sample_result()), HasSubstr("••••"));
  EXPECT_THAT(html_page(sample_result(), {.identify = true}), HasSubstr("Ivanova^Anna"));
}

TEST(HtmlPage, OpensInTheChosenLanguage) {
  const std::string ru = html_page(sample_result(), {.language = Language::ru});
  EXPECT_THAT(ru, HasSubstr("<html lang=\"ru\">"));
  EXPECT_THAT(ru, HasSubstr("id=\"lang-ru\" aria-label=\"Русский\" checked>"));
  EXPECT_THAT(ru, Not(HasSubstr("aria-label=\"English\" checked")));
}

TEST(HtmlPage, ShowsEveryEvidenceWithItsCutOffAndSource) {
  const std::string html = html_page(sample_result());
  EXPECT_THAT(html, HasSubstr("11.2\u00A0% · cut-off 6.0\u00A0%"));
  EXPECT_THAT(html, HasSubstr("MacMahon et al. 2017 (Fleischner Society)"));
  EXPECT_THAT(html, HasSubstr("▲ above normal"));
  EXPECT_THAT(html, HasSubstr("No measurement of it exists yet."));
}

TEST(HtmlPage, ShowsWhatNetworksSayAndWhichOneDecides) {
  StudyResult result = sample_result();
  std::string page = html_page(result, {});
  EXPECT_THAT(page, HasSubstr("clip-head"));
  EXPECT_THAT(page, HasSubstr("It does not change the verdict"));
  EXPECT_THAT(page, Not(HasSubstr("Verdict by")));
  result.networks[0].decides = true;
  page = html_page(result, {});
  EXPECT_THAT(page, HasSubstr("verdict is this network"));
  EXPECT_THAT(page, HasSubstr("Verdict by"));
  result.networks.clear();
  EXPECT_THAT(html_page(result, {}), Not(HasSubstr("clip-head")));
}

TEST(HtmlPage, SaysHowASeriesScoreCameAbout) {
  StudyResult result = sample_result();
  EXPECT_THAT(html_page(result), HasSubstr("From 53 slabs of slices: 0.52; pathology above 0.50. "
                                           "Inside the uncertain band 0.45–0.55, so the network "
                                           "whole was asked about the whole volume: 0.70; the mean "
                                           "of both counts."));
  findings::SeriesScore& series = *result.networks[1].series;
  series.second_model.clear();
  EXPECT_THAT(html_page(result), HasSubstr("no network for a second opinion is installed"));
  series.first = 0.3;
  EXPECT_THAT(html_page(result), Not(HasSubstr("second opinion")));
}

TEST(HtmlPage, ShowsOrgansAndADraftForWhatItIs) {
  const std::string page = html_page(sample_result());
  EXPECT_THAT(page, HasSubstr("Aorta"));
  EXPECT_THAT(page, HasSubstr("310.0"));
  EXPECT_THAT(page, HasSubstr("Report draft by a network"));
  EXPECT_THAT(page, HasSubstr("Черновик описания, созданный сетью"));
  EXPECT_THAT(page, HasSubstr("The lungs are &lt;clear&gt;."));
}

TEST(HtmlPage, SaysWhereANetworkPlacesTheScan) {
  StudyResult result = sample_result();
  EXPECT_THAT(html_page(result), HasSubstr("in slices 41–134 from the feet"));
  EXPECT_THAT(html_page(result), HasSubstr("agrees with the picture"));
  result.body_part->agrees = false;
  result.body_part->part = "NONE";
  result.body_part->chest_slices.reset();
  EXPECT_THAT(html_page(result), HasSubstr("recognises no part of the body"));
  EXPECT_THAT(html_page(result), HasSubstr("differs from the picture, which decides"));
}

TEST(HtmlPage, LinksLesionsToTheirPicture) {
  EXPECT_THAT(html_page(with_pictures()), HasSubstr("href=\"#key-1\""));
  EXPECT_THAT(html_page(with_pictures()), HasSubstr("id=\"key-1\""));
  EXPECT_THAT(html_page(sample_result()), Not(HasSubstr("href=\"#key-1\"")));
}

TEST(HtmlPage, GivesEveryPictureAnAlternativeText) {
  const std::string html = html_page(with_pictures());
  EXPECT_EQ(occurrences(html, "<img "), occurrences(html, " alt=\""));
  EXPECT_THAT(html, HasSubstr("alt=\"A nodule · "));
}

TEST(HtmlPage, DropsSecondWindowsWhenTheyDoNotFit) {
  StudyResult result = with_pictures();
  EXPECT_EQ(occurrences(html_page(result), "<img "), 6u);
  EXPECT_EQ(occurrences(html_page(result, {.picture_budget = 1}), "<img "), 5u);
}

TEST(HtmlPage, SwitchesWindowsOnlyWhereThereAreSome) {
  EXPECT_THAT(html_page(with_pictures()), HasSubstr("id=\"win-lung\""));
  EXPECT_THAT(html_page(sample_result()), Not(HasSubstr("id=\"win-lung\"")));
}

TEST(HtmlPage, TellsARefusalFirst) {
  const std::string html = html_page(refused_result());
  EXPECT_THAT(html, HasSubstr("The study was not analysed"));
  EXPECT_THAT(html, HasSubstr("its header says &quot;head CT&quot;."));
  EXPECT_THAT(html, HasSubstr("HEAD 5mm"));  // what was seen
  EXPECT_THAT(html, Not(HasSubstr("id=\"measurements\"")));
  EXPECT_THAT(html, Not(HasSubstr("Chest CT")));  // it is a head
}

TEST(HtmlPage, ShortensEndlessTables) {
  StudyResult result = sample_result();
  result.files_set_aside.assign(250, result.files_set_aside[0]);
  EXPECT_THAT(html_page(result), HasSubstr("… and 50 more in result.json"));
}

TEST(HtmlPage, IsTheSameEachTime) {
  EXPECT_EQ(html_page(with_pictures()), html_page(with_pictures()));
}

TEST(Charts, DrawNothingWithoutNumbers) {
  EXPECT_EQ(value_bar(NAN, 1), "");
  EXPECT_EQ(value_bar(0, 0), "");
  EXPECT_EQ(histogram_chart({-1024, 1, {}}), "");
  EXPECT_EQ(histogram_chart({-1024, 1, std::vector<double>(100)}), "");
  EXPECT_EQ(range_bar(Measurement{}), "");
}

TEST(Charts, MarkTheCutOff) {
  EXPECT_THAT(value_bar(5, 10), HasSubstr("class=\"cut\" x=\"49.6\""));  // halfway of 0…20
  EXPECT_THAT(value_bar(-900, -950), HasSubstr("class=\"fill\""));
  const std::string chart = histogram_chart(*sample_result().lung_histogram);
  EXPECT_THAT(chart, HasSubstr("−950"));
  EXPECT_THAT(chart, HasSubstr("−910"));
}

TEST(Charts, ShowWhichSideOfNormalAValueIs) {
  Measurement m;
  m.value = 9;
  m.normal = NormalRange{2, 6, ""};
  EXPECT_THAT(range_bar(m), HasSubstr("mark out"));
  m.value = 4;
  EXPECT_THAT(range_bar(m), Not(HasSubstr("mark out")));
  m.normal = NormalRange{3, std::nullopt, ""};
  EXPECT_THAT(range_bar(m), HasSubstr("class=\"normal\""));
}

TEST(BatchIndex, TellsStudiesOfOnePathApart) {
  const StudyResult a = sample_result();
  const std::string html =
      html_batch_index({{&a, "sample/1/report.html"}, {&a, "sample/2/report.html"}}, Language::en);
  EXPECT_THAT(html, HasSubstr("sample.zip · 1</a>"));
  EXPECT_THAT(html, HasSubstr("sample.zip · 2</a>"));
  EXPECT_THAT(html_batch_index({{&a, "sample/report.html"}}, Language::en),
              HasSubstr("sample.zip</a>"));
}

TEST(BatchIndex, ListsEveryStudyWithItsVerdict) {
  const StudyResult a = sample_result(), b = refused_result(), c = hostile_result();
  const std::string html = html_batch_index(
      {{&a, "a b/report.html"}, {&b, "javascript:alert(1)"}, {&c, ""}}, Language::en);
  EXPECT_THAT(html, HasSubstr("href=\"./a%20b/report.html\""));
  EXPECT_THAT(html, Not(HasSubstr("href=\"javascript:")));
  EXPECT_THAT(html, HasSubstr("3 studies: 2 with pathology, 0 uncertain, 0 without findings, 1 not "
                              "analysed."));
  EXPECT_THAT(html, HasSubstr("3 исследования"));
  EXPECT_THAT(html, HasSubstr("head CT"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(unbalanced(html), testing::IsEmpty());
}

}  // namespace
}  // namespace thorax::report

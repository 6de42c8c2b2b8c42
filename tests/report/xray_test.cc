// A radiograph's verdict in words, and its heat map.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/html.h"
#include "report/json.h"
#include "report/pictures.h"
#include "report/sentences.h"

namespace thorax::report {
namespace {

using findings::VerdictKind;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const Text kNormal{"Normal", "Норма"}, kPneumonia{"Pneumonia", "Пневмония"};

findings::Verdict verdict(VerdictKind kind, std::vector<Text> set) {
  findings::Verdict v;
  v.kind = kind;
  v.probability = 0.25;
  v.calibrated = true;
  v.set = findings::PredictionSet{0.05, std::move(set)};
  return v;
}

volume::Image picture() {
  volume::Image image;
  image.height = 60;
  image.width = 40;
  for (int i = 0; i < image.height * image.width; ++i)
    image.pixels.push_back(static_cast<float>(i % 251));
  return image;
}

/// Hot in one quarter of the rectangle it covers.
HeatLayer heat(double strength) {
  HeatLayer layer;
  layer.height = layer.width = 4;
  layer.values.assign(16, 0);
  for (const std::size_t i : {0u, 1u, 4u, 5u}) layer.values[i] = strength;
  layer.shown_height = 60;
  layer.shown_width = 40;
  return layer;
}

StudyResult result_with(const findings::Verdict& v, const std::optional<HeatLayer>& layer = {}) {
  StudyResult result;
  result.kind = "xray";
  result.trust = Trust::good;
  result.decision = findings::Decision{{}, v};
  result.pictures = draw_xray_pictures(picture(), "PA", {}, layer);
  return result;
}

TEST(XrayReport, AnOpenVerdictDeniesNothing) {
  StudyResult result = result_with(verdict(VerdictKind::uncertain, {kNormal, kPneumonia}));
  findings::Finding finding;
  finding.id = "PNEUMONIA";
  finding.name = kPneumonia;
  finding.analysed = true;
  result.decision->findings = {finding};
  EXPECT_THAT(report_text(result, Language::en), Not(HasSubstr("No signs of")));
  result.decision->verdict.kind = VerdictKind::normal;
  EXPECT_THAT(report_text(result, Language::en),
              AllOf(HasSubstr("No signs of pneumonia"), HasSubstr("Lungs")));
  EXPECT_THAT(report_text(result, Language::ru), HasSubstr("Признаков пневмонии не выявлено"));
}

TEST(XrayReport, SaysWhatCannotBeRuledOut) {
  const auto english = [](VerdictKind kind, std::vector<Text> set) {
    return verdict_sentence(verdict(kind, std::move(set))).en;
  };
  EXPECT_EQ(english(VerdictKind::normal, {kNormal}),
            "No sign of a pathology that the model knows (probability of pathology 0.25). At a "
            "miss rate of at most 5.0\u00A0% one class is left: normal.");
  EXPECT_THAT(english(VerdictKind::pathology, {kPneumonia}),
              AllOf(HasSubstr("Signs of pathology"), HasSubstr("one class is left: pneumonia")));
  EXPECT_THAT(english(VerdictKind::uncertain, {kNormal, kPneumonia}),
              AllOf(HasSubstr("these cannot be ruled out: normal, pneumonia"),
                    HasSubstr("A radiologist has to read the study")));
  EXPECT_THAT(english(VerdictKind::uncertain, {}), HasSubstr("no class fits"));
  EXPECT_THAT(verdict_sentence(verdict(VerdictKind::uncertain, {kNormal, kPneumonia})).ru,
              AllOf(HasSubstr("Результат неопределённый (вероятность патологии 0,25)"),
                    HasSubstr("не более 5,0\u00A0% нельзя исключить: норма, пневмония"),
                    HasSubstr("врач-рентгенолог")));
}

TEST(XrayReport, ThePageShowsTheSetInsteadOfTheBand) {
  const std::string page = html_page(result_with(verdict(VerdictKind::pathology, {kPneumonia})));
  EXPECT_THAT(page, AllOf(HasSubstr("Нельзя исключить"), HasSubstr("Пневмония"),
                          Not(HasSubstr("uncertain between"))));
}

TEST(XrayReport, ThePredictionSetSurvivesItsJson) {
  const StudyResult result = result_with(verdict(VerdictKind::uncertain, {kNormal, kPneumonia}));
  const std::string text = to_json(result);
  const StudyResult back = from_json(text);
  ASSERT_TRUE(back.decision->verdict.set.has_value());
  EXPECT_EQ(back.decision->verdict.set->miss_rate, 0.05);
  EXPECT_EQ(back.decision->verdict.set->classes.at(1), kPneumonia);
  EXPECT_EQ(to_json(back), text);
}

TEST(HeatMap, LiesOverTheRadiographAndCanBeSwitchedOff) {
  const StudyResult result = result_with(verdict(VerdictKind::pathology, {kPneumonia}), heat(2));
  ASSERT_THAT(result.pictures, SizeIs(1));
  EXPECT_FALSE(result.pictures[0].overlay_png.empty());
  ASSERT_THAT(result.pictures[0].legend, SizeIs(1));
  const std::string page = html_page(result);
  EXPECT_THAT(page, AllOf(HasSubstr("class=\"over\""), HasSubstr("id=\"marks\""),
                          Not(HasSubstr("id=\"win-lung\""))));
}

TEST(HeatMap, FaintHeatIsNotDrawn) {
  EXPECT_THAT(draw_xray_pictures(picture(), "PA", {}, heat(kFaintHeat / 2))[0].overlay_png,
              IsEmpty());
  EXPECT_THAT(html_page(result_with(verdict(VerdictKind::normal, {kNormal}), heat(0))),
              Not(HasSubstr("id=\"marks\"")));
}

TEST(HeatMap, KeepsToThePartThatTheNetworkSaw) {
  HeatLayer centre = heat(2);
  centre.top = 10;
  centre.shown_height = 40;
  const auto whole = draw_xray_pictures(picture(), "PA", {}, heat(2)),
             part = draw_xray_pictures(picture(), "PA", {}, centre);
  EXPECT_EQ(whole[0].png, part[0].png);
  EXPECT_NE(whole[0].overlay_png, part[0].overlay_png);
}

}  // namespace
}  // namespace thorax::report

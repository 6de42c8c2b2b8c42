#include "report/sentences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "report/finding_words.h"
#include "report/phrases.h"
#include "sample_result.h"

namespace thorax::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Phrases, WriteNumbersAsEachLanguageDoes) {
  EXPECT_EQ(number(-880.4, 0, Language::en), "−880");
  EXPECT_EQ(number(11.24, 1, Language::ru), "11,2");
  EXPECT_EQ(number(-0.001, 1, Language::en), "0.0");  // no minus zero
  EXPECT_EQ(number(std::numeric_limits<double>::infinity(), 1, Language::en), "–");
  EXPECT_EQ(quantity(84.6, 0, "mL", Language::ru), "85\u00A0мл");
  EXPECT_EQ(quantity(0.47, 2, "1", Language::en), "0.47");
  EXPECT_EQ(quantity(120, 0, "{Agatston}", Language::en), "120");
}

TEST(Phrases, WriteRanges) {
  EXPECT_EQ(range_text({3500, 7500, ""}, 0, "mL", Language::en), "3500…7500\u00A0mL");
  EXPECT_EQ(range_text({std::nullopt, 6, ""}, 0, "%", Language::ru), "до 6\u00A0%");
  EXPECT_EQ(range_text({20, std::nullopt, ""}, 0, "1", Language::en), "from 20");
  EXPECT_EQ(against({3, 5, ""}, 2), -1);
  EXPECT_EQ(against({3, 5, ""}, 3), 0);
  EXPECT_EQ(against({3, 5, ""}, 5.1), 1);
}

TEST(Phrases, TellAgeAndDate) {
  EXPECT_EQ(age_text(61, Language::ru), "61 год");
  EXPECT_EQ(age_text(44.9, Language::ru), "44 года");
  EXPECT_EQ(age_text(0.5, Language::ru), "6 месяцев");
  EXPECT_EQ(age_text(7, Language::en), "7 years");
  EXPECT_EQ(date_text("20261120", Language::ru), "20.11.2026");
  EXPECT_EQ(date_text("20261120", Language::en), "2026-11-20");
  EXPECT_EQ(date_text("unknown", Language::en), "unknown");
}

TEST(Phrases, ChangeCaseButNotOfAbbreviations) {
  EXPECT_EQ(lower_first("Эмфизема лёгких"), "эмфизема лёгких");
  EXPECT_EQ(lower_first("COVID-19"), "COVID-19");
  EXPECT_EQ(lower_first("КТ"), "КТ");
  EXPECT_EQ(lower_first("Ёмкость"), "ёмкость");
  EXPECT_EQ(capitalised("объём"), "Объём");
  EXPECT_EQ(capitalised("ёмкость"), "Ёмкость");
  EXPECT_EQ(capitalised(""), "");
}

TEST(FindingWords, JoinNegativesWithRussianGenitives) {
  const auto decision = *sample_result().decision;
  const Text two = no_signs_of({&decision.findings[0], &decision.findings[1]});
  EXPECT_EQ(two.en, "No signs of cardiomegaly or emphysema.");
  EXPECT_EQ(two.ru, "Признаков кардиомегалии и эмфиземы не выявлено.");
  findings::Finding unknown;
  unknown.name = {"Something new", "Нечто новое"};
  EXPECT_EQ(no_signs_of({&unknown}).ru, "Не выявлено: нечто новое.");
  EXPECT_EQ(no_signs_of({}).en, "");
  unknown.name = {"Atelectasis (loss of volume)", "Ателектаз (спадение участка лёгкого)"};
  EXPECT_EQ(spoken_name(unknown, Language::ru), "ателектаз");
  EXPECT_EQ(joined({"a", "b", "c"}, "; "), "a; b; c");
  EXPECT_EQ(enumerated({"a", "b", "c"}, " and "), "a, b and c");
}

TEST(ReportText, SaysWhatWasMeasuredInBothLanguages) {
  const std::string en = report_text(sample_result(), Language::en);
  EXPECT_THAT(en, HasSubstr("Lung volume 5240\u00A0mL (right 2830\u00A0mL, left 2410\u00A0mL)."));
  EXPECT_THAT(en, HasSubstr("11.2\u00A0% (cut-off 6.0\u00A0%)"));
  EXPECT_THAT(en, HasSubstr("1. Pleural effusion (85\u00A0mL): right pleural cavity."));
  EXPECT_THAT(en, HasSubstr("not a calibrated probability"));
  const std::string ru = report_text(sample_result(), Language::ru);
  EXPECT_THAT(ru, HasSubstr("КТ органов грудной клетки от 20.11.2026; женщина, 61 год."));
  EXPECT_THAT(ru, HasSubstr("133 изображения"));
  EXPECT_THAT(ru, HasSubstr("Признаков кардиомегалии не выявлено."));
  EXPECT_THAT(ru, HasSubstr("1 подозрительный очаг: 1) солидный очаг 9 мм"));
}

TEST(ReportText, WhatWasSeenBelowItsCutOffIsNotDenied) {
  StudyResult result = sample_result();
  for (findings::Finding& finding : result.decision->findings)
    if (finding.id == "Cardiomegaly") finding.places.push_back({});
  const std::string en = report_text(result, Language::en);
  EXPECT_THAT(en, HasSubstr("Seen, but below the cut-off: cardiomegaly."));
  EXPECT_THAT(en, Not(HasSubstr("No signs of cardiomegaly")));
  const std::string ru = report_text(result, Language::ru);
  EXPECT_THAT(ru, HasSubstr("Видно, но ниже порога: кардиомегалия."));
  EXPECT_THAT(ru, Not(HasSubstr("Признаков кардиомегалии")));
}

TEST(ReportText, SaysWhatWasNotAnalysed) {
  EXPECT_THAT(report_text(sample_result(), Language::en),
              HasSubstr("Not analysed: hiatal hernia (no measurement of it exists yet)."));
  EXPECT_THAT(report_text(sample_result(), Language::ru),
              HasSubstr("Не анализировалось: грыжа пищеводного отверстия диафрагмы"));
}

TEST(ReportText, InventsNothing) {
  StudyResult bare;
  bare.kind = "ct";
  bare.trust = Trust::good;
  bare.decision = findings::Decision{};
  bare.decision->verdict.kind = findings::VerdictKind::normal;
  const std::string text = report_text(bare, Language::en);
  EXPECT_THAT(text, Not(HasSubstr("olume")));
  EXPECT_THAT(text, Not(HasSubstr("No signs")));
  EXPECT_THAT(text, HasSubstr("No pathology found among what was analysed"));
}

TEST(ReportText, SendsAnUncertainStudyToARadiologist) {
  StudyResult result = sample_result();
  result.decision->verdict.kind = findings::VerdictKind::uncertain;
  result.decision->verdict.probability = 0.5;
  EXPECT_THAT(report_text(result, Language::en), HasSubstr("0.50 lies in the band 0.45…0.55"));
  EXPECT_THAT(report_text(result, Language::ru), HasSubstr("врач-рентгенолог"));
}

TEST(ReportText, TellsWhyAStudyWasRefused) {
  const std::string text = report_text(refused_result(), Language::ru);
  EXPECT_THAT(text, HasSubstr("Исследование не проанализировано"));
  EXPECT_THAT(text, HasSubstr("head CT"));
  EXPECT_THAT(text, Not(HasSubstr("Заключение")));
}

TEST(ReportText, BeginsAndEndsWithTheResearchNoticeAndNamesNobody) {
  for (const Language language : {Language::en, Language::ru}) {
    const std::string text = report_text(sample_result(), language);
    EXPECT_TRUE(text.starts_with(kResearchUseOnly.in(language)));
    EXPECT_TRUE(text.ends_with(kResearchUseOnly.in(language) + '\n'));
    EXPECT_THAT(text, Not(HasSubstr("Ivanova")));
    EXPECT_THAT(text, Not(HasSubstr("H-12345")));
  }
}

}  // namespace
}  // namespace thorax::report

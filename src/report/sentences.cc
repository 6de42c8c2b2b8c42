#include "report/sentences.h"

#include <algorithm>
#include <array>
#include <set>

#include "report/batch.h"
#include "report/finding_words.h"
#include "report/phrases.h"
#include "report/sentences_organs.h"
#include "report/utf8.h"

namespace thorax::report {
namespace {

const SeriesRow* series_read(const StudyResult& result) {
  for (const SeriesRow& row : result.series)
    if (row.role == "taken") return &row;
  return nullptr;
}

std::string series_sentence(const SeriesRow& row, Language language) {
  const bool ru = language == Language::ru;
  std::vector<std::string> facts;
  const std::string count = std::to_string(row.images);
  facts.push_back(ru ? count + ' ' +
                           plural_ru(row.images, "изображение", "изображения", "изображений")
                     : count + ' ' + plural_en(row.images, "image", "images"));
  if (row.slice_thickness)
    facts.push_back((ru ? "толщина среза " : "slice thickness ") +
                    quantity(*row.slice_thickness, 2, "mm", language));
  if (!row.kernel.empty()) facts.push_back((ru ? "фильтр реконструкции " : "kernel ") + row.kernel);
  const std::string name =
      row.description.empty() ? "" : (ru ? " «" : " \"") + row.description + (ru ? "»" : "\"");
  return (ru ? "Серия" : "Series") + name + ": " + joined(facts, ", ") + '.';
}

std::string trust_sentence(const StudyResult& result, Language language) {
  const bool ru = language == Language::ru;
  std::string out = (ru ? "Доверие к исследованию: " : "Trust in the study: ") +
                    trust_text(result.trust).in(language) + '.';
  for (const Notice& reason : result.trust_reasons) out += ' ' + reason.what(language);
  return out;
}

ReportSection study_section(const StudyResult& result) {
  const SeriesRow* series = series_read(result);
  return {{"Study", "Исследование"}, {{{}, both([&](Language language) {
                                         std::string out = study_line(result).in(language) + '.';
                                         if (series)
                                           out += ' ' + series_sentence(*series, language);
                                         return out + ' ' + trust_sentence(result, language);
                                       })}}};
}

ReportSection refusal_section(const Notice& failure) {
  return {{"Not analysed", "Исследование не проанализировано"},
          {{{}, both([&](Language language) {
              return failure.what(language) + ' ' + failure.todo(language);
            })}}};
}

std::string places_of(const findings::Finding& finding, Language language) {
  std::vector<std::string> places;
  for (const Place& place : finding.places) {
    const std::string& name = place.where.in(language);
    if (!name.empty() && std::find(places.begin(), places.end(), name) == places.end())
      places.push_back(name);
  }
  if (places.size() > 3) places.resize(3);
  return joined(places, "; ");
}

std::string impression_line(const findings::Finding& finding, Language language) {
  std::string out = capitalised(spoken_name(finding, language));
  if (!finding.evidence.empty()) {
    const findings::Evidence& e =
        *std::max_element(finding.evidence.begin(), finding.evidence.end(),
                          [](const auto& a, const auto& b) { return a.score < b.score; });
    out += " (" + evidence_phrase(finding, e, language) + ')';
  }
  const std::string places = places_of(finding, language);
  return out + (places.empty() ? "." : ": " + places + '.');
}

/// "Not analysed: a, b." The reasons stand in the findings.
Text not_analysed_names(const findings::Decision& decision) {
  const Text names = both([&](Language language) {
    std::vector<std::string> words;
    for (const findings::Finding& finding : decision.findings)
      if (!finding.analysed) words.push_back(spoken_name(finding, language));
    return joined(words, ", ");
  });
  if (names.en.empty()) return {};
  return {"Not analysed: " + names.en + '.', "Не анализировалось: " + names.ru + '.'};
}

ReportSection impression_section(const StudyResult& result) {
  ReportSection section{{"Impression", "Заключение"}, {}};
  section.paragraphs.push_back({{}, verdict_sentence(result.decision->verdict)});
  int index = 0;
  for (const findings::Finding* finding : positive_findings(result)) {
    const std::string lead = std::to_string(++index) + ". ";
    section.paragraphs.push_back(
        {{}, both([&](Language language) { return lead + impression_line(*finding, language); })});
  }
  if (const Text skipped = not_analysed_names(*result.decision); !skipped.en.empty())
    section.paragraphs.push_back({{}, skipped});
  return section;
}

/// What the set of a model with a promised miss rate leaves open.
Text set_sentence(const findings::PredictionSet& set) {
  return both([&](Language language) {
    const bool ru = language == Language::ru;
    std::vector<std::string> names;
    for (const Text& name : set.classes) names.push_back(lower_first(name.in(language)));
    const std::string rate = quantity(100 * set.miss_rate, 1, "%", language);
    if (names.empty())
      return (ru ? "При доле пропусков не более " : "At a miss rate of at most ") + rate +
             (ru ? " не подходит ни один класс: снимок непохож на те, по которым настраивали модель"
                 : " no class fits: the picture is unlike those the model was calibrated on");
    return (ru ? "При доле пропусков не более " : "At a miss rate of at most ") + rate +
           (names.size() == 1 ? (ru ? " остаётся только: " : " one class is left: ")
                              : (ru ? " нельзя исключить: " : " these cannot be ruled out: ")) +
           joined(names, ", ");
  });
}

/// Verdict of a model that promises a miss rate.
Text verdict_by_set(const findings::Verdict& verdict) {
  return both([&](Language language) {
    const bool ru = language == Language::ru;
    const std::string probability =
        std::string(ru ? " (вероятность патологии " : " (probability of pathology ") +
        number(verdict.probability, 2, language) + "). ";
    const std::string tail = probability + set_sentence(*verdict.set).in(language) + '.';
    switch (verdict.kind) {
      case findings::VerdictKind::normal:
        return (ru ? "Признаков патологии, известных модели, нет"
                   : "No sign of a pathology that the model knows") +
               tail;
      case findings::VerdictKind::pathology:
        return (ru ? "Выявлены признаки патологии" : "Signs of pathology") + tail;
      case findings::VerdictKind::uncertain:
        break;
    }
    return (ru ? "Результат неопределённый" : "Uncertain") + tail +
           (ru ? " Исследование должен описать врач-рентгенолог."
               : " A radiologist has to read the study.");
  });
}

}  // namespace

Text study_line(const StudyResult& result) {
  return both([&](Language language) {
    std::string out = kind_text(result).in(language);
    if (!result.study_date.empty())
      out += (language == Language::ru ? " от " : " of ") + date_text(result.study_date, language);
    std::vector<std::string> patient;
    if (const std::string sex = sex_text(result.patient_sex, language); !sex.empty())
      patient.push_back(sex);
    if (result.patient_age) patient.push_back(age_text(*result.patient_age, language));
    return patient.empty() ? out : out + "; " + joined(patient, ", ");
  });
}

Text verdict_sentence(const findings::Verdict& verdict) {
  if (!verdict.in_scope)
    return {
        "Uncertain: the model was not made for this picture or patient, and its answer does "
        "not count. A radiologist has to read the study.",
        "Результат неопределённый: модель не предназначена для такого снимка или пациента, и "
        "её ответ не учитывается. Исследование должен описать врач-рентгенолог."};
  if (verdict.set) return verdict_by_set(verdict);
  const auto score = [&](Language language) { return number(verdict.probability, 2, language); };
  const auto band = [&](Language language) {
    return number(verdict.band_low, 2, language) + "…" + number(verdict.band_high, 2, language);
  };
  const Text what = verdict.calibrated ? Text{"probability of pathology ", "вероятность патологии "}
                                       : Text{"score ", "оценка "};
  const Text caveat = verdict.calibrated ? Text{}
                                         : Text{"; not a calibrated probability",
                                                "; это не калиброванная вероятность"};
  const std::string tail_en = " (" + what.en + score(Language::en) + caveat.en + ").";
  const std::string tail_ru = " (" + what.ru + score(Language::ru) + caveat.ru + ").";
  switch (verdict.kind) {
    case findings::VerdictKind::normal:
      return {"No pathology found among what was analysed" + tail_en,
              "Среди того, что анализировалось, патология не найдена" + tail_ru};
    case findings::VerdictKind::pathology:
      return {"Signs of pathology" + tail_en, "Выявлены признаки патологии" + tail_ru};
    case findings::VerdictKind::uncertain:
      break;
  }
  return {"Uncertain: " + what.en + score(Language::en) + " lies in the band " +
              band(Language::en) + caveat.en + ". A radiologist has to read the study.",
          "Результат неопределённый: " + what.ru + score(Language::ru) + " попадает в полосу " +
              band(Language::ru) + caveat.ru + ". Исследование должен описать врач-рентгенолог."};
}

Text not_analysed_sentence(const findings::Decision& decision) {
  std::vector<std::pair<Text, std::vector<const findings::Finding*>>> by_reason;
  for (const findings::Finding& finding : decision.findings) {
    if (finding.analysed) continue;
    const auto same = std::find_if(by_reason.begin(), by_reason.end(), [&](const auto& group) {
      return group.first == finding.not_analysed_why;
    });
    if (same == by_reason.end())
      by_reason.push_back({finding.not_analysed_why, {&finding}});
    else
      same->second.push_back(&finding);
  }
  if (by_reason.empty()) return {};
  return both([&](Language language) {
    std::vector<std::string> groups;
    for (const auto& [why, findings] : by_reason) {
      std::vector<std::string> names;
      for (const findings::Finding* finding : findings)
        names.push_back(spoken_name(*finding, language));
      std::string reason = lower_first(why.in(language));
      while (reason.ends_with('.')) reason.pop_back();
      groups.push_back(joined(names, ", ") + (reason.empty() ? "" : " (" + reason + ')'));
    }
    return (language == Language::ru ? "Не анализировалось: " : "Not analysed: ") +
           joined(groups, "; ") + '.';
  });
}

std::string evidence_phrase(const findings::Finding& finding, const findings::Evidence& evidence,
                            Language language) {
  const std::string value = quantity(evidence.value, evidence.decimals, evidence.unit, language);
  const std::string name = lower_first(evidence.name.in(language));
  return name == lower_first(finding.name.in(language)) ? value : name + ' ' + value;
}

std::vector<ReportSection> report_sections(const StudyResult& result) {
  std::vector<ReportSection> sections{study_section(result)};
  if (result.failure) {
    sections.push_back(refusal_section(*result.failure));
    return sections;
  }
  sections.push_back({{"Findings", "Описание"}, organ_paragraphs(result)});
  if (result.decision)
    if (const Text skipped = not_analysed_sentence(*result.decision); !skipped.en.empty())
      sections.back().paragraphs.push_back({{}, skipped});
  if (result.decision) sections.push_back(impression_section(result));
  return sections;
}

std::string report_text(const StudyResult& result, Language language) {
  std::string out = kResearchUseOnly.in(language) + '\n';
  for (const ReportSection& section : report_sections(result)) {
    out += '\n' + clean_utf8(section.title.in(language)) + '\n';
    for (const ReportParagraph& paragraph : section.paragraphs) {
      const std::string& heading = paragraph.heading.in(language);
      out +=
          clean_utf8((heading.empty() ? "" : heading + ". ") + paragraph.body.in(language)) + '\n';
    }
  }
  return out + '\n' + kResearchUseOnly.in(language) + '\n';
}

}  // namespace thorax::report

#include <algorithm>

#include "report/batch.h"
#include "report/html_charts.h"
#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/phrases.h"
#include "report/sentences.h"

namespace thorax::report {
namespace {

std::string evidence(const findings::Evidence& e) {
  const Text value = both([&](Language l) {
    return quantity(e.value, e.decimals, e.unit, l) +
           (l == Language::ru ? " · порог " : " · cut-off ") +
           quantity(e.cutoff, e.decimals, e.unit, l);
  });
  return "<div class=\"evidence\"><span>" + in_both(e.name) + "</span><span class=\"num\">" +
         in_both(value) + "</span>" + value_bar(e.value, e.cutoff) +
         (e.source.en.empty() ? "" : "<small>" + in_both(e.source) + "</small>") + "</div>";
}

std::string places(const StudyResult& result, const findings::Finding& finding) {
  constexpr std::size_t kShown = 4;
  const std::string link = link_to_key(key_of_finding(result, finding.id));
  std::string out;
  std::vector<Text> said;
  for (const Place& place : finding.places) {
    if (place.where.en.empty() || said.size() == kShown ||
        std::find(said.begin(), said.end(), place.where) != said.end())
      continue;
    said.push_back(place.where);
    out += (out.empty() ? "" : "; ") + in_both(place.where);
  }
  if (!link.empty()) out += (out.empty() ? "" : " · ") + link;
  return out.empty() ? out : "<div class=\"where\">" + out + "</div>";
}

std::string score(const findings::Finding& finding) {
  return "<span class=\"num\">" + in_both(both([&](Language l) {
           return (l == Language::ru ? "оценка " : "score ") + number(finding.score, 2, l);
         })) +
         "</span>";
}

std::string positive(const StudyResult& result, const findings::Finding& finding) {
  std::string out =
      "<li><div class=\"head\"><h3>" + in_both(finding.name) + "</h3>" + score(finding) + "</div>";
  for (const findings::Evidence& e : finding.evidence) out += evidence(e);
  return out + places(result, finding) + "</li>";
}

std::string fact(const Text& name, const std::string& html) {
  return "<dt>" + in_both(name) + "</dt><dd>" + html + "</dd>";
}

std::string trust_facts(const StudyResult& result) {
  std::string reasons;
  for (const Notice& reason : result.trust_reasons)
    reasons += "<br>" + in_both(reason.what(Language::en), reason.what(Language::ru));
  return fact({"Trust", "Доверие"},
              "<strong>" + in_both(trust_text(result.trust)) + "</strong>" + reasons);
}

std::string set_facts(const findings::Verdict& verdict) {
  if (!verdict.set) return {};
  std::string names;
  for (const Text& name : verdict.set->classes)
    names += (names.empty() ? "" : ", ") + in_both(name);
  if (names.empty()) names = in_both("nothing fits", "ничего не подходит");
  return fact({"Cannot be ruled out", "Нельзя исключить"},
              "<strong>" + names + "</strong><br>" + in_both(both([&](Language l) {
                return (l == Language::ru ? "обещанная доля пропусков каждого класса — не более "
                                          : "promised for each class: missed in at most ") +
                       quantity(100 * verdict.set->miss_rate, 1, "%", l);
              })));
}

std::string band(const findings::Verdict& verdict, Language language) {
  const bool ru = language == Language::ru;
  return (ru ? "; неопределённо между " : "; uncertain between ") +
         number(verdict.band_low, 2, language) + (ru ? " и " : " and ") +
         number(verdict.band_high, 2, language);
}

std::string model_facts(const StudyResult& result) {
  if (!result.decision) return {};
  const findings::Verdict& verdict = result.decision->verdict;
  std::string judge;
  for (const findings::NetworkOpinion& opinion : result.networks)
    if (judge.empty() && opinion.decides && opinion.probability)
      judge = fact({"Verdict by", "Заключение даёт"}, "<a href=\"#networks\">" +
                                                          in_both("network ", "сеть ") +
                                                          escaped(opinion.model) + "</a>");
  if (!verdict.in_scope)
    return judge +
           fact({"Answer of the model", "Ответ модели"},
                in_both("does not count: not made for this picture or patient",
                        "не учитывается: снимок или пациент не из тех, для кого она создана"));
  return judge + set_facts(verdict) +
         fact(verdict.calibrated ? Text{"Probability", "Вероятность"} : Text{"Score", "Оценка"},
              in_both(both([&](Language l) {
                const bool ru = l == Language::ru;
                return number(verdict.probability, 2, l) +
                       (verdict.calibrated ? ""
                        : ru ? ", не калиброванная вероятность"
                             : ", not a calibrated probability") +
                       (verdict.set ? "" : band(verdict, l));
              })));
}

std::string negative_rows(const findings::Decision& decision) {
  std::string rows;
  for (const findings::Finding& finding : decision.findings) {
    if (!finding.analysed || finding.positive) continue;
    std::string values;
    for (const findings::Evidence& e : finding.evidence)
      values +=
          (values.empty() ? "" : "<br>") + in_both(e.name) + ": " + in_both(both([&](Language l) {
            return quantity(e.value, e.decimals, e.unit, l) +
                   (l == Language::ru ? " (порог " : " (cut-off ") +
                   quantity(e.cutoff, e.decimals, e.unit, l) + ')';
          }));
    rows += "<tr><th scope=\"row\">" + in_both(finding.name) + "</th><td class=\"num\">" +
            in_both(both([&](Language l) { return number(finding.score, 2, l); })) + "</td><td>" +
            values + "</td></tr>";
  }
  return rows;
}

std::string skipped_rows(const findings::Decision& decision) {
  std::string rows;
  for (const findings::Finding& finding : decision.findings)
    if (!finding.analysed)
      rows += "<tr><th scope=\"row\">" + in_both(finding.name) + "</th><td>" +
              in_both(finding.not_analysed_why) + "</td></tr>";
  return rows;
}

std::string half(const Text& title, const std::string& head, const std::string& rows) {
  if (rows.empty()) return {};
  return "<div><h2>" + in_both(title) + "</h2>" + wide_table(head + rows) + "</div>";
}

}  // namespace

Text verdict_word(const StudyResult& result) {
  if (result.failure) return {"not analysed", "не проанализировано"};
  if (!result.decision) return {"measured, not judged", "измерено без оценки"};
  return verdict_text(result.decision->verdict.kind);
}

std::string verdict_sign(const StudyResult& result) {
  using Kind = findings::VerdictKind;
  std::string shape;
  if (result.failure)
    shape = "<path d=\"M6 6L34 34M34 6L6 34\"/>";
  else if (!result.decision)
    shape = "<path d=\"M10 20H30\"/>";
  else if (result.decision->verdict.kind == Kind::pathology)
    shape = "<circle class=\"full\" cx=\"20\" cy=\"20\" r=\"18\"/>";
  else if (result.decision->verdict.kind == Kind::normal)
    shape = "<circle cx=\"20\" cy=\"20\" r=\"17\"/>";
  else
    shape = "<circle cx=\"20\" cy=\"20\" r=\"17\" stroke-dasharray=\"7 5\"/>";
  return "<svg class=\"sign\" viewBox=\"0 0 40 40\" aria-hidden=\"true\">" + shape + "</svg>";
}

std::string verdict_panel(const StudyResult& result) {
  std::string most;
  const auto found = positive_findings(result);
  if (!found.empty())
    most = fact({"Most severe", "Наиболее опасное"}, in_both(found.front()->name));
  std::string items;
  for (const findings::Finding* finding : found) items += positive(result, *finding);
  if (items.empty() && result.decision)
    items = "<li>" +
            (result.decision->verdict.in_scope
                 ? in_both("No finding is above its cut-off.",
                           "Ни одна находка не превышает свой порог.")
                 : in_both("A radiologist has to read the study.",
                           "Исследование должен описать врач-рентгенолог.")) +
            "</li>";
  return "<div class=\"panel\"><div class=\"verdict\">" + verdict_sign(result) + "<div><strong>" +
         in_both(both([&](Language l) { return capitalised(verdict_word(result).in(l)); })) +
         "</strong><span class=\"muted\">" + in_both(study_line(result)) +
         "</span></div></div><dl class=\"facts\">" + most + trust_facts(result) +
         model_facts(result) + "</dl><ul class=\"found\">" + items + "</ul></div>";
}

std::string other_findings(const StudyResult& result) {
  if (!result.decision) return {};
  const std::string halves =
      half({"Looked for, below the cut-off", "Искали, порог не превышен"},
           "<tr><th scope=\"col\">" + in_both("Finding", "Находка") +
               "</th><th scope=\"col\" class=\"num\">" + in_both("Score", "Оценка") +
               "</th><th scope=\"col\">" + in_both("Measured", "Измерено") + "</th></tr>",
           negative_rows(*result.decision)) +
      half({"Not analysed", "Не анализировалось"},
           "<tr><th scope=\"col\">" + in_both("Finding", "Находка") + "</th><th scope=\"col\">" +
               in_both("Why", "Почему") + "</th></tr>",
           skipped_rows(*result.decision));
  return halves.empty() ? halves
                        : "<section class=\"panel two\" id=\"others\">" + halves + "</section>";
}

}  // namespace thorax::report

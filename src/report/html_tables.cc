#include <algorithm>

#include "report/html_charts.h"
#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/json.h"
#include "report/phrases.h"

namespace thorax::report {
namespace {

constexpr std::size_t kRows = 200;  // a page is read by people; everything is in result.json

std::string head(std::initializer_list<std::pair<Text, bool>> columns) {
  std::string out = "<tr>";
  for (const auto& [name, is_number] : columns)
    out += std::string("<th scope=\"col\"") + (is_number ? " class=\"num\">" : ">") +
           in_both(name) + "</th>";
  return out + "</tr>";
}

std::string cell(const std::string& html) {
  return "<td>" + html + "</td>";
}

std::string number_cell(const Text& text) {
  return "<td class=\"num\">" + in_both(text) + "</td>";
}

std::string table(const std::string& heading, const std::string& rows) {
  return rows.empty() ? rows : wide_table(heading + rows);
}

std::string more(std::size_t count) {
  if (count <= kRows) return {};
  const std::string rest = std::to_string(count - kRows);
  return "<p class=\"small\">" +
         in_both("… and " + rest + " more in result.json", "… и ещё " + rest + " в result.json") +
         "</p>";
}

std::string against_words(const Measurement& m) {
  const int side = m.normal ? against(*m.normal, m.value) : 0;
  if (side == 0) return {};
  return " <span class=\"off\">" +
         (side < 0 ? in_both("▼ below normal", "▼ ниже нормы")
                   : in_both("▲ above normal", "▲ выше нормы")) +
         "</span>";
}

std::string range_cell(const Measurement& m) {
  if (!m.normal) return cell("");
  const Text text =
      both([&](Language l) { return capitalised(range_text(*m.normal, m.decimals, m.unit, l)); });
  return cell(
      range_bar(m) + in_both(text) + against_words(m) +
      (m.normal->source.empty() ? "" : "<br><small>" + escaped(m.normal->source) + "</small>"));
}

std::string reasons(const std::vector<Notice>& notices) {
  std::string out;
  for (const Notice& notice : notices)
    out +=
        (out.empty() ? "" : "<br>") + in_both(notice.what(Language::en), notice.what(Language::ru));
  return out;
}

std::string position(const Place& place) {
  return in_both(both([&](Language l) {
    return number(place.centre_mm[0], 0, l) + " / " + number(place.centre_mm[1], 0, l) + " / " +
           number(place.centre_mm[2], 0, l);
  }));
}

/// A dash for what a lesion has no number of.
std::string or_dash(double value, int decimals, const std::string& ucum, Language language) {
  return value > 0 ? quantity(value, decimals, ucum, language) : "–";
}

/// The name of a finding in both languages; its id where the decision does not know it.
Text finding_name(const StudyResult& result, const std::string& id) {
  if (result.decision)
    for (const findings::Finding& finding : result.decision->findings)
      if (finding.id == id) return finding.name;
  return {id, id};
}

std::string fact(const Text& name, const std::string& html) {
  return html.empty() ? html : "<dt>" + in_both(name) + "</dt><dd>" + html + "</dd>";
}

std::string mono(const std::string& text) {
  return text.empty() ? text : "<span class=\"mono\">" + escaped(text) + "</span>";
}

}  // namespace

std::string histogram_figure(const StudyResult& result) {
  if (!result.lung_histogram) return {};
  const std::string chart = histogram_chart(*result.lung_histogram);
  if (chart.empty()) return {};
  return "<figure>" + chart + "<figcaption>" +
         in_both(
             "Density of the lungs in HU. The filled part lies below −950 HU (emphysema index "
             "LAA-950); −910 HU marks mild loss of density.",
             "Плотность лёгких, HU. Закрашено то, что ниже −950 HU (индекс эмфиземы LAA-950); "
             "−910 HU отмечает лёгкое снижение плотности.") +
         "</figcaption></figure>";
}

std::string measurement_table(const Measurements& measurements) {
  std::string rows;
  for (const Measurement& m : measurements.all()) {
    const std::string caveat =
        m.reliability == Reliability::good ? "" : "<br><small>" + in_both(m.caveat) + "</small>";
    rows +=
        "<tr><td><strong>" + in_both(m.name) + "</strong><br><small>" + in_both(m.method) +
        (m.source.empty() ? "" : " · " + escaped(m.source)) + "</small></td>" +
        number_cell(both([&](Language l) { return quantity(m.value, m.decimals, m.unit, l); })) +
        range_cell(m) + cell(in_both(reliability_text(m.reliability)) + caveat) + "</tr>";
  }
  return table(head({{{"Measurement", "Показатель"}, false},
                     {{"Value", "Значение"}, true},
                     {{"Normal", "Норма"}, false},
                     {{"Reliability", "Надёжность"}, false}}),
               rows);
}

std::string lesion_table(const StudyResult& result) {
  std::string rows;
  for (std::size_t i = 0; i < std::min(kRows, result.lesions.size()); ++i) {
    const LesionRow& lesion = result.lesions[i];
    const Text description{capitalised(lesion.description.en), capitalised(lesion.description.ru)};
    rows +=
        "<tr><td class=\"num\">" + std::to_string(i + 1) + "</td>" +
        cell(in_both(description) + "<br><small>" +
             in_both(lesion.suspicious ? finding_name(result, lesion.finding_id)
                                       : Text{"candidate below the threshold, for checking",
                                              "кандидат ниже порога, для проверки"}) +
             "</small>") +
        number_cell(both([&](Language l) { return or_dash(lesion.diameter_mm, 1, "mm", l); })) +
        number_cell(both([&](Language l) { return quantity(lesion.volume_mm3, 0, "mm3", l); })) +
        number_cell(both([&](Language l) { return quantity(lesion.mean_hu, 0, "[hnsf'U]", l); })) +
        number_cell(both([&](Language l) { return or_dash(lesion.score, 2, "1", l); })) +
        "<td class=\"num\">" + position(lesion.place) + "</td>" +
        cell(link_to_key(key_of_lesion(result, static_cast<int>(i)))) + "</tr>";
  }
  return table(head({{{"No.", "№"}, true},
                     {{"Lesion", "Очаг"}, false},
                     {{"Diameter", "Диаметр"}, true},
                     {{"Volume", "Объём"}, true},
                     {{"Mean density", "Средняя плотность"}, true},
                     {{"Rank score", "Ранг"}, true},
                     {{"L / P / S, mm", "L / P / S, мм"}, true},
                     {{"", ""}, false}}),
               rows) +
         more(result.lesions.size());
}

std::string series_table(const StudyResult& result) {
  std::string rows;
  for (std::size_t i = 0; i < std::min(kRows, result.series.size()); ++i) {
    const SeriesRow& row = result.series[i];
    const bool taken = row.role == "taken";
    rows += "<tr><td><strong>" + std::string(taken ? "● " : "○ ") + in_both(role_text(row.role)) +
            "</strong></td>" +
            cell(escaped(row.description) + "<br><small class=\"mono\">" + escaped(row.uid) +
                 "</small>") +
            cell(escaped(row.modality)) + "<td class=\"num\">" + std::to_string(row.images) +
            "</td>" + number_cell(both([&](Language l) {
              return row.slice_thickness ? quantity(*row.slice_thickness, 2, "mm", l)
                                         : std::string("–");
            })) +
            cell(escaped(row.kernel)) + cell(reasons(row.reasons)) + "</tr>";
  }
  return table(head({{{"Role", "Роль"}, false},
                     {{"Series", "Серия"}, false},
                     {{"Modality", "Модальность"}, false},
                     {{"Images", "Изображений"}, true},
                     {{"Thickness", "Толщина"}, true},
                     {{"Kernel", "Кернел"}, false},
                     {{"Why", "Почему"}, false}}),
               rows) +
         more(result.series.size());
}

std::string set_aside_table(const StudyResult& result) {
  std::string rows;
  for (std::size_t i = 0; i < std::min(kRows, result.files_set_aside.size()); ++i) {
    const FileRow& row = result.files_set_aside[i];
    rows += "<tr>" + cell(mono(row.path)) +
            cell("<span class=\"long\">" + reasons({row.reason}) + "</span>") + "</tr>";
  }
  return table(head({{{"File", "Файл"}, false}, {{"Why", "Почему"}, false}}), rows) +
         more(result.files_set_aside.size());
}

std::string notice_list(const std::vector<Notice>& notices) {
  std::string items;
  std::vector<Notice> said;
  for (const Notice& notice : notices) {
    if (std::find(said.begin(), said.end(), notice) != said.end()) continue;
    said.push_back(notice);
    const char* sign = notice.severity() == Severity::info      ? "i"
                       : notice.severity() == Severity::warning ? "!"
                                                                : "✕";
    items += std::string("<li data-sign=\"") + sign + "\">" +
             in_both(notice.what(Language::en), notice.what(Language::ru)) + ' ' +
             in_both(notice.todo(Language::en), notice.todo(Language::ru)) + " <small>" +
             in_both(severity_text(notice.severity())) + " · <span class=\"mono\">" +
             escaped(notice.id()) + "</span></small></li>";
  }
  return items.empty() ? items : "<ul class=\"plain\">" + items + "</ul>";
}

std::string provenance_list(const StudyResult& result) {
  const Provenance& p = result.provenance;
  std::string models, settings, timings;
  for (const Provenance::Model& model : p.models)
    models += (models.empty() ? "" : "<br>") + escaped(model.name + " " + model.version) + " " +
              mono(model.sha256);
  for (const auto& [key, value] : p.settings)
    settings += (settings.empty() ? "" : "<br>") + mono(key + " = " + value);
  if (settings.empty()) settings = in_both("all default", "все по умолчанию");
  for (const StageTime& stage : p.timings)
    timings += escaped(stage.stage) + ' ' +
               in_both(both([&](Language l) { return number(stage.seconds, 2, l); })) + " · ";
  timings += in_both(both([&](Language l) {
    return (l == Language::ru ? "всего " : "total ") + number(p.seconds, 2, l) +
           (l == Language::ru ? " с" : " s");
  }));
  return "<dl class=\"facts\">" +
         fact({"Program", "Программа"}, escaped("thorax " + p.program_version)) +
         fact({"Layout of result.json", "Формат result.json"}, escaped(kSchemaVersion)) +
         fact({"Input", "Вход"}, mono(result.place())) +
         fact({"SHA-256 of the input", "SHA-256 входа"}, mono(p.input_sha256)) +
         fact({"StudyInstanceUID", "StudyInstanceUID"}, mono(result.study_uid)) +
         fact({"SeriesInstanceUID", "SeriesInstanceUID"}, mono(result.series_uid)) +
         fact({"Models", "Модели"}, models) + fact({"Settings", "Настройки"}, settings) +
         fact({"Time, s", "Время, с"}, "<span class=\"timing\">" + timings + "</span>") + "</dl>";
}

}  // namespace thorax::report

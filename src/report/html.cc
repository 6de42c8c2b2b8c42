#include "report/html.h"

#include <algorithm>

#include "base/files.h"
#include "report/html_parts.h"
#include "report/html_style.h"
#include "report/html_text.h"
#include "report/phrases.h"
#include "report/sentences.h"

namespace thorax::report {
namespace {

std::string radio(const char* group, const char* id, const char* aria, bool checked) {
  return std::string("<input class=\"switch\" type=\"radio\" name=\"") + group + "\" id=\"" + id +
         "\" aria-label=\"" + aria + '"' + (checked ? " checked>" : ">");
}

std::string label(const char* target, const std::string& html) {
  return std::string("<label for=\"") + target + "\">" + html + "</label>";
}

/// Who and what, with the patient hidden unless asked for.
std::string heading(const StudyResult& result, bool identify) {
  const std::string who =
      identify ? escaped(result.patient_name + " · " + result.patient_id) : std::string("••••");
  std::string series;
  for (const SeriesRow& row : result.series) {
    if (row.role != "taken") continue;
    if (row.slice_thickness)
      series +=
          " · " +
          in_both(both([&](Language l) { return quantity(*row.slice_thickness, 2, "mm", l); }));
    if (!row.kernel.empty()) series += " · " + escaped(row.kernel);
  }
  return "Thorax <span class=\"who\">" + who + " · " + in_both(study_line(result)) + series +
         "</span>";
}

std::string links(std::initializer_list<std::pair<const char*, Text>> targets,
                  const std::string& body) {
  std::string out;
  for (const auto& [id, name] : targets)
    if (body.find(std::string(" id=\"") + id + '"') != std::string::npos)
      out += std::string("<a href=\"#") + id + "\">" + in_both(name) + "</a>";
  return "<nav>" + out + "</nav>";
}

std::string hero(const StudyResult& result) {
  const std::string planes = plane_figures(result);
  if (planes.empty()) return "<div class=\"hero alone\">" + verdict_panel(result) + "</div>";
  const bool is_xray = result.kind == "xray";
  return "<div class=\"hero\"><div class=\"panel\"><div class=\"" +
         std::string(is_xray ? "keys" : "planes") + "\">" + planes + "</div></div>" +
         verdict_panel(result) + "</div>";
}

std::string refusal(const StudyResult& result) {
  const Notice& failure = *result.failure;
  return "<section class=\"panel refusal\"><div class=\"verdict\">" + verdict_sign(result) +
         "<strong>" + in_both("The study was not analysed", "Исследование не проанализировано") +
         "</strong></div><strong>" +
         in_both(failure.what(Language::en), failure.what(Language::ru)) +
         "</strong><p class=\"do\">" + in_both("What to do: ", "Что делать: ") +
         in_both(failure.todo(Language::en), failure.todo(Language::ru)) + "</p><small>" +
         in_both(study_line(result)) + " · <span class=\"mono\">" + escaped(failure.id()) +
         "</span></small></section>";
}

std::vector<Notice> all_notices(const StudyResult& result) {
  std::vector<Notice> out = result.trust_reasons;
  out.insert(out.end(), result.notices.begin(), result.notices.end());
  return out;
}

Switches switches_of(const StudyResult& result) {
  Switches switches;
  for (const Picture& picture : result.pictures) {
    switches.windows = switches.windows || !picture.window.empty();
    switches.marks = switches.marks || !picture.window.empty() || !picture.overlay_png.empty();
  }
  return switches;
}

std::string body_of(const StudyResult& result, std::size_t picture_budget) {
  std::string out = result.failure ? refusal(result) : hero(result);
  out += panel("keys", {"Key slices", "Ключевые срезы"}, key_figures(result, picture_budget));
  if (result.ok())
    out += panel("report", {"Report", "Описание и заключение"}, report_prose(result));
  out += panel("lesions", {"Lesions", "Очаги"}, lesion_table(result));
  out += panel("networks", {"Neural networks", "Нейросети"}, network_tables(result));
  out += panel("measurements", {"Measurements", "Измерения"},
               histogram_figure(result) + measurement_table(result.measurements));
  out += other_findings(result);
  out += panel("quality", {"Image quality", "Качество изображений"},
               body_part_prose(result) + measurement_table(result.quality));
  out += panel("warnings", {"Warnings", "Предупреждения"}, notice_list(all_notices(result)));
  out += panel("series",
               result.ok() ? Text{"Series", "Серии"}
                           : Text{"What was seen: series", "Что было в исследовании: серии"},
               series_table(result));
  out += panel("files", {"Files set aside", "Отложенные файлы"}, set_aside_table(result));
  return out + panel("provenance", {"Provenance", "Происхождение"}, provenance_list(result));
}

}  // namespace

std::string panel(const std::string& id, const Text& title, const std::string& content) {
  if (content.empty()) return {};
  return "<section class=\"panel\" id=\"" + id + "\"><h2>" + in_both(title) + "</h2>" + content +
         "</section>";
}

std::string page_open(const std::string& title, const std::string& heading_html, Language language,
                      const Switches& switches) {
  const bool ru = language == Language::ru;
  std::string out =
      "<!doctype html>\n<html lang=\"" + std::string(to_string(language)) +
      "\"><head><meta charset=\"utf-8\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<meta name=\"robots\" content=\"noindex\"><title>" +
      escaped(title) + "</title><style>" + kStyle + "</style></head>\n<body>" +
      radio("lang", "lang-en", "English", !ru) + radio("lang", "lang-ru", "Русский", ru);
  if (switches.windows)
    out += radio("window", "win-best", "Window: as suits the finding", true) +
           radio("window", "win-lung", "Window: lung", false) +
           radio("window", "win-mediastinum", "Window: mediastinum", false);
  if (switches.marks)
    out += "<input class=\"switch\" type=\"checkbox\" id=\"marks\" aria-label=\"Marks\" checked>";
  out += "<div class=\"page\"><header class=\"bar-top\"><h1>" + heading_html + "</h1>";
  if (switches.windows)
    out += "<div class=\"set\">" + label("win-best", in_both("auto", "авто")) +
           label("win-lung", in_both("lung", "лёгкие")) +
           label("win-mediastinum", in_both("mediastinum", "средостение")) + "</div>";
  if (switches.marks)
    out += "<label class=\"toggle\" for=\"marks\">" + in_both("marks", "разметка") + "</label>";
  return out + "<div class=\"set\">" + label("lang-ru", "RU") + label("lang-en", "EN") +
         "</div><div class=\"ruo\">" + in_both(kResearchUseOnly) + "</div></header>\n";
}

std::string page_close() {
  return "<footer class=\"small muted\">" + in_both(kResearchUseOnly) +
         "</footer></div></body></html>\n";
}

std::string report_prose(const StudyResult& result) {
  std::string out;
  for (const ReportSection& section : report_sections(result)) {
    out += "<h3>" + in_both(section.title) + "</h3>";
    for (const ReportParagraph& paragraph : section.paragraphs) {
      const std::string lead = paragraph.heading.en.empty()
                                   ? ""
                                   : "<strong>" + in_both(paragraph.heading) + ".</strong> ";
      out += "<p>" + lead + in_both(paragraph.body) + "</p>";
    }
  }
  return "<div class=\"prose\">" + out + "</div>";
}

std::string html_page(const StudyResult& result, const HtmlOptions& options) {
  const std::string body = body_of(result, options.picture_budget);
  const std::string title = "Thorax · " + study_line(result).in(options.language);
  return page_open(title, heading(result, options.identify), options.language,
                   switches_of(result)) +
         "<main>" +
         links({{"keys", {"Key slices", "Ключевые срезы"}},
                {"report", {"Report", "Описание"}},
                {"lesions", {"Lesions", "Очаги"}},
                {"networks", {"Networks", "Нейросети"}},
                {"measurements", {"Measurements", "Измерения"}},
                {"others", {"Other findings", "Остальные находки"}},
                {"quality", {"Quality", "Качество"}},
                {"warnings", {"Warnings", "Предупреждения"}},
                {"series", {"Series", "Серии"}},
                {"files", {"Files", "Файлы"}},
                {"provenance", {"Provenance", "Происхождение"}}},
               body) +
         body + "</main>" + page_close();
}

}  // namespace thorax::report

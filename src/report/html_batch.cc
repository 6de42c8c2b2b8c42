#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "report/batch.h"
#include "report/html.h"
#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/phrases.h"

namespace thorax::report {
namespace {

/// A relative link: percent-encodes what would end or change the address.
std::string address(const std::string& link) {
  constexpr char kHex[] = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~/";
  std::string out;
  for (const char c : link) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x80 && std::isalnum(byte)) || kPlain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  // A name such as "javascript:x" cannot be taken for a scheme behind "./".
  return "./" + out;
}

std::string most_severe(const StudyResult& result) {
  if (result.failure)
    return in_both(result.failure->what(Language::en), result.failure->what(Language::ru));
  const auto found = positive_findings(result);
  if (found.empty()) return "–";
  std::string out = in_both(found.front()->name);
  if (!found.front()->places.empty() && !found.front()->places.front().where.en.empty())
    out += ", " + in_both(found.front()->places.front().where);
  return out;
}

/// The path as the user gave it; studies of one path are told apart by their folder in the report.
std::string study_name(const BatchEntry& entry, const std::vector<BatchEntry>& all) {
  const auto same = std::count_if(all.begin(), all.end(), [&](const BatchEntry& other) {
    return other.result->place() == entry.result->place();
  });
  const std::string folder = std::filesystem::path(entry.link).parent_path().filename().string();
  return entry.result->place() + (same > 1 && !folder.empty() ? " · " + folder : "");
}

std::string row(const BatchEntry& entry, const std::vector<BatchEntry>& all) {
  const StudyResult& r = *entry.result;
  const std::string name = escaped(study_name(entry, all));
  const std::string probability =
      r.ok() && r.decision
          ? in_both(both([&](Language l) { return number(r.decision->verdict.probability, 2, l); }))
          : std::string("–");
  return "<tr><td>" +
         (entry.link.empty() ? name : "<a href=\"" + address(entry.link) + "\">" + name + "</a>") +
         "</td><td>" + in_both(kind_text(r)) + "<br><small>" +
         in_both(both([&](Language l) { return date_text(r.study_date, l); })) +
         "</small></td><td><span class=\"verdict-cell\">" + verdict_sign(r) + "<strong>" +
         in_both(verdict_word(r)) + "</strong></span></td><td class=\"num\">" + probability +
         "</td><td>" + most_severe(r) + "</td><td>" + in_both(trust_text(r.trust)) +
         "</td><td class=\"num timing\">" +
         in_both(both([&](Language l) { return number(r.provenance.seconds, 1, l); })) +
         "</td></tr>";
}

Text summary(const std::vector<BatchEntry>& entries) {
  long refused = 0, pathology = 0, uncertain = 0, normal = 0;
  for (const BatchEntry& entry : entries) {
    if (!entry.result->ok()) {
      ++refused;
    } else if (entry.result->decision) {
      const findings::VerdictKind kind = entry.result->decision->verdict.kind;
      ++(kind == findings::VerdictKind::pathology   ? pathology
         : kind == findings::VerdictKind::uncertain ? uncertain
                                                    : normal);
    }
  }
  const auto n = static_cast<long>(entries.size());
  const auto text = [](long value) { return std::to_string(value); };
  return {text(n) + ' ' + plural_en(n, "study", "studies") + ": " + text(pathology) +
              " with pathology, " + text(uncertain) + " uncertain, " + text(normal) +
              " without findings, " + text(refused) + " not analysed.",
          text(n) + ' ' + plural_ru(n, "исследование", "исследования", "исследований") +
              ": с патологией " + text(pathology) + ", неопределённых " + text(uncertain) +
              ", без находок " + text(normal) + ", не проанализировано " + text(refused) + "."};
}

}  // namespace

std::string html_batch_index(const std::vector<BatchEntry>& entries, Language language) {
  const auto column = [](const char* en, const char* ru, const char* style = "") {
    return "<th scope=\"col\" class=\"" + std::string(style) + "\">" + in_both(en, ru) + "</th>";
  };
  std::string rows;
  for (const BatchEntry& entry : entries) rows += row(entry, entries);
  return page_open("Thorax", "Thorax", language, {}) + "<main><section class=\"panel\"><h2>" +
         in_both("Studies", "Исследования") + "</h2><p>" + in_both(summary(entries)) + "</p>" +
         wide_table("<tr>" + column("Study", "Исследование") + column("Kind, date", "Вид, дата") +
                    column("Verdict", "Вывод") + column("Score", "Оценка", "num") +
                    column("Most severe", "Наиболее опасное") + column("Trust", "Доверие") +
                    column("Time, s", "Время, с", "num") + "</tr>" + rows) +
         "</section></main>" + page_close();
}

void write_batch_index(const std::filesystem::path& path, const std::vector<BatchEntry>& entries,
                       Language language) {
  write_file(path, html_batch_index(entries, language));
}

}  // namespace thorax::report

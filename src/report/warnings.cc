#include "report/warnings.h"

#include <algorithm>

#include "base/files.h"
#include "report/utf8.h"

namespace thorax::report {
namespace {

std::string line(const Notice& notice, Language language) {
  return "\n\t" +
         clean_utf8(notice.id() + ": " + notice.what(language) + ' ' + notice.todo(language));
}

}  // namespace

std::string warnings_text(const StudyResult& result, Language language) {
  std::vector<Notice> said;
  const auto add = [&](const Notice& notice) {
    const bool worth_saying = notice.severity() != Severity::info;
    if (worth_saying && std::find(said.begin(), said.end(), notice) == said.end())
      said.push_back(notice);
  };
  if (result.failure) add(*result.failure);
  for (const Notice& notice : result.trust_reasons) add(notice);
  for (const Notice& notice : result.notices) add(notice);
  if (said.empty()) return {};
  std::string text = clean_utf8(result.place());
  for (const Notice& notice : said) text += line(notice, language);
  return text + '\n';
}

std::string warnings_text(const std::vector<StudyResult>& results, Language language) {
  std::string text;
  for (const StudyResult& result : results) text += warnings_text(result, language);
  return text;
}

void write_warnings(const std::filesystem::path& path, const std::string& text) {
  write_file(path, text);
}

}  // namespace thorax::report

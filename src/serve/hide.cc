#include "serve/hide.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "report/html_text.h"
#include "serve/call.h"
#include "serve/views.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;
using store::Right;

// Shorter words are no names, and stand in other words.
constexpr std::size_t kShortest = 3;

std::string replaced(std::string text, const std::vector<std::string>& words) {
  const std::string hidden = kHidden;
  for (const std::string& word : words)
    for (std::size_t at = text.find(word); at != std::string::npos;
         at = text.find(word, at + hidden.size()))
      text.replace(at, word.size(), hidden);
  return text;
}

/// So that no word is replaced inside a longer one.
void longest_first(std::vector<std::string>& words) {
  std::sort(words.begin(), words.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  words.erase(std::unique(words.begin(), words.end()), words.end());
}

/// The paths that failures name.
void add_paths(const Json& json, std::vector<std::string>& words) {
  for (const auto& [key, member] : json.items()) {
    if (key == "path" && member.is_string() && !member.get<std::string>().empty())
      words.push_back(member.get<std::string>());
    if (member.is_structured()) add_paths(member, words);
  }
}

Json parsed_result(const fs::path& file) {
  Json json = Json::parse(read_file_if_there(file), nullptr, false);
  if (!json.is_object())
    throw Error("report_unreadable"_code, {{"detail", file.filename().string()}});
  return json;
}

}  // namespace

bool sees_names(const Identity& who) {
  return who.has(Right::names);
}

void require_names(const Identity& who) {
  if (!sees_names(who))
    throw Error("not_allowed"_code,
                {{"user", who.name}, {"right", std::string(to_string(Right::names))}});
}

store::Study shown_study(store::Study study, const Identity& who) {
  if (!sees_names(who)) study.name = "study-" + study.id.substr(study.id.size() - 6);
  return study;
}

nlohmann::ordered_json shown_json(nlohmann::ordered_json json, const Identity& who) {
  if (sees_names(who)) return json;
  std::vector<std::string> words;
  add_paths(json, words);
  longest_first(words);
  return without_words(std::move(json), words);
}

std::vector<std::string> naming_words(const nlohmann::ordered_json& result) {
  std::vector<std::string> words;
  const auto add = [&](const char* pointer) {
    const nlohmann::ordered_json::json_pointer where(pointer);
    if (!result.contains(where) || !result.at(where).is_string()) return;
    std::string word = result.at(where).get<std::string>();
    if (word.size() >= kShortest) words.push_back(std::move(word));
  };
  for (const char* pointer :
       {"/study/path", "/study/within", "/study/patient/name", "/study/patient/id"})
    add(pointer);
  if (const auto files = result.find("files_set_aside"); files != result.end())
    for (std::size_t i = 0; i < files->size(); ++i)
      add(("/files_set_aside/" + std::to_string(i) + "/path").c_str());
  longest_first(words);
  return words;
}

bool may_name(const fs::path& file) {
  const std::string ending = file.extension().string();
  return ending == ".json" || ending == ".html" || ending == ".txt";
}

nlohmann::ordered_json without_words(nlohmann::ordered_json json,
                                     const std::vector<std::string>& words) {
  if (json.is_string()) return replaced(json.get<std::string>(), words);
  // Going through a number or a truth gives that value itself.
  if (!json.is_structured()) return json;
  for (auto& [key, member] : json.items()) member = without_words(std::move(member), words);
  return json;
}

std::string html_without_words(const std::string& page, const std::vector<std::string>& words) {
  std::vector<std::string> escaped;
  for (const std::string& word : words) escaped.push_back(report::escaped(word));
  std::string out;
  bool style = false;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t tag = std::min(page.find('<', at), page.size());
    const std::string text = page.substr(at, tag - at);
    out += style ? text : replaced(text, escaped);
    const std::size_t end = std::min(page.find('>', tag), page.size() - 1);
    style = page.compare(tag, 6, "<style") == 0;
    out.append(page, tag, tag < page.size() ? end + 1 - tag : 0);
    at = tag < page.size() ? end + 1 : tag;
  }
  return out;
}

std::string without_names(const fs::path& file, const fs::path& result) {
  const Json json = parsed_result(result);
  const std::vector<std::string> words = naming_words(json);
  if (file.extension() == ".html") return html_without_words(read_file_if_there(file), words);
  if (file.extension() == ".txt") return replaced(read_file_if_there(file), words);
  Json shown = parsed_result(file);
  if (shown.contains("/study/patient"_json_pointer))
    shown["study"]["patient"]["name"] = shown["study"]["patient"]["id"] = nullptr;
  return dump(without_words(std::move(shown), words));
}

}  // namespace thorax::serve

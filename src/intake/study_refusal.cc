// Why a study cannot be read.
#include <algorithm>
#include <functional>

#include "intake/series_choice.h"
#include "intake/series_model.h"
#include "intake/series_words.h"

namespace thorax::intake {
namespace {

/// A source without images: the first file that should have been one says why; else which kinds of
/// files there are.
Notice nothing_to_read(const Study& study, const std::string& path) {
  for (const SetAside& file : study.set_aside)
    if (file.reason.severity() == Severity::error) return file.reason;
  return {"nothing_to_read"_code, {{"path", path}, {"found", files_found(study.set_aside)}}};
}

/// "DICOM: structured report"; "*.txt" for what is no DICOM.
std::string kind_of(const SetAside& file) {
  if (file.reason.code == "not_an_image_object"_code)
    if (const auto what = file.reason.args.find("what"); what != file.reason.args.end())
      return "DICOM: " + what->second;
  return "*" + lower_case(std::filesystem::path(file.path).extension().string());
}

}  // namespace

std::string files_found(const std::vector<SetAside>& files) {
  constexpr std::size_t kListed = 5;
  std::map<std::string, int> counts;
  for (const SetAside& file : files) ++counts[kind_of(file)];
  std::vector<std::pair<std::string, int>> kinds(counts.begin(), counts.end());
  std::ranges::stable_sort(kinds, std::greater(), &std::pair<std::string, int>::second);
  std::string out;
  for (std::size_t i = 0; i < std::min(kListed, kinds.size()); ++i)
    out += (i ? ", " : "") + kinds[i].first + " (" + std::to_string(kinds[i].second) + ')';
  if (kinds.size() > kListed) out += ", …";
  return out.empty() ? "0" : out;
}

std::optional<Notice> study_refusal(const Study& study, const std::string& path) {
  if (study.chosen()) return std::nullopt;
  if (study.series.empty()) return nothing_to_read(study, path);
  int slices = 0;
  std::string modality;
  bool lateral = false;
  for (const Series& series : study.series) {
    if (series.instances.empty()) continue;
    const SeriesFacts facts = series_facts(series);
    if (facts.image_class == ImageClass::original || facts.image_class == ImageClass::derived)
      slices = std::max(slices, facts.images);
    if (facts.image_class == ImageClass::other_modality && modality.empty())
      modality = series.header.modality;
    lateral = lateral || facts.view == 2;
  }
  if (slices > 0)
    return Notice{"too_few_slices"_code,
                  {{"count", std::to_string(slices)}, {"minimum", std::to_string(kMinimumSlices)}}};
  if (!modality.empty()) return Notice{"wrong_modality"_code, {{"modality", modality}}};
  if (lateral) return Notice{"only_lateral_view"_code, {}};
  return Notice{"no_readable_series"_code, {{"count", std::to_string(study.series.size())}}};
}

}  // namespace thorax::intake

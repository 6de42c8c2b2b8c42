#include "pipeline/picture_labels.h"

#include <filesystem>

#include "base/error.h"
#include "learn/table.h"
#include "pipeline/listed_path.h"

namespace thorax::pipeline {

PictureLabels::PictureLabels(const std::string& manifest, const std::string& patient,
                             const std::string& option) {
  if (!manifest.empty())
    for (const auto& row : learn::read_table(manifest, {"path", "class", "patient_id"}))
      listed_[row.at("path")] = {row.at("path"), row.at("class"), row.at("patient_id")};
  if (patient.empty()) return;
  try {
    patient_ = std::regex(patient);
  } catch (const std::regex_error& wrong) {
    throw Error("bad_option"_code,
                {{"option", option}, {"value", patient}, {"hint", wrong.what()}});
  }
}

std::optional<Labelled> PictureLabels::of(const std::string& path) const {
  if (listed_.empty()) return by_folder(path);
  if (const auto found = find_listed(listed_, path); found != listed_.end()) return found->second;
  return {};
}

Labelled PictureLabels::by_folder(const std::string& path) const {
  const std::filesystem::path file(path);
  Labelled found{path, file.parent_path().filename().string(), path};
  const std::string name = file.filename().string();
  std::smatch match;
  if (patient_ && std::regex_search(name, match, *patient_) && match.size() > 1)
    found.patient = match[1].str();
  return found;
}

}  // namespace thorax::pipeline

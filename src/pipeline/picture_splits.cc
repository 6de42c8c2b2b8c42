#include "pipeline/picture_splits.h"

#include "learn/table.h"

namespace thorax::pipeline {

using learn::Split;
using nlohmann::json;

std::string csv_of(const learn::PictureSet& set, const std::vector<Split>& splits) {
  std::string text = "path,patient_id,class,split\n";
  for (std::size_t i = 0; i < set.count(); ++i)
    text += learn::table_field(set.names[i]) + ',' + learn::table_field(set.patients[i]) + ',' +
            learn::table_field(set.classes[static_cast<std::size_t>(set.labels[i])]) + ',' +
            learn::to_string(splits[i]) + '\n';
  return text;
}

json counts_of(const learn::PictureSet& set, const std::vector<Split>& splits) {
  json counts;
  for (std::size_t i = 0; i < set.count(); ++i) {
    json& count =
        counts[learn::to_string(splits[i])][set.classes[static_cast<std::size_t>(set.labels[i])]];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  return counts;
}

}  // namespace thorax::pipeline

#include "pipeline/answer_table.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "learn/table.h"

namespace thorax::pipeline {

AnswerCounts write_answers(const std::filesystem::path& path,
                           const std::vector<PictureAnswer>& answers,
                           const std::vector<std::string>& classes, const PictureLabels& labels) {
  if (classes.empty())
    throw Error("bad_option"_code, {{"option", "--table"},
                                    {"value", path.string()},
                                    {"hint", "the model's manifest names no labels"}});
  AnswerCounts counts;
  std::string text = "path,patient_id,class";
  for (const std::string& name : classes) text += ',' + learn::table_field("logit_" + name);
  text += '\n';
  for (const PictureAnswer& answer : answers) {
    if (answer.picture.failure) continue;
    const std::optional<Labelled> known = labels.of(answer.picture.id);
    if (!known) {
      ++counts.unlisted;
      continue;
    }
    ++counts.rows;
    const bool is_class = std::ranges::find(classes, known->label) != classes.end();
    counts.unknown += is_class ? 0 : 1;
    text += learn::table_field(known->name) + ',' + learn::table_field(known->patient) + ',' +
            (is_class ? learn::table_field(known->label) : "");
    for (const float logit : answer.logits)
      text += ',' + learn::table_field(static_cast<double>(logit));
    text += '\n';
  }
  write_file(path, text);
  return counts;
}

}  // namespace thorax::pipeline

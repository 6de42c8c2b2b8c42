#include "pipeline/embed.h"

#include "base/error.h"

namespace thorax::pipeline {
namespace {

ModelOutput embedding_of(const LearnedModel& model) {
  const auto found = find_output(model.runner->describe(), "embedding");
  if (!found)
    throw Error("bad_option"_code,
                {{"option", "--model"},
                 {"value", model.manifest.name + " (" + model.manifest.task + ")"},
                 {"hint", "ct-embedding | xray-embedding | xray-classification"}});
  return *found;
}

}  // namespace

EmbeddingIndex embed_cases(const std::vector<Input>& inputs, const LearnedModel& model,
                           const EmbedOptions& wanted, const Options& options,
                           const Progress& progress) {
  EmbeddingIndex index;
  index.normalised = wanted.normalise;
  index.model = model.manifest.name;
  index.model_sha256 = model.manifest.sha256;
  const auto values = std::make_shared<std::vector<float>>();
  for (CaseRow& row :
       run_cases(inputs, model, embedding_of(model), options, wanted.gate, progress)) {
    if (!row.found.failure && wanted.normalise && !normalise(row.values))
      row.found.failure = Notice{"no_numbers"_code, {{"name", model.manifest.name}}};
    if (row.found.failure) {
      index.lost.push_back({std::move(row.found.id), std::move(*row.found.failure)});
      continue;
    }
    index.ids.push_back(std::move(row.found.id));
    index.width = row.values.size();
    values->insert(values->end(), row.values.begin(), row.values.end());
  }
  index.values = *values;
  index.owner = values;
  return index;
}

}  // namespace thorax::pipeline

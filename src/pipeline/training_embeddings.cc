#include "pipeline/training_embeddings.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/error.h"
#include "learn/table.h"
#include "pipeline/embedding_index.h"
#include "pipeline/training_labels.h"

namespace thorax::pipeline {
namespace {

using Row = std::map<std::string, std::string>;

}  // namespace

HeadData read_head_data(const learn::DataOptions& data) {
  const std::vector<Row> table = learn::read_table(data.table, {data.id_column});
  const TableLabels labels(data, table, {data.id_column});
  std::map<std::string, const Row*> rows;
  for (const Row& row : table)
    if (!rows.emplace(row.at(data.id_column), &row).second)
      throw Error("bad_training_data"_code,
                  {{"path", data.table}, {"detail", "twice: " + row.at(data.id_column)}});
  const EmbeddingIndex index = read_index(data.embeddings);
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < index.ids.size(); ++i) places.emplace(index.ids[i], i);

  HeadData found;
  found.model = index.model;
  found.model_sha256 = index.model_sha256;
  found.normalised = index.normalised;
  learn::EmbeddingSet& set = found.set;
  set.width = index.width;
  set.classes = labels.classes();
  set.exclusive = data.target != "each";
  for (const auto& [id, place] : places) {
    const auto row = rows.find(id);
    const auto truth = row == rows.end() ? std::nullopt : labels.of(*row->second);
    if (!truth) {
      ++found.unlabelled;
      continue;
    }
    set.ids.push_back(id);
    set.patients.push_back(patient_of(*row->second, data, id));
    set.shown.push_back(shown_of(*row->second, data));
    set.truth.insert(set.truth.end(), truth->begin(), truth->end());
    const std::span<const float> values = index.row(place);
    set.values.insert(set.values.end(), values.begin(), values.end());
  }
  found.without_embedding = static_cast<std::size_t>(
      std::ranges::count_if(rows, [&](const auto& row) { return !places.contains(row.first); }));
  if (set.count() == 0)
    throw Error("bad_training_data"_code,
                {{"path", data.table},
                 {"detail", "no " + data.id_column + " is among the ids of " + data.embeddings}});
  return found;
}

}  // namespace thorax::pipeline

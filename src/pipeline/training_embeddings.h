// From a file of embeddings and a table of labels to the set that a head is trained on.
#pragma once

#include "learn/embeddings.h"

namespace thorax::pipeline {

struct HeadData {
  learn::EmbeddingSet set;
  std::string model, model_sha256;    ///< that made the embeddings
  bool normalised = true;             ///< rows of length 1
  std::size_t unlabelled = 0;         ///< embeddings without a row, or with an empty label
  std::size_t without_embedding = 0;  ///< rows of the table
};

/// Joins data.embeddings (as `thorax embed` writes it) with data.table by data.id_column; rows in
/// the order of their ids. data.target says what the label columns mean: "class" one column of two
/// class names; "any" two classes, normal and pathology, from columns of 0 and 1; "each" columns of
/// 0 and 1, each a question of its own. Throws Error: no_such_input, bad_weights, bad_index,
/// bad_training_data.
HeadData read_head_data(const learn::DataOptions& data);

}  // namespace thorax::pipeline

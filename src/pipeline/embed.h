// Embeddings of CT studies and radiographs.
#pragma once

#include "pipeline/case_rows.h"
#include "pipeline/embedding_index.h"

namespace thorax::pipeline {

struct EmbedOptions {
  bool normalise = true;  ///< rows of length 1
  Gate gate = Gate::refuse;
};

/// A row a case that could be read, in the order of the inputs; the others are in its `lost`.
/// Throws Error: bad_option (`--model`) for a model without an embedding of volumes or pictures,
/// cancelled.
EmbeddingIndex embed_cases(const std::vector<Input>& inputs, const LearnedModel& model,
                           const EmbedOptions& wanted, const Options& options,
                           const Progress& progress = {});

}  // namespace thorax::pipeline

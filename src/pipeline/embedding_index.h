// Embeddings of many cases: made by a model, kept in one safetensors file, searched by cosine.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/notice.h"
#include "weights/manifest.h"

namespace thorax::pipeline {

/// What a model made of one case: a row of length 1.
struct CaseEmbedding {
  std::string model, model_sha256;
  std::vector<float> values;
};

/// A case that has no row.
struct LostCase {
  std::string id;
  Notice reason;
};

struct EmbeddingIndex {
  std::vector<std::string> ids;  ///< one a row: StudyInstanceUID, or the file of a picture
  std::size_t width = 0;
  std::span<const float> values;  ///< [ids, width], row-major
  std::shared_ptr<const void> owner;
  bool normalised = true;  ///< rows have length 1
  std::string model, model_sha256;
  std::vector<LostCase> lost;  ///< not read back

  std::span<const float> row(std::size_t i) const { return values.subspan(i * width, width); }
};

/// Divides by the L2 norm; false for a row that has none.
bool normalise(std::vector<float>& row);

/// Nothing for a row that has no direction.
std::optional<CaseEmbedding> case_embedding(const weights::Manifest& model, std::vector<float> row);

/// One tensor "embeddings" [ids, width]; in the metadata "ids" and "lost" ([{id, code}]) as JSON
/// lists, "normalised", "model", "model_sha256". The same index gives the same bytes. Throws
/// Error("cannot_write"_code).
void write_index(const std::filesystem::path& path, const EmbeddingIndex& index);

/// Maps the file. Throws Error: bad_weights (no safetensors), bad_index.
EmbeddingIndex read_index(const std::filesystem::path& path);

struct Neighbour {
  std::size_t row = 0;
  float similarity = 0;  ///< cosine
};

/// The `count` rows of largest cosine with each query, which have length 1; equal ones in the order
/// of the rows. Exact: every row is compared, which costs one pass over the file for all queries
/// together. Rows without a direction are left out. The result does not depend on the threads.
std::vector<std::vector<Neighbour>> nearest(const EmbeddingIndex& index,
                                            const std::vector<std::vector<float>>& queries,
                                            std::size_t count);

}  // namespace thorax::pipeline

// How well a model that was trained on pairs finds what belongs together, and its card.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "learn/split.h"

namespace thorax::pipeline {

/// For each query how many of `others` are at least as similar (by the dot product) as its own,
/// which has the same place. 1 is best.
std::vector<std::size_t> ranks(const std::vector<std::vector<float>>& queries,
                               const std::vector<std::vector<float>>& others);

/// What the cards of such models say in words.
struct RetrievalWords {
  std::string model;  ///< "A pair of encoders … whose embeddings …", a sentence without its stop
  std::string unit;   ///< "pairs", "pictures"
  std::string question;  ///< whose share the table gives: "volumes whose own report is …"
};

class Retrieval {
 public:
  /// Of one split; names, patients, queries and others in the same order. Nothing for an empty one.
  void add(learn::Split split, const std::vector<std::string>& names,
           const std::vector<std::string>& patients, const std::vector<std::vector<float>>& queries,
           const std::vector<std::vector<float>>& others);

  /// Leaves retrieval.csv in the run's folder, and in the model's CARD.md and the manifest's
  /// metrics. Throws Error("cannot_write"_code).
  void write(const std::filesystem::path& run, const std::filesystem::path& model,
             const RetrievalWords& words) const;

 private:
  std::string csv_ = "study_id,patient_id,split,rank,among\n", table_;
  nlohmann::json metrics_;
};

}  // namespace thorax::pipeline

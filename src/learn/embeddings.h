// Embeddings of studies with their labels, and batches of them.
#pragma once

#include "learn/batches.h"
#include "learn/cases.h"

namespace thorax::learn {

struct EmbeddingSet : LabelledCases {
  std::size_t width = 0;
  std::vector<float> values;  ///< [ids, width]

  std::span<const float> row(std::size_t i) const {
    return std::span(values).subspan(i * width, width);
  }
};

/// sha256 over values, truth, ids, patients and classes.
std::string hash_of(const EmbeddingSet& set);

/// Labels, or targets where each class is a question of its own, of these cases.
void add_truth(Batch& batch, const LabelledCases& set, std::span<const std::size_t> places);

/// Batches [B, width], in the order of CaseOrder.
class EmbeddingBatches final : public Batches {
 public:
  /// The set has to outlive this. Throws what CaseOrder throws.
  EmbeddingBatches(const EmbeddingSet& set, const std::vector<Split>& splits,
                   const Options& options);

  std::int64_t steps_per_epoch() const override;
  Batch training(std::int64_t epoch, std::int64_t step) const override;
  std::int64_t validation_steps() const override;
  Batch validation(std::int64_t step) const override;

  /// Rows that an epoch goes through.
  std::vector<std::size_t> order(std::int64_t epoch) const { return order_.training(epoch); }

 private:
  Batch batch(std::span<const std::size_t> places) const;

  const EmbeddingSet& set_;
  const Options options_;
  const CaseOrder order_;
};

}  // namespace thorax::learn

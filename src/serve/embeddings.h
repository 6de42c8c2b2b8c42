// The embeddings that the service knows: of the studies it has read, and of a file that `thorax
// embed` wrote.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "serve/projection.h"
#include "store/store.h"

namespace thorax::serve {

/// What one model made of cases. Rows are cases.
struct Embeddings {
  /// A case of the service has a study; one of a file has an id, which may be that of a study.
  struct Case {
    std::string id;  ///< StudyInstanceUID, or the file of a picture
    std::string study_id;
    int number = 0;  ///< of the result inside the study
  };

  std::string model, model_sha256;
  std::size_t width = 0;
  std::vector<Case> cases;
  std::vector<float> values;  ///< [cases, width]

  /// The `count` rows nearest to a row by cosine, nearest first, with their cosines; the row itself
  /// is left out, equal ones stand in their order.
  std::vector<std::pair<std::size_t, double>> nearest(std::size_t row, std::size_t count) const;
};

/// Embeddings by model, those of the most cases first; the same number by the model's hash.
using EmbeddingSets = std::vector<std::shared_ptr<const Embeddings>>;

/// Reads them again when they change. Thread-safe.
class EmbeddingMap {
 public:
  EmbeddingMap(store::Store& store, std::filesystem::path file)
      : store_(store), file_(std::move(file)) {}

  const std::filesystem::path& path() const { return file_; }
  /// The newest kMostEmbeddings of the store, and those of the file that the store does not have.
  /// Throws Error: bad_weights, bad_index (also for a file of more than kMostEmbeddings rows).
  EmbeddingSets sets();
  /// Of one of them, kept until another is asked for.
  std::shared_ptr<const Projection> plane(const std::shared_ptr<const Embeddings>& embeddings);

 private:
  store::Store& store_;
  const std::filesystem::path file_;
  std::mutex mutex_;     ///< held while they are read and projected
  std::string read_as_;  ///< what the store and the file were then
  EmbeddingSets read_;
  std::shared_ptr<const Embeddings> projected_;
  std::shared_ptr<const Projection> plane_;
};

/// A page draws so many points.
inline constexpr std::size_t kMostEmbeddings = 20'000;

}  // namespace thorax::serve

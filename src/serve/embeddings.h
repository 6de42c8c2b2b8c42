// A file of embeddings, as `thorax embed` writes it, beside the studies of the service.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "serve/projection.h"

namespace thorax::serve {

/// Rows are cases.
struct Embeddings {
  std::vector<std::string> ids;  ///< StudyInstanceUID, or the file of a picture
  std::size_t width = 0;
  std::vector<float> values;  ///< [ids, width]
  std::string model, model_sha256;
  Projection plane;

  /// The `count` rows nearest to a row by cosine, nearest first, with their cosines; the row itself
  /// is left out, equal ones stand in their order.
  std::vector<std::pair<std::size_t, double>> nearest(std::size_t row, std::size_t count) const;
};

/// The file, read again when it changes. Thread-safe.
class EmbeddingFile {
 public:
  explicit EmbeddingFile(std::filesystem::path file) : file_(std::move(file)) {}

  const std::filesystem::path& path() const { return file_; }
  /// Null when there is no file. Throws Error: bad_weights, bad_index (also for more than
  /// kMostEmbeddings rows).
  std::shared_ptr<const Embeddings> get();

 private:
  const std::filesystem::path file_;
  std::mutex mutex_;                       ///< held while the file is read
  std::array<std::int64_t, 4> read_as_{};  ///< device, inode, size, nanoseconds of its change
  std::shared_ptr<const Embeddings> read_;
};

/// A page draws so many points.
inline constexpr std::size_t kMostEmbeddings = 20'000;

}  // namespace thorax::serve

#include "pipeline/embedding_index.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/parallel.h"
#include "weights/safetensors.h"

namespace thorax::pipeline {
namespace {

using nlohmann::json;

constexpr const char* kTensor = "embeddings";
constexpr std::size_t kRowsAtATime = 2048;

/// Sixteen sums side by side: the compiler makes vectors of them, and the order of additions is
/// the same on any machine.
float dot(const float* a, const float* b, std::size_t count) {
  constexpr std::size_t kLanes = 16;
  std::array<float, kLanes> sums{};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  for (std::size_t lane = 0; i < count; ++i, ++lane) sums[lane] += a[i] * b[i];
  for (std::size_t half = kLanes / 2; half > 0; half /= 2)
    for (std::size_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  return sums[0];
}

bool closer(const Neighbour& a, const Neighbour& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
}

void keep_best(std::vector<Neighbour>& found, std::size_t count) {
  const std::size_t kept = std::min(count, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(kept), found.end(),
                    closer);
  found.resize(kept);
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& detail) {
  throw Error("bad_index"_code, {{"path", path.string()}, {"detail", detail}});
}

std::string text_of(const std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : found->second;
}

}  // namespace

bool normalise(std::vector<float>& row) {
  double squares = 0;
  for (const float value : row) squares += static_cast<double>(value) * static_cast<double>(value);
  const double norm = std::sqrt(squares);
  if (!(norm > 0) || !std::isfinite(norm)) return false;
  for (float& value : row) value = static_cast<float>(static_cast<double>(value) / norm);
  return true;
}

std::optional<CaseEmbedding> case_embedding(const weights::Manifest& model,
                                            std::vector<float> row) {
  if (!normalise(row)) return {};
  return CaseEmbedding{model.name, model.sha256, std::move(row)};
}

void write_index(const std::filesystem::path& path, const EmbeddingIndex& index) {
  json lost = json::array();
  for (const LostCase& one : index.lost)
    lost.push_back({{"id", one.id}, {"code", one.reason.id()}});
  const std::vector<std::int64_t> shape{static_cast<std::int64_t>(index.ids.size()),
                                        static_cast<std::int64_t>(index.width)};
  const weights::Tensor tensor{weights::DType::f32, shape, weights::row_major_strides(shape),
                               std::as_bytes(index.values).data(), index.owner};
  weights::write_safetensors(path, {{kTensor, tensor}},
                             {{"ids", json(index.ids).dump()},
                              {"lost", lost.dump()},
                              {"normalised", index.normalised ? "true" : "false"},
                              {"model", index.model},
                              {"model_sha256", index.model_sha256}});
}

EmbeddingIndex read_index(const std::filesystem::path& path) {
  const weights::Safetensors file = weights::read_safetensors(path);
  const auto found = file.tensors.find(kTensor);
  if (found == file.tensors.end() || found->second.shape.size() != 2)
    refuse(path, std::string(kTensor) + " [N, D]");
  const weights::Tensor& tensor = found->second;
  EmbeddingIndex index;
  const json ids = json::parse(text_of(file.metadata, "ids"), nullptr, /*allow_exceptions=*/false);
  if (!ids.is_array() || static_cast<std::int64_t>(ids.size()) != tensor.shape[0] ||
      !std::ranges::all_of(ids, [](const json& id) { return id.is_string(); }))
    refuse(path, "ids");
  index.ids = ids.get<std::vector<std::string>>();
  index.width = static_cast<std::size_t>(tensor.shape[1]);
  const auto count = static_cast<std::size_t>(tensor.count());
  if (tensor.type == weights::DType::f32 &&
      reinterpret_cast<std::uintptr_t>(tensor.data) % alignof(float) == 0) {
    index.values = {reinterpret_cast<const float*>(tensor.data), count};
    index.owner = tensor.owner;
  } else {
    const auto copy = std::make_shared<const std::vector<float>>(tensor.to_float());
    index.values = *copy;
    index.owner = copy;
  }
  index.normalised = text_of(file.metadata, "normalised") == "true";
  index.model = text_of(file.metadata, "model");
  index.model_sha256 = text_of(file.metadata, "model_sha256");
  return index;
}

std::vector<std::vector<Neighbour>> nearest(const EmbeddingIndex& index,
                                            const std::vector<std::vector<float>>& queries,
                                            std::size_t count) {
  std::vector<std::vector<Neighbour>> best(queries.size());
  std::mutex mutex;
  parallel_for(index.ids.size(), kRowsAtATime, [&](std::size_t begin, std::size_t end) {
    std::vector<std::vector<Neighbour>> mine(queries.size());
    for (std::size_t i = begin; i < end; ++i) {
      const float* row = index.values.data() + i * index.width;
      const float norm = index.normalised ? 1 : std::sqrt(dot(row, row, index.width));
      for (std::size_t q = 0; q < queries.size(); ++q) {
        const float similarity = dot(row, queries[q].data(), index.width) / norm;
        if (std::isfinite(similarity)) mine[q].push_back({i, similarity});
      }
    }
    for (std::vector<Neighbour>& found : mine) keep_best(found, count);
    // Whatever order the parts come in, the best of all are the same.
    const std::lock_guard lock(mutex);
    for (std::size_t q = 0; q < queries.size(); ++q) {
      best[q].insert(best[q].end(), mine[q].begin(), mine[q].end());
      keep_best(best[q], count);
    }
  });
  return best;
}

}  // namespace thorax::pipeline

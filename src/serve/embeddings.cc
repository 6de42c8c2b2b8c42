#include "serve/embeddings.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "weights/safetensors.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const Embeddings> read(const fs::path& path) {
  const auto refuse = [&](const std::string& detail) {
    throw Error("bad_index"_code, {{"path", path.filename().string()}, {"detail", detail}});
  };
  const weights::Safetensors file = weights::read_safetensors(path);
  const auto found = file.tensors.find("embeddings");
  if (found == file.tensors.end() || found->second.shape.size() != 2) refuse("embeddings [N, D]");
  const auto text = [&](const char* key) {
    const auto entry = file.metadata.find(key);
    return entry == file.metadata.end() ? std::string() : entry->second;
  };
  const nlohmann::json ids = nlohmann::json::parse(text("ids"), nullptr, false);
  const std::vector<std::int64_t>& shape = found->second.shape;
  if (!ids.is_array() || static_cast<std::int64_t>(ids.size()) != shape[0] ||
      !std::all_of(ids.begin(), ids.end(), [](const auto& id) { return id.is_string(); }))
    refuse("ids");
  if (ids.size() > kMostEmbeddings) refuse("N > " + std::to_string(kMostEmbeddings));
  const auto embeddings = std::make_shared<Embeddings>();
  embeddings->ids = ids.get<std::vector<std::string>>();
  embeddings->width = static_cast<std::size_t>(shape[1]);
  embeddings->values = found->second.to_float();
  embeddings->model = text("model");
  embeddings->model_sha256 = text("model_sha256");
  embeddings->plane = principal_plane(embeddings->values, embeddings->width);
  return embeddings;
}

}  // namespace

std::vector<std::pair<std::size_t, double>> Embeddings::nearest(std::size_t row,
                                                                std::size_t count) const {
  const float* own = values.data() + row * width;
  const auto dot = [&](const float* a, const float* b) {
    double sum = 0;
    for (std::size_t k = 0; k < width; ++k) sum += double{a[k]} * double{b[k]};
    return sum;
  };
  std::vector<std::pair<std::size_t, double>> all;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const float* other = values.data() + i * width;
    const double cosine = dot(own, other) / std::sqrt(dot(own, own) * dot(other, other));
    if (i != row && std::isfinite(cosine)) all.emplace_back(i, cosine);
  }
  const std::size_t kept = std::min(count, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(),
                    [](const auto& a, const auto& b) {
                      return a.second != b.second ? a.second > b.second : a.first < b.first;
                    });
  all.resize(kept);
  return all;
}

std::shared_ptr<const Embeddings> EmbeddingFile::get() {
  const std::lock_guard lock(mutex_);
  struct stat now {};
  if (stat(file_.c_str(), &now) != 0) return read_ = nullptr;
  // Clocks of file systems tick every few milliseconds; a file put in the place of another is
  // another inode.
  const std::array<std::int64_t, 4> state{
      static_cast<std::int64_t>(now.st_dev), static_cast<std::int64_t>(now.st_ino), now.st_size,
      static_cast<std::int64_t>(now.st_mtim.tv_sec) * 1'000'000'000 + now.st_mtim.tv_nsec};
  if (!read_ || state != read_as_) {
    read_ = read(file_);
    read_as_ = state;
  }
  return read_;
}

}  // namespace thorax::serve

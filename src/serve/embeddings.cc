#include "serve/embeddings.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "weights/safetensors.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;

Embeddings read(const fs::path& path) {
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
  Embeddings embeddings;
  for (const auto& id : ids) embeddings.cases.push_back({id.get<std::string>(), "", 0});
  embeddings.width = static_cast<std::size_t>(shape[1]);
  embeddings.values = found->second.to_float();
  embeddings.model = text("model");
  embeddings.model_sha256 = text("model_sha256");
  return embeddings;
}

/// Another word whenever the file may be another; empty when there is none. Clocks of file systems
/// tick every few milliseconds; a file put in the place of another is another inode.
std::string state_of(const fs::path& file) {
  struct stat now {};
  if (stat(file.c_str(), &now) != 0) return {};
  std::string state;
  for (const std::int64_t part :
       {static_cast<std::int64_t>(now.st_dev), static_cast<std::int64_t>(now.st_ino),
        static_cast<std::int64_t>(now.st_size), static_cast<std::int64_t>(now.st_mtim.tv_sec),
        static_cast<std::int64_t>(now.st_mtim.tv_nsec)})
    state += std::to_string(part) + ' ';
  return state;
}

/// Embeddings of one model, and by which ids and names a file may call their cases.
struct Set {
  Embeddings embeddings;
  std::set<std::string> names;
};

/// The service's own, by the hash of their model.
std::map<std::string, Set> own(store::Store& store) {
  std::map<std::string, Set> sets;
  for (const store::Embedded& one : store.embeddings(kMostEmbeddings)) {
    auto& [set, names] = sets[one.embedding.model_sha256];
    if (set.cases.empty()) {
      set.model = one.embedding.model;
      set.model_sha256 = one.embedding.model_sha256;
      set.width = one.embedding.values.size();
    }
    if (one.embedding.values.size() != set.width) continue;
    set.cases.push_back({one.reading.study_uid.empty() ? one.reading.name : one.reading.study_uid,
                         one.reading.study_id, one.reading.number});
    set.values.insert(set.values.end(), one.embedding.values.begin(), one.embedding.values.end());
    names.insert(one.reading.name);
    if (!one.reading.study_uid.empty()) names.insert(one.reading.study_uid);
  }
  return sets;
}

/// Behind the service's own, those that it does not have.
void add(const Embeddings& file, std::map<std::string, Set>& sets) {
  const auto [place, fresh] = sets.try_emplace(file.model_sha256, Set{file, {}});
  auto& [set, names] = place->second;
  if (fresh || set.width != file.width) return;
  for (std::size_t i = 0; i < file.cases.size(); ++i) {
    const std::string& id = file.cases[i].id;
    if (names.contains(id) || names.contains(id.substr(id.find_last_of('/') + 1))) continue;
    set.cases.push_back(file.cases[i]);
    const auto row = file.values.begin() + static_cast<std::ptrdiff_t>(i * file.width);
    set.values.insert(set.values.end(), row, row + static_cast<std::ptrdiff_t>(file.width));
  }
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
  for (std::size_t i = 0; i < cases.size(); ++i) {
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

EmbeddingSets EmbeddingMap::sets() {
  const std::lock_guard lock(mutex_);
  const std::string of_file = state_of(file_), state = store_.embeddings_state() + ' ' + of_file;
  if (state == read_as_) return read_;
  std::map<std::string, Set> sets = own(store_);
  if (!of_file.empty()) add(read(file_), sets);
  read_.clear();
  for (auto& [sha256, set] : sets)
    read_.push_back(std::make_shared<const Embeddings>(std::move(set.embeddings)));
  std::ranges::stable_sort(
      read_, [](const auto& a, const auto& b) { return a->cases.size() > b->cases.size(); });
  projected_ = nullptr;
  read_as_ = state;
  return read_;
}

std::shared_ptr<const Projection> EmbeddingMap::plane(
    const std::shared_ptr<const Embeddings>& embeddings) {
  const std::lock_guard lock(mutex_);
  if (projected_ != embeddings) {
    plane_ =
        std::make_shared<const Projection>(principal_plane(embeddings->values, embeddings->width));
    projected_ = embeddings;
  }
  return plane_;
}

}  // namespace thorax::serve

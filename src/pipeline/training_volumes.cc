#include "pipeline/training_volumes.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "intake/source.h"
#include "learn/table.h"
#include "pipeline/training_labels.h"
#include "weights/safetensors.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using Row = std::map<std::string, std::string>;

[[noreturn]] void unusable(const std::string& path, const std::string& detail) {
  throw Error("bad_training_data"_code, {{"path", path}, {"detail", detail}});
}

volume::CtVolume read_ct(const fs::path& path, const intake::Limits& limits,
                         const Progress& progress) {
  intake::Source source = intake::Source::open(path, limits, progress);
  for (const intake::Study& study : source.studies())
    if (study.kind == intake::StudyKind::ct && study.chosen() != nullptr)
      return source.load_volume(*study.chosen(), progress).hu;
  unusable(path.string(), "no CT");
}

/// Changes with anything that the file depends on, short of the study's bytes.
std::string origin_of(const fs::path& path, const std::string& how) {
  std::string text = how + '\n' + path.filename().string();
  if (fs::is_regular_file(path)) text += '\n' + std::to_string(fs::file_size(path));
  return sha256_hex(text);
}

std::string hash_of(const weights::StateDict& tensors) {
  Sha256 hash;
  for (const auto& [name, tensor] : tensors) {
    hash.update(name + '\n');
    hash.update(tensor.bytes());
  }
  return hash.hex();
}

class Reader {
 public:
  Reader(const learn::DataOptions& data, const std::string& how, const PrepareStudy& prepare,
         fs::path cache, const intake::Limits& limits)
      : data_(data), how_(how), prepare_(prepare), cache_(std::move(cache)), limits_(limits) {}

  /// The study's file, made where there is none.
  weights::Safetensors read(const std::string& ct, const std::string& outlines,
                            const Progress& progress) const {
    const fs::path path = below(ct);
    std::string origin = origin_of(path, how_);
    if (!outlines.empty()) origin = sha256_hex(origin + origin_of(below(outlines), how_));
    const fs::path kept = cache_ / (sha256_hex(ct).substr(0, 16) + ".safetensors");
    if (fs::exists(kept)) {
      weights::Safetensors found = weights::read_safetensors(kept);
      const auto made = found.metadata.find("origin");
      if (made != found.metadata.end() && made->second == origin) return found;
    }
    const volume::CtVolume hu = read_ct(path, limits_, progress);
    volume::CtVolume mask;
    if (!outlines.empty()) {
      mask = read_ct(below(outlines), limits_, progress);
      if (mask.shape() != hu.shape()) unusable(outlines, "another grid than " + ct);
    }
    const weights::StateDict tensors = prepare_(hu, mask);
    weights::write_safetensors(kept, tensors, {{"origin", origin}, {"sha256", hash_of(tensors)}});
    return weights::read_safetensors(kept);
  }

 private:
  fs::path below(const std::string& path) const { return fs::path(data_.source) / path; }

  const learn::DataOptions& data_;
  const std::string& how_;
  const PrepareStudy& prepare_;
  const fs::path cache_;
  const intake::Limits& limits_;
};

std::vector<Row> sorted_rows(const learn::DataOptions& data, const StudyNeeds& needs) {
  std::vector<std::string> columns{data.path_column};
  if (needs.masks) columns.push_back(data.mask_column);
  if (needs.texts) columns.push_back(data.text_column);
  std::vector<Row> rows = learn::read_table(data.table, columns);
  std::ranges::stable_sort(rows, {}, [&](const Row& row) { return row.at(data.path_column); });
  for (std::size_t i = 1; i < rows.size(); ++i)
    if (rows[i].at(data.path_column) == rows[i - 1].at(data.path_column))
      unusable(data.table, "twice: " + rows[i].at(data.path_column));
  return rows;
}

}  // namespace

VolumeData read_volumes(const learn::DataOptions& data, const StudyNeeds& needs,
                        const std::string& how, const PrepareStudy& prepare, const fs::path& cache,
                        const intake::Limits& limits, const Progress& progress) {
  const std::vector<Row> rows = sorted_rows(data, needs);
  VolumeData found;
  learn::VolumeSet& set = found.set;
  std::optional<TableLabels> labels;
  if (needs.labels)
    labels.emplace(data, rows, std::vector{data.path_column, data.mask_column, data.text_column});
  if (labels) set.classes = labels->classes();
  set.exclusive = data.target != "each";
  fs::create_directories(cache);
  const Reader reader(data, how, prepare, cache, limits);
  Sha256 hash;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const std::string& path = row.at(data.path_column);
    const std::string outlines = needs.masks ? row.at(data.mask_column) : "";
    const auto truth = labels ? labels->of(row) : std::vector<std::uint8_t>();
    if (!truth || (needs.masks && outlines.empty()) ||
        (needs.texts && row.at(data.text_column).empty())) {
      ++found.unlabelled;
      continue;
    }
    progress.report("read", static_cast<double>(i) / static_cast<double>(rows.size()));
    weights::Safetensors file = reader.read(path, outlines, {});
    set.ids.push_back(path);
    set.patients.push_back(patient_of(row, data, path));
    set.shown.push_back(shown_of(row, data));
    set.truth.insert(set.truth.end(), truth->begin(), truth->end());
    set.tensors.push_back(std::move(file.tensors));
    hash.update(file.metadata.at("sha256") + '\n');
    if (needs.texts) {
      found.texts.push_back(row.at(data.text_column));
      hash.update(found.texts.back() + '\n');
    }
  }
  if (set.count() == 0) unusable(data.table, "no study with everything that is needed");
  learn::add_to(hash, set);
  found.hash = hash.hex();
  return found;
}

}  // namespace thorax::pipeline

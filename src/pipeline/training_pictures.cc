#include "pipeline/training_pictures.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/hash.h"
#include "base/parallel.h"
#include "intake/source.h"
#include "pipeline/picture_labels.h"
#include "prepare/picture_resize.h"
#include "prepare/radiograph.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using learn::PictureSet;

[[noreturn]] void unusable(const learn::DataOptions& data, const std::string& detail) {
  throw Error("bad_training_data"_code, {{"path", data.source}, {"detail", detail}});
}

struct Decoded {
  Labelled what;
  std::vector<std::uint8_t> levels;
};

bool is_picture_file(const intake::Series& series) {
  return series.instances.front().sop_class_uid.empty();
}

std::vector<std::uint8_t> decode(intake::Source& source, const intake::Series& series, int size) {
  const intake::LoadedImage loaded = source.load_image(series);
  const prepare::Picture picture = is_picture_file(series)
                                       ? prepare::to_picture(loaded.image)
                                       : prepare::stretch_to_picture(loaded.image);
  return prepare::resize(prepare::to_grey(picture), size, size, prepare::Filter::bilinear).levels;
}

/// What is known of the picture at a path; nothing leaves it out.
using Labelling = std::function<std::optional<Labelled>(const std::string&)>;

/// Every `parts`-th picture of the source from `part` on.
std::vector<Decoded> decode_part(const learn::DataOptions& data, const Labelling& label,
                                 const intake::Limits& limits, std::size_t part, std::size_t parts,
                                 const std::function<void(double)>& report) {
  intake::Source source = intake::Source::open(data.source, limits);
  std::vector<const intake::Series*> all;
  for (const intake::Study& study : source.studies())
    for (const intake::Series& series : study.series)
      if (study.kind == intake::StudyKind::xray && !series.instances.empty())
        all.push_back(&series);
  std::vector<Decoded> decoded;
  for (std::size_t i = part; i < all.size(); i += parts) {
    const std::string& path = source.entries().at(all[i]->instances.front().entry).path;
    report(1.0 / static_cast<double>(all.size()));
    if (auto what = label(path))
      decoded.push_back({std::move(*what), decode(source, *all[i], data.size)});
  }
  return decoded;
}

std::vector<Decoded> decode_all(const learn::DataOptions& data, const Labelling& label,
                                const intake::Limits& limits, const Progress& progress) {
  const auto parts = static_cast<std::size_t>(thread_count());
  std::vector<std::vector<Decoded>> decoded(parts);
  std::mutex mutex;
  double done = 0;
  const auto report = [&](double more) {
    const std::lock_guard lock(mutex);
    progress.report("read", done += more);
  };
  parallel_for(parts, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part)
      decoded[part] = decode_part(data, label, limits, part, parts, report);
  });
  std::vector<Decoded> all;
  for (auto& part : decoded) std::ranges::move(part, std::back_inserter(all));
  return all;
}

PictureSet assemble(std::vector<Decoded> pictures, int size) {
  std::ranges::sort(pictures, {}, [](const Decoded& one) { return one.what.name; });
  PictureSet set;
  set.size = size;
  std::set<std::string> classes;
  for (const Decoded& one : pictures) classes.insert(one.what.label);
  set.classes.assign(classes.begin(), classes.end());
  std::vector<std::byte> levels;
  for (const Decoded& one : pictures) {
    set.names.push_back(one.what.name);
    set.patients.push_back(one.what.patient);
    set.labels.push_back(static_cast<int>(std::ranges::lower_bound(set.classes, one.what.label) -
                                          set.classes.begin()));
    std::ranges::transform(one.levels, std::back_inserter(levels),
                           [](std::uint8_t level) { return std::byte(level); });
  }
  set.levels = weights::make_tensor(weights::DType::u8,
                                    {static_cast<std::int64_t>(pictures.size()), size, size},
                                    std::move(levels));
  return set;
}

/// Changes with anything that the set depends on, short of the pictures' bytes.
std::string origin_of(const learn::DataOptions& data) {
  std::string text = fs::path(data.source).filename().string() + '\n' + data.patient + '\n' +
                     std::to_string(data.size);
  text += '\n' + (data.manifest.empty() ? "" : sha256_file(data.manifest));
  if (fs::is_regular_file(data.source)) text += '\n' + std::to_string(fs::file_size(data.source));
  return sha256_hex(text);
}

}  // namespace

PictureSet training_pictures(const learn::DataOptions& data, const fs::path& cache,
                             const intake::Limits& limits, const Progress& progress) {
  if (data.source.empty()) return learn::read_picture_set(cache);
  if (!fs::exists(data.source)) throw Error("no_such_input"_code, {{"path", data.source}});
  const std::string origin = origin_of(data);
  if (fs::exists(cache)) {
    PictureSet kept = learn::read_picture_set(cache);
    if (kept.origin == origin) return kept;
  }
  const PictureLabels labels(data.manifest, data.patient);
  PictureSet set = assemble(
      decode_all(
          data, [&](const std::string& path) { return labels.of(path); }, limits, progress),
      data.size);
  if (set.classes.empty() || set.classes.size() > 255)
    unusable(data, std::to_string(set.classes.size()) + " classes");
  set.origin = origin;
  learn::write_picture_set(cache, set);
  return set;
}

PictureSet unlabelled_pictures(const fs::path& source, int size, const intake::Limits& limits,
                               const Progress& progress) {
  learn::DataOptions data;
  data.source = source.string();
  data.size = size;
  const auto unlabelled = [](const std::string& path) { return Labelled{path, "", path}; };
  return assemble(decode_all(data, unlabelled, limits, progress), size);
}

}  // namespace thorax::pipeline

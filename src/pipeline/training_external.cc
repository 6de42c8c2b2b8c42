#include "pipeline/training_external.h"

#include "base/error.h"
#include "learn/augment.h"
#include "pipeline/evaluation_rows.h"
#include "pipeline/training_pictures.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using evaluate::Cases;
using learn::Split;

/// Which of a source's pictures are taken.
enum class Part { all, last_class, other_classes };

bool takes(Part part, int label, std::size_t classes) {
  const bool last = static_cast<std::size_t>(label) + 1 == classes;
  return part == Part::all || last == (part == Part::last_class);
}

/// Pictures of another source with the model's answers.
struct External {
  learn::PictureSet set;
  std::vector<std::vector<float>> logits;

  void add_to(Cases& cases, Part part, double temperature) const {
    for (std::size_t i = 0; i < set.count(); ++i)
      if (takes(part, set.labels[i], set.classes.size()))
        add_case(cases, set.labels[i], logits[i], temperature, "external " + set.patients[i]);
  }
};

/// A model's answers on pictures of another source.
class Asked {
 public:
  Asked(const fs::path& model, const learn::Options& training, int size)
      : radiograph_(radiograph_options(weights::load_manifest(model), size)),
        seed_(training.training.seed) {
    engine::RunOptions wanted;
    wanted.threads = training.training.threads;
    runner_ = engine::load(model, wanted);
    const auto output = find_output(runner_->describe(), "logits");
    if (!output) throw Error("bad_tensors"_code, {{"detail", model.string() + ": no logits"}});
    output_ = *output;
  }

  /// One row a picture of the set, empty for those of the other part.
  std::vector<std::vector<float>> of(const learn::PictureSet& set, Part part,
                                     std::size_t shift) const {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < set.count(); ++i)
      if (takes(part, set.labels[i], set.classes.size())) places.push_back(i);
    std::vector<std::vector<float>> rows =
        rows_of(*runner_, output_, set, places, radiograph_, {shift, seed_});
    std::vector<std::vector<float>> all(set.count());
    for (std::size_t i = 0; i < places.size(); ++i) all[places[i]] = std::move(rows[i]);
    return all;
  }

 private:
  prepare::RadiographOptions radiograph_;
  std::uint64_t seed_;
  std::unique_ptr<engine::Runner> runner_;
  ModelOutput output_;
};

}  // namespace

std::optional<learn::PictureSet> external_pictures(const fs::path& folder,
                                                   const learn::Options& training,
                                                   const std::vector<std::string>& classes,
                                                   const intake::Limits& limits,
                                                   const Progress& progress) {
  if (training.data.external.empty()) return {};
  learn::DataOptions data = training.data;
  data.source = data.external;
  data.manifest = data.external_manifest;
  learn::PictureSet set =
      training_pictures(data, folder / "external.safetensors", limits, progress);
  if (set.classes != classes)
    throw Error("bad_training_data"_code,
                {{"path", data.source}, {"detail", "data.external: other classes"}});
  return set;
}

std::string judge_external(const learn::PictureSet& pictures, const fs::path& model,
                           const std::vector<Prediction>& predictions, const learn::PictureSet& set,
                           const std::vector<Split>& splits, const learn::Options& training,
                           const Progress& progress) {
  const std::span<const learn::Shift> shifts = learn::shifts();
  const Asked asked(model, training, pictures.size);
  const auto seen = [&](Part part, std::size_t shift) {
    progress.report("another source",
                    static_cast<double>(shift) / static_cast<double>(shifts.size()));
    return asked.of(pictures, part, shift);
  };
  External external{pictures, seen(Part::all, 0)};
  const double temperature = weights::load_manifest(model).json.at("calibration").at("temperature");

  const std::string last = set.classes.back(),
                    other = set.classes.size() == 2 ? set.classes.front() : "other classes";
  const auto row = [&](const std::string& name, Part theirs, Part ours, Split split) {
    Cases cases;
    cases.classes = set.classes;
    external.add_to(cases, theirs, temperature);
    for (const Prediction& one : predictions)
      if (theirs != Part::all && one.shift == 0 && splits[one.picture] == split &&
          takes(ours, set.labels[one.picture], set.classes.size()))
        add_case(cases, set.labels[one.picture], one.logits, temperature,
                 set.patients[one.picture]);
    return metrics_row(name, evaluate::measure(cases));
  };
  std::string text =
      "\n## Another source: " + fs::path(training.data.external).filename().string() + "\n\n" +
      std::to_string(external.set.count()) +
      " pictures; none took part in training, calibration or the threshold.\n\n" + kMetricsColumns;
  text += row("all of them", Part::all, Part::all, Split::test);
  for (const Split split : {Split::validation, Split::test}) {
    const std::string own = learn::to_string(split);
    text += row("their " + other + ", " + last + " of " + own, Part::other_classes,
                Part::last_class, split);
    text +=
        row(other + " of " + own + ", their " + last, Part::last_class, Part::other_classes, split);
  }
  text += "\nTheir " + other + " changed, " + last + " of validation as they are:\n\n" +
          kMetricsColumns;
  for (std::size_t shift = 0; shift < shifts.size(); ++shift) {
    if (shift > 0) external.logits = seen(Part::other_classes, shift);
    text += row(shift == 0 ? "as they are" : std::string(shifts[shift].name), Part::other_classes,
                Part::last_class, Split::validation);
  }
  return text;
}

}  // namespace thorax::pipeline

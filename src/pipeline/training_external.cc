#include "pipeline/training_external.h"

#include <numeric>

#include "base/error.h"
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

External ask(const fs::path& model, learn::PictureSet set, const learn::Options& training) {
  engine::RunOptions wanted;
  wanted.threads = training.training.threads;
  const std::unique_ptr<engine::Runner> runner = engine::load(model, wanted);
  const auto output = find_output(runner->describe(), "logits");
  if (!output) throw Error("bad_tensors"_code, {{"detail", model.string() + ": no logits"}});
  std::vector<std::size_t> places(set.count());
  std::iota(places.begin(), places.end(), 0);
  std::vector<std::vector<float>> logits = rows_of(
      *runner, *output, set, places, radiograph_options(weights::load_manifest(model), set.size));
  return {std::move(set), std::move(logits)};
}

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

std::string judge_external(learn::PictureSet pictures, const fs::path& model,
                           const std::vector<Prediction>& predictions, const learn::PictureSet& set,
                           const std::vector<Split>& splits, const learn::Options& training) {
  const External external = ask(model, std::move(pictures), training);
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
  return text;
}

}  // namespace thorax::pipeline

#include "pipeline/verify.h"

#include "base/error.h"
#include "base/hash.h"
#include "intake/source.h"
#include "pipeline/models.h"
#include "pipeline/study_rows.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;

std::string model_hash(const std::string& name, const Options& options) {
  try {
    return sha256_file(find_model_folder(options.models, name) / "model.json");
  } catch (const Error& error) {
    if (error.code() != "no_models"_code) throw;
    throw Error("no_such_input"_code, {{"path", name}});
  }
}

std::string input_hash(const fs::path& path, const report::StudyResult& result,
                       const Options& options, const Progress& progress) {
  intake::Source source = intake::Source::open(path, options.intake, progress);
  for (const intake::Study& study : source.studies()) {
    if (study.study_instance_uid != result.study_uid) continue;
    // Pictures have no UID: of several in one source the place tells.
    if (!result.within.empty() && place_within(source, study) != result.within) continue;
    for (const intake::Series& series : study.series)
      if (series_name(series) == result.series_uid) return source.content_hash(series);
  }
  throw Error("no_such_input"_code, {{"path", path.string() + ": " + result.series_uid}});
}

}  // namespace

report::VerifyHooks verify_hooks(const Options& options, const fs::path& input,
                                 const Progress& progress) {
  report::VerifyHooks hooks;
  hooks.input_sha256 = [=](const report::StudyResult& result) {
    return input_hash(input.empty() ? fs::path(result.path) : input, result, options, progress);
  };
  hooks.model_sha256 = [=](const report::Provenance::Model& model) {
    return model_hash(model.name, options);
  };
  return hooks;
}

}  // namespace thorax::pipeline

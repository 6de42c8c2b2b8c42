#include "pipeline/verify.h"

#include <fstream>
#include <iterator>
#include <optional>

#include "base/error.h"
#include "base/hash.h"
#include "findings/scorecard.h"
#include "intake/source.h"
#include "pipeline/models.h"
#include "pipeline/study_rows.h"
#include "report/json.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using What = Check::What;

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(Code::no_such_input, {{"path", path.string()}});
  return {std::istreambuf_iterator<char>(file), {}};
}

CheckState compare(const std::optional<std::string>& now, const std::string& then) {
  if (!now) return CheckState::missing;
  return *now == then ? CheckState::holds : CheckState::differs;
}

std::optional<std::string> file_hash(const fs::path& path) {
  if (!fs::is_regular_file(path)) return std::nullopt;
  return sha256_file(path);
}

std::optional<std::string> model_hash(const std::string& name, const Options& options) {
  ModelOptions wanted = options.models;
  wanted.ct = name;
  try {
    return findings::load_scorecard(find_models(wanted) / name).sha256;
  } catch (const Error& error) {
    if (error.code() == Code::no_models) return std::nullopt;
    throw;
  }
}

/// Of the series that the result was made from; nothing when the input or the series is gone.
std::optional<std::string> input_hash(const fs::path& path, const report::StudyResult& result,
                                      const Options& options, const Progress& progress) {
  if (!fs::exists(path)) return std::nullopt;
  intake::Source source = intake::Source::open(path, options.intake, progress);
  for (const intake::Study& study : source.studies()) {
    if (study.study_instance_uid != result.study_uid) continue;
    for (const intake::Series& series : study.series)
      if (series_name(series) == result.series_uid) return source.content_hash(series);
  }
  return std::nullopt;
}

}  // namespace

std::vector<Check> verify_report(const fs::path& report, const fs::path& input,
                                 const Options& options, const Progress& progress) {
  const fs::path file = fs::is_directory(report) ? report / "result.json" : report;
  const std::string text = read_text(file);
  const report::StudyResult result = report::from_json(text);
  std::vector<Check> checks;
  checks.push_back({What::result, file.filename().string(),
                    report::json_is_intact(text) ? CheckState::holds : CheckState::differs});
  for (const report::OutputFile& output : result.files)
    checks.push_back({What::file, output.name,
                      compare(file_hash(file.parent_path() / output.name), output.sha256)});
  for (const report::Provenance::Model& model : result.provenance.models)
    checks.push_back(
        {What::model, model.name, compare(model_hash(model.name, options), model.sha256)});
  if (!result.provenance.input_sha256.empty()) {
    const fs::path source = input.empty() ? fs::path(result.path) : input;
    checks.push_back(
        {What::input, source.string(),
         compare(input_hash(source, result, options, progress), result.provenance.input_sha256)});
  }
  return checks;
}

}  // namespace thorax::pipeline

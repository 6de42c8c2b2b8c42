#include "pipeline/models.h"

#include <cstdlib>
#include <vector>

#include "base/error.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;

bool holds_models(const fs::path& folder, const std::string& name) {
  return fs::is_regular_file(folder / name / "model.json");
}

std::vector<fs::path> places(const fs::path& program) {
  std::vector<fs::path> out;
  for (fs::path folder = program.parent_path(); folder.has_relative_path();
       folder = folder.parent_path())
    out.push_back(folder / "models");
  out.push_back(program.parent_path().parent_path() / "share/thorax/models");
  return out;
}

}  // namespace

fs::path find_models(const ModelOptions& options) {
  std::string named = options.folder;
  if (const char* variable = std::getenv("THORAX_MODELS"); named.empty() && variable)
    named = variable;
  if (!named.empty()) {
    if (holds_models(named, options.ct)) return named;
    throw Error(Code::no_models, {{"name", options.ct}, {"places", named}});
  }
  std::string searched;
  for (const fs::path& folder : places(fs::read_symlink("/proc/self/exe"))) {
    if (holds_models(folder, options.ct)) return folder;
    searched += (searched.empty() ? "" : ", ") + folder.string();
  }
  throw Error(Code::no_models, {{"name", options.ct}, {"places", searched}});
}

Models load_models(const ModelOptions& options) {
  return {findings::load_scorecard(find_models(options) / options.ct)};
}

}  // namespace thorax::pipeline

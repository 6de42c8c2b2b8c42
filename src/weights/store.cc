#include "weights/store.h"

#include <cstdlib>
#include <map>

#include "base/error.h"

namespace thorax::weights {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool is_model(const fs::path& folder) {
  std::error_code problem;
  return fs::is_regular_file(folder / "model.json", problem);
}

}  // namespace

fs::path user_models() {
  if (const std::string named = variable("THORAX_USER_MODELS"); !named.empty()) return named;
  if (const std::string data = variable("XDG_DATA_HOME"); !data.empty())
    return fs::path(data) / "thorax/models";
  const std::string home = variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".local/share/thorax/models";
}

std::vector<ModelPlace> model_places(const fs::path& given) {
  using Kind = ModelPlace::Kind;
  std::vector<ModelPlace> places;
  if (!given.empty()) {
    if (!fs::is_directory(given)) throw Error("no_such_input"_code, {{"path", given.string()}});
    places.push_back({Kind::given, given});
  }
  if (const std::string named = variable("THORAX_MODELS"); !named.empty())
    places.push_back({Kind::given, named});
  if (const fs::path user = user_models(); !user.empty()) places.push_back({Kind::user, user});
  const fs::path program = fs::read_symlink("/proc/self/exe");
  for (fs::path folder = program.parent_path(); folder.has_relative_path();
       folder = folder.parent_path())
    places.push_back({Kind::shipped, folder / "models"});
  places.push_back({Kind::shipped, program.parent_path().parent_path() / "share/thorax/models"});
  return places;
}

std::vector<FoundModel> list_models(const std::vector<ModelPlace>& places) {
  std::map<std::string, FoundModel> found;
  for (const ModelPlace& place : places) {
    std::error_code problem;
    for (const fs::directory_entry& entry : fs::directory_iterator(place.folder, problem)) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with('.') && is_model(entry.path()))
        found.try_emplace(name, FoundModel{name, entry.path(), place.kind});
    }
  }
  std::vector<FoundModel> models;
  for (auto& [name, model] : found) models.push_back(std::move(model));
  return models;
}

FoundModel find_model(const std::vector<ModelPlace>& places, const std::string& name) {
  std::string searched;
  for (const ModelPlace& place : places) {
    if (!name.empty() && fs::path(name).filename() == name && is_model(place.folder / name))
      return {name, place.folder / name, place.kind};
    std::error_code problem;
    if (fs::is_directory(place.folder, problem))
      searched += (searched.empty() ? "" : ", ") + place.folder.string();
  }
  throw Error("no_models"_code, {{"name", name}, {"places", searched}});
}

}  // namespace thorax::weights

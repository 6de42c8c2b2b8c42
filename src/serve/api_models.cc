// The models that are installed: their manifests' facts and their cards.

#include "base/error.h"
#include "base/hash.h"
#include "serve/api.h"
#include "weights/store.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;

std::string_view to_string(weights::ModelPlace::Kind kind) {
  switch (kind) {
    case weights::ModelPlace::Kind::given:
      return "given";
    case weights::ModelPlace::Kind::user:
      return "user";
    case weights::ModelPlace::Kind::shipped:
      break;
  }
  return "shipped";
}

/// A member that only some manifests have; null where it is not there.
Json optional_member(const nlohmann::json& manifest, const char* name) {
  const auto found = manifest.find(name);
  return found == manifest.end() ? Json(nullptr) : Json(*found);
}

Json files_of(const nlohmann::json& manifest) {
  Json files = Json::array();
  for (const nlohmann::json& file : manifest.value("files", nlohmann::json::array()))
    files.push_back({{"name", file.value("name", "")},
                     {"bytes", file.value("bytes", std::uint64_t(0))},
                     {"sha256", file.value("sha256", "")}});
  return files;
}

/// Throws nlohmann::json::exception when the manifest is not as it should be.
Json model_json(const weights::FoundModel& model) {
  const std::string text = content_of(model.folder / "model.json");
  const nlohmann::json manifest = nlohmann::json::parse(text);
  const std::string card = content_of(model.folder / "CARD.md");
  return {{"name", model.name},
          {"version", manifest.value("version", "")},
          {"kind", manifest.value("kind", "")},
          {"task", manifest.value("task", "")},
          {"network", optional_member(manifest, "network")},
          {"licence", manifest.value("licence", "")},
          {"data", optional_member(manifest, "data")},
          {"parameters", optional_member(manifest, "parameters")},
          {"place", to_string(model.place)},
          {"sha256", sha256_hex(text)},
          {"files", files_of(manifest)},
          {"card", card.empty() ? Json(nullptr) : Json(card)}};
}

}  // namespace

void models_api(Context& context, Call& call) {
  Json models = Json::array();
  for (const weights::FoundModel& model :
       weights::list_models(weights::model_places(context.options.models))) {
    try {
      models.push_back(model_json(model));
    } catch (const nlohmann::json::exception& error) {
      throw Error("bad_model"_code,
                  {{"path", (model.folder / "model.json").string()}, {"detail", error.what()}});
    }
  }
  call.answer(Json{{"models", std::move(models)}});
}

}  // namespace thorax::serve

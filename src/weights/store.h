// Where models are: folders of model folders, looked through in order.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace thorax::weights {

/// One place that holds model folders.
struct ModelPlace {
  enum class Kind { given, user, shipped };
  Kind kind = Kind::given;
  std::filesystem::path folder;
};

/// A model folder that was found (it holds a model.json; its content is not checked yet).
struct FoundModel {
  std::string name;  ///< of the folder
  std::filesystem::path folder;
  ModelPlace::Kind place = ModelPlace::Kind::given;
};

/// The user's own models: $THORAX_USER_MODELS, else thorax/models in $XDG_DATA_HOME, else in
/// ~/.local/share. Empty when there is no home.
std::filesystem::path user_models();

/// Places in the order in which a name is looked up: `given` (when not empty), $THORAX_MODELS, the
/// user's, and those that ship: models/ in the folder of the program or in one above it (a build
/// inside the source tree), ../share/thorax/models beside an installed program. Throws
/// Error("no_such_input"_code) when `given` is no folder.
std::vector<ModelPlace> model_places(const std::filesystem::path& given = {});

/// Every model of these places by name; of two with one name the earlier place's.
std::vector<FoundModel> list_models(const std::vector<ModelPlace>& places);

/// Throws Error("no_models"_code) naming what was searched.
FoundModel find_model(const std::vector<ModelPlace>& places, const std::string& name);

}  // namespace thorax::weights

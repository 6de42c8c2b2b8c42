// The models that are installed: their manifests' facts and their cards.

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/scratch_folder.h"
#include "engine/import.h"
#include "serve/api.h"
#include "serve/upload.h"
#include "serve/worker.h"
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
  const std::string text = read_file_if_there(model.folder / "model.json");
  const nlohmann::json manifest = nlohmann::json::parse(text);
  const std::string card = read_file_if_there(model.folder / "CARD.md");
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

fs::path folder_of_models(const Context& context) {
  if (!context.options.models.empty()) return context.options.models;
  if (fs::path own = weights::user_models(); !own.empty()) return own;
  throw Error("bad_option"_code, {{"option", "models.folder"}, {"value", ""}, {"hint", "$HOME"}});
}

/// What the request says of the model goes to the worker as arguments: no word of it is taken for
/// an option (`--licence=…`).
WorkerCommand import_command(const Context& context, const Call& call) {
  WorkerCommand command = context.pool.options().command;
  command.words.emplace_back("--model");
  command.words.push_back("--licence=" + call.parameter("licence"));
  for (std::size_t i = 0; i < call.request.get_param_value_count("label"); ++i)
    command.words.push_back("--label=" + call.request.get_param_value("label", i));
  return command;
}

/// In a process of its own, as studies are read: a checkpoint comes from strangers, and whatever
/// memory it takes goes with it.
void take(Context& context, Call& call) {
  const std::unique_lock only(context.importing, std::try_to_lock);
  if (!only) throw Error("import_running"_code);
  const std::string name = call.parameter("name");
  engine::check_model_name(name);
  const fs::path into = folder_of_models(context);
  const ScratchFolder scratch(fs::path(context.options.data) / "model-coming-in");
  store::FileFolder files(scratch.path() / "files", context.options.disk_reserve);
  ReceivedFile received = receive_file(call, files, context.options.max_upload, "file");
  // Its name's ending says what it is.
  WorkerTask task;
  task.file = scratch.path() / received.name;
  fs::rename(files.path_of(received.upload.commit().sha256), task.file);
  task.name = name;
  task.output = into;
  task.seconds = context.options.job_seconds;
  const WorkerEnd end = run_worker(
      import_command(context, call), task,
      [&](std::string_view stage, double fraction) {
        context.events.publish("model",
                               dump({{"name", name}, {"stage", stage}, {"fraction", fraction}}));
      },
      [&] { return context.pool.stopping() ? Stop::hand_back : Stop::no; });
  if (end.stopped != Stop::no) throw Error("cancelled"_code);
  if (end.outcome.failure) throw Error(*end.outcome.failure);
  context.trace.record(call.who, "import_model", name, {{"licence", call.parameter("licence")}});
  call.answer(model_json({name, into / name,
                          context.options.models.empty() ? weights::ModelPlace::Kind::user
                                                         : weights::ModelPlace::Kind::given}),
              201);
}

void remove(Context& context, Call& call, const std::string& name) {
  const weights::FoundModel model =
      weights::find_model(weights::model_places(context.options.models), name);
  if (model.place == weights::ModelPlace::Kind::shipped)
    throw Error("model_ships"_code, {{"name", name}});
  context.models.unload(name);
  std::error_code problem;
  fs::remove_all(model.folder, problem);
  if (problem)
    throw Error("cannot_write"_code,
                {{"path", model.folder.string()}, {"detail", problem.message()}});
  context.trace.record(call.who, "remove_model", name);
  call.response.status = 204;
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

void change_models_api(Context& context, Call& call, const std::vector<std::string>& rest) {
  const std::string& method = call.request.method;
  if (rest.size() == 1 && method == "POST") return take(context, call);
  if (rest.size() == 2 && method == "DELETE") return remove(context, call, rest[1]);
  throw Error("nothing_there"_code, {{"path", method + ' ' + call.request.path}});
}

}  // namespace thorax::serve

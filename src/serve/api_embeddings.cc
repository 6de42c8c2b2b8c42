// The map of embeddings, and the cases most like a study.
#include <algorithm>
#include <map>

#include "base/error.h"
#include "serve/api.h"
#include "serve/embeddings.h"
#include "serve/hide.h"
#include "store/ids.h"

namespace thorax::serve {
namespace {

/// What the service knows of the cases of a file of embeddings.
class Known {
 public:
  Known(Context& context, const Call& call) : call_(call) {
    for (store::Reading& one : context.store.readings()) {
      const std::string uid = one.study_uid, name = one.name;
      // The newest reading of a study stands for it; readings come newest first.
      by_uid_.try_emplace(uid.empty() ? name : uid, one);
      by_name_.try_emplace(name, std::move(one));
    }
  }

  const store::Reading* find(const std::string& id) const {
    if (const auto found = by_uid_.find(id); found != by_uid_.end()) return &found->second;
    const auto found = by_name_.find(id.substr(id.find_last_of('/') + 1));
    return found == by_name_.end() ? nullptr : &found->second;
  }

  /// A case as that one may see it: names of files may name patients.
  Json json(const std::string& id) const {
    const store::Reading* one = find(id);
    const bool names = sees_names(call_.who);
    if (!one)
      return {{"id", names ? id : kHidden},
              {"study_id", nullptr},
              {"number", nullptr},
              {"name", nullptr},
              {"kind", nullptr},
              {"verdict", nullptr}};
    store::Study study;
    study.id = one->study_id;
    study.name = one->name;
    study = shown_study(std::move(study), call_.who);
    return {{"id", names ? id : study.name},
            {"study_id", study.id},
            {"number", one->number},
            {"name", study.name},
            {"kind", one->kind},
            {"verdict", one->verdict.empty() ? Json(nullptr) : Json(one->verdict)}};
  }

 private:
  const Call& call_;
  std::map<std::string, store::Reading> by_uid_, by_name_;
};

Json source_json(const EmbeddingFile& file, const Embeddings* embeddings, const Call& call) {
  return {{"model", embeddings ? Json(embeddings->model) : Json(nullptr)},
          {"model_sha256", embeddings ? Json(embeddings->model_sha256) : Json(nullptr)},
          {"width", embeddings ? Json(embeddings->width) : Json(nullptr)},
          {"file", call.who.has(store::Right::admin) ? Json(file.path().string()) : Json(nullptr)}};
}

}  // namespace

void embeddings_api(Context& context, Call& call) {
  const std::shared_ptr<const Embeddings> embeddings = context.embeddings.get();
  Json json = source_json(context.embeddings, embeddings.get(), call);
  json["method"] = "pca";
  json["explained"] = Json::array();
  json["points"] = Json::array();
  if (embeddings) {
    const Known known(context, call);
    for (const double share : embeddings->plane.explained) json["explained"].push_back(share);
    for (std::size_t i = 0; i < embeddings->ids.size(); ++i) {
      Json point = known.json(embeddings->ids[i]);
      point["x"] = embeddings->plane.points[i][0];
      point["y"] = embeddings->plane.points[i][1];
      json["points"].push_back(std::move(point));
    }
  }
  call.answer(json);
}

void similar_api(Context& context, Call& call, const std::string& id, const std::string& number) {
  std::optional<store::Study> study;
  if (store::is_id(id)) study = context.store.study(id);
  if (!study) throw Error("unknown_id"_code, {{"id", id}});
  const auto count = static_cast<std::size_t>(call.number("count", 10, 1, 100));
  const std::shared_ptr<const Embeddings> embeddings = context.embeddings.get();
  Json json = source_json(context.embeddings, embeddings.get(), call);
  json["cases"] = Json::array();
  if (embeddings) {
    const Known known(context, call);
    const auto own =
        std::find_if(embeddings->ids.begin(), embeddings->ids.end(), [&](const std::string& one) {
          const store::Reading* found = known.find(one);
          return found && found->study_id == id && std::to_string(found->number) == number;
        });
    if (own != embeddings->ids.end())
      for (const auto& [row, cosine] :
           embeddings->nearest(static_cast<std::size_t>(own - embeddings->ids.begin()), count)) {
        Json one = known.json(embeddings->ids[row]);
        one["similarity"] = cosine;
        json["cases"].push_back(std::move(one));
      }
  }
  call.answer(json);
}

}  // namespace thorax::serve

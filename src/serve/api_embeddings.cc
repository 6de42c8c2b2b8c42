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

/// What the service knows of the cases of embeddings.
class Known {
 public:
  Known(Context& context, const Call& call) : call_(call) {
    for (store::Reading& one : context.store.readings()) {
      const std::string uid = one.study_uid, name = one.name;
      // The newest reading of a study stands for it; readings come newest first.
      by_place_.try_emplace({one.study_id, one.number}, one);
      by_uid_.try_emplace(uid.empty() ? name : uid, one);
      by_name_.try_emplace(name, std::move(one));
    }
  }

  const store::Reading* find(const Embeddings::Case& sought) const {
    if (!sought.study_id.empty()) {
      const auto found = by_place_.find({sought.study_id, sought.number});
      return found == by_place_.end() ? nullptr : &found->second;
    }
    const std::string& id = sought.id;
    if (const auto found = by_uid_.find(id); found != by_uid_.end()) return &found->second;
    const auto found = by_name_.find(id.substr(id.find_last_of('/') + 1));
    return found == by_name_.end() ? nullptr : &found->second;
  }

  /// A case as that one may see it: names of files may name patients.
  Json json(const Embeddings::Case& shown) const {
    const store::Reading* one = find(shown);
    const bool names = sees_names(call_.who);
    const std::string& id = shown.id;
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
  std::map<std::pair<std::string, int>, store::Reading> by_place_;
};

/// Where embeddings come from: the chosen ones' model, and every model that made some.
Json source_json(const EmbeddingMap& map, const EmbeddingSets& sets, const Embeddings* chosen,
                 const Call& call) {
  Json json = {{"model", chosen ? Json(chosen->model) : Json(nullptr)},
               {"model_sha256", chosen ? Json(chosen->model_sha256) : Json(nullptr)},
               {"width", chosen ? Json(chosen->width) : Json(nullptr)},
               {"models", Json::array()},
               {"file", call.who.has(store::Right::admin) ? Json(map.path().string()) : Json()}};
  for (const auto& set : sets)
    json["models"].push_back(
        {{"model", set->model}, {"model_sha256", set->model_sha256}, {"cases", set->cases.size()}});
  return json;
}

/// Those of the model that the question names, or of the most cases; null when there are none.
std::shared_ptr<const Embeddings> chosen_of(const EmbeddingSets& sets, const Call& call) {
  const std::string wanted = call.parameter("model_sha256");
  if (wanted.empty()) return sets.empty() ? nullptr : sets.front();
  const auto found =
      std::ranges::find_if(sets, [&](const auto& set) { return set->model_sha256 == wanted; });
  if (found == sets.end())
    throw Error("bad_parameter"_code, {{"name", "model_sha256"}, {"value", wanted}});
  return *found;
}

}  // namespace

void embeddings_api(Context& context, Call& call) {
  const EmbeddingSets sets = context.embeddings.sets();
  const std::shared_ptr<const Embeddings> embeddings = chosen_of(sets, call);
  Json json = source_json(context.embeddings, sets, embeddings.get(), call);
  json["method"] = "pca";
  json["explained"] = Json::array();
  json["points"] = Json::array();
  if (embeddings) {
    const Known known(context, call);
    const std::shared_ptr<const Projection> plane = context.embeddings.plane(embeddings);
    for (const double share : plane->explained) json["explained"].push_back(share);
    for (std::size_t i = 0; i < embeddings->cases.size(); ++i) {
      Json point = known.json(embeddings->cases[i]);
      point["x"] = plane->points[i][0];
      point["y"] = plane->points[i][1];
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
  const EmbeddingSets sets = context.embeddings.sets();
  const Known known(context, call);
  const auto is_asked = [&](const Embeddings::Case& one) {
    const store::Reading* found = known.find(one);
    return found && found->study_id == id && std::to_string(found->number) == number;
  };
  std::shared_ptr<const Embeddings> embeddings;
  Json cases = Json::array();
  for (const auto& set : sets) {
    const auto own = std::ranges::find_if(set->cases, is_asked);
    if (own == set->cases.end()) continue;
    embeddings = set;
    for (const auto& [row, cosine] :
         set->nearest(static_cast<std::size_t>(own - set->cases.begin()), count)) {
      Json one = known.json(set->cases[row]);
      one["similarity"] = cosine;
      cases.push_back(std::move(one));
    }
    break;
  }
  Json json = source_json(context.embeddings, sets, embeddings.get(), call);
  json["cases"] = std::move(cases);
  call.answer(json);
}

}  // namespace thorax::serve

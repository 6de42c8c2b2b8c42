#include "findings/scorecard.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"

namespace thorax::findings {
namespace {

using nlohmann::json;

Text text(const json& value) {
  return {value.at("en"), value.at("ru")};
}

/// A citation is the same in every language and may be one string.
Text source(const json& value) {
  if (!value.is_string()) return text(value);
  return {value, value};
}

void require(bool holds, const std::string& what) {
  if (!holds) throw std::invalid_argument(what);
}

Term term(const json& value) {
  Term t{.measurement_id = value.at("measurement"),
         .cutoff = value.at("cutoff"),
         .scale = value.at("scale"),
         .weight = value.value("weight", 1.0),
         .source = source(value.at("source"))};
  require(t.scale != 0, "the scale of " + t.measurement_id + " is 0");
  require(t.weight > 0 && t.weight <= 1, "the weight of " + t.measurement_id + " is not in (0, 1]");
  return t;
}

ScoredClass scored_class(const json& value) {
  ScoredClass c;
  c.id = value.at("id");
  c.name = text(value.at("name"));
  for (const json& t : value.at("terms")) c.terms.push_back(term(t));
  if (c.terms.empty()) c.not_analysed_why = text(value.at("not_analysed"));
  c.threshold = value.value("threshold", 0.5);
  c.pathology_weight = value.value("pathology_weight", 1.0);
  require(c.threshold >= 0 && c.threshold < 1, "the threshold of " + c.id + " is not in [0, 1)");
  require(c.pathology_weight >= 0 && c.pathology_weight <= 1,
          "the pathology_weight of " + c.id + " is not in [0, 1]");
  return c;
}

void check(const Scorecard& card) {
  std::set<std::string> ids;
  for (const ScoredClass& c : card.classes) require(ids.insert(c.id).second, "twice: " + c.id);
  require(std::set<std::string>(card.severity_order.begin(), card.severity_order.end()) == ids &&
              card.severity_order.size() == ids.size(),
          "severity_order does not name every class once");
  require(card.band_low <= card.band_high, "the uncertainty band is turned around");
}

Scorecard parse(const std::string& content) {
  const json manifest = json::parse(content);
  Scorecard card;
  require(manifest.at("kind") == "scorecard", "kind is not scorecard");
  card.name = manifest.at("name");
  card.version = manifest.at("version");
  card.description = text(manifest.at("description"));
  card.calibrated = manifest.at("calibrated");
  card.band_low = manifest.at("uncertain").at("low");
  card.band_high = manifest.at("uncertain").at("high");
  const json& factors = manifest.at("reliability_factor");
  card.reliability_factor = {{Reliability::good, factors.at("good")},
                             {Reliability::limited, factors.at("limited")},
                             {Reliability::weak, factors.at("weak")}};
  for (const json& c : manifest.at("classes")) card.classes.push_back(scored_class(c));
  card.severity_order = manifest.at("severity_order").get<std::vector<std::string>>();
  card.sha256 = sha256_hex(content);
  check(card);
  return card;
}

}  // namespace

double Term::score(double value) const {
  return weight / (1 + std::exp(-(value - cutoff) / scale));
}

const ScoredClass* Scorecard::find(const std::string& id) const {
  const auto it = std::find_if(classes.begin(), classes.end(),
                               [&](const ScoredClass& c) { return c.id == id; });
  return it == classes.end() ? nullptr : &*it;
}

Scorecard load_scorecard(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "model.json";
  const std::string content = read_file(path);
  try {
    return parse(content);
  } catch (const json::exception& problem) {
    throw Error("bad_model"_code, {{"path", path.string()}, {"detail", problem.what()}});
  } catch (const std::invalid_argument& problem) {
    throw Error("bad_model"_code, {{"path", path.string()}, {"detail", problem.what()}});
  }
}

}  // namespace thorax::findings

#include "quality/body_part_reference.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace thorax::quality {

BodyPartReference read_body_part_reference(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw Error("no_such_input"_code, {{"path", file.string()}});
  try {
    const nlohmann::json settings = nlohmann::json::parse(stream);
    const nlohmann::json& table = settings.at("lookuptable_train_val");
    const auto original = [&](const char* end) {
      const auto landmark = settings.at("settings").at(end).get<std::string>();
      return table.at("original").at(landmark).at("mean").get<double>();
    };
    BodyPartReference reference;
    reference.raw_at_0 = original("start-landmark");
    reference.raw_at_100 = original("end-landmark");
    for (const auto& [name, score] : table.at("transformed").items())
      reference.landmarks[name] = score.at("mean").get<double>();
    reference.slope_mean = settings.at("slope_mean").get<double>();
    reference.slope_low = settings.at("lower_quantile_tangential_slope").get<double>();
    reference.slope_high = settings.at("upper_quantile_tangential_slope").get<double>();
    reference.background = settings.value("background_scores", reference.background);
    return reference;
  } catch (const nlohmann::json::exception& error) {
    throw Error("bad_model"_code, {{"path", file.string()}, {"detail", error.what()}});
  }
}

}  // namespace thorax::quality

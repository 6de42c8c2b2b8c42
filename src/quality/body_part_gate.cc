#include "quality/body_part_gate.h"

#include <cmath>
#include <cstdio>

namespace thorax::quality {
namespace {

std::string millimetres(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

}  // namespace

BodyPartOpinion body_part_opinion(const std::string& model, std::span<const double> raw,
                                  double slice_mm, int step, const BodyPartReference& reference) {
  BodyPartOpinion opinion{.model = model,
                          .part = {},
                          .chest = {},
                          .slice_mm = slice_mm,
                          .step = step,
                          .scores = body_part_scores(raw, slice_mm * step, reference)};
  opinion.part = body_part_examined(opinion.scores, reference);
  const auto parts = body_parts_of_slices(opinion.scores, reference);
  const std::vector<std::size_t>& chest = parts.at("chest");
  if (!chest.empty() && opinion.part != "NONE")
    opinion.chest =
        SliceRange{static_cast<int>(chest.front()) * step, static_cast<int>(chest.back()) * step};
  return opinion;
}

std::vector<Notice> compare(const GateResult& gate, const BodyPartOpinion& opinion) {
  std::vector<Notice> notices;
  const auto say = [&](Code code, std::map<std::string, std::string> args) {
    args["model"] = opinion.model;
    notices.push_back({code, std::move(args)});
  };
  const bool doubts_spacing = opinion.scores.spacing_fits == false;
  if (doubts_spacing)
    say("network_doubts_spacing"_code,
        {{"expected", millimetres(std::abs(opinion.scores.expected_slice_mm) / opinion.step)},
         {"value", millimetres(opinion.slice_mm)}});
  if (opinion.scores.head_first) say("network_sees_reversed"_code, {});
  // With a spacing that cannot be, no part is told.
  if (doubts_spacing) return notices;
  if (gate.chest && opinion.part == "NONE")
    say("network_sees_no_part"_code, {});
  else if (gate.chest != opinion.sees_chest())
    say(gate.chest ? "network_sees_other_part"_code : "network_sees_chest"_code,
        {{"part", opinion.part}});
  return notices;
}

}  // namespace thorax::quality

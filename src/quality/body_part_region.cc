#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "quality/body_part_scores.h"

namespace thorax::quality {
namespace {

constexpr double kShortScan = 100;  // mm

struct Part {
  const char* name;
  const char* low;   // landmark; none: everything below `high`
  const char* high;  // landmark; none: everything above `low`
};
// Parts of slices. They overlap, as organs do.
constexpr std::array<Part, 6> kSliceParts = {{{"legs", nullptr, "pelvis_start"},
                                              {"pelvis", "pelvis_start", "pelvis_end"},
                                              {"abdomen", "L5", "Th8"},
                                              {"chest", "Th12", "Th1"},
                                              {"shoulder-neck", "Th3", "C2"},
                                              {"head", "C5", nullptr}}};
// Parts that do not overlap, from the feet.
constexpr std::array<Part, 5> kDistinctParts = {{{"PELVIS", "pelvis_start", "pelvis_end"},
                                                 {"ABDOMEN", "pelvis_end", "Th9"},
                                                 {"CHEST", "Th9", "Th2"},
                                                 {"NECK", "Th2", "C3"},
                                                 {"HEAD", "C3", "head_end"}}};

// A part is covered when at least `needed` of its landmarks lie inside the scan.
struct Covered {
  std::vector<const char*> landmarks;
  int needed;
};
const std::array<Covered, 5>& covered_parts() {
  static const std::array<Covered, 5> parts = {
      {{{"pelvis_start", "femur_end", "pelvis_end"}, 2},
       {{"L5", "L4", "L3", "L2", "L1", "Th12", "Th11", "Th10", "Th9"}, 7},
       {{"Th12", "Th11", "Th10", "Th9", "Th8", "Th7", "Th6", "Th5", "Th4", "Th3", "Th2", "Th1"}, 9},
       {{"Th3", "Th2", "Th1", "C7", "C6", "C5", "C4", "C3", "C2"}, 6},
       {{"C3", "C2", "C1", "eyes_end"}, 3}}};
  return parts;
}

double score_of(const BodyPartReference& reference, const char* landmark) {
  const auto found = reference.landmarks.find(landmark);
  if (found == reference.landmarks.end()) {
    throw Error("bad_option"_code, {{"option", "body_part_reference"},
                                    {"value", "landmarks"},
                                    {"hint", std::string("with ") + landmark}});
  }
  return found->second;
}

bool inside_scan(const BodyPartScores& scores, double landmark) {
  const auto& values = scores.cleaned;
  return std::any_of(values.begin(), values.end(), [&](double s) { return s < landmark; }) &&
         std::any_of(values.begin(), values.end(), [&](double s) { return s > landmark; });
}

// Everything from the lowest to the highest part; a scan has no gaps.
std::string joined(std::size_t lowest, std::size_t highest) {
  std::string tag;
  for (std::size_t part = highest + 1; part-- > lowest;) {
    tag += (tag.empty() ? "" : "-") + std::string(kDistinctParts[part].name);
  }
  return tag;
}

std::string most_slices(const BodyPartScores& scores, const BodyPartReference& reference) {
  std::array<int, kDistinctParts.size()> slices{};
  std::array<std::size_t, kDistinctParts.size()> first{};
  for (std::size_t i = 0; i < scores.cleaned.size(); ++i) {
    for (std::size_t part = 0; part < kDistinctParts.size(); ++part) {
      const double score = scores.cleaned[i];
      if (score > score_of(reference, kDistinctParts[part].low) &&
          score < score_of(reference, kDistinctParts[part].high) && slices[part]++ == 0) {
        first[part] = i;
      }
    }
  }
  std::size_t best = 0;
  for (std::size_t part = 1; part < slices.size(); ++part) {
    // As many slices: the part that comes first in the scan.
    if (slices[part] > slices[best] ||
        (slices[part] == slices[best] && slices[part] > 0 && first[part] < first[best])) {
      best = part;
    }
  }
  return slices[best] == 0 ? "NONE" : kDistinctParts[best].name;
}

}  // namespace

std::map<std::string, std::vector<std::size_t>> body_parts_of_slices(
    const BodyPartScores& scores, const BodyPartReference& reference) {
  std::map<std::string, std::vector<std::size_t>> slices;
  for (const Part& part : kSliceParts) {
    auto& list = slices[part.name];
    const double low = part.low ? score_of(reference, part.low) : 0;
    const double high = part.high ? score_of(reference, part.high) : 0;
    for (std::size_t i = 0; i < scores.cleaned.size(); ++i) {
      const double score = scores.cleaned[i];
      const bool above = !part.low || (part.high ? score >= low : score > low);
      if (!std::isnan(score) && above && (!part.high || score < high)) list.push_back(i);
    }
  }
  return slices;
}

std::string body_part_examined(const BodyPartScores& scores, const BodyPartReference& reference) {
  if (scores.spacing_fits == false) return "NONE";
  std::vector<std::size_t> covered;
  for (std::size_t part = 0; part < covered_parts().size(); ++part) {
    int landmarks = 0;
    for (const char* landmark : covered_parts()[part].landmarks) {
      landmarks += inside_scan(scores, score_of(reference, landmark)) ? 1 : 0;
    }
    if (landmarks >= covered_parts()[part].needed) covered.push_back(part);
  }
  const double length = static_cast<double>(scores.cleaned.size()) * scores.slice_mm;
  if (length < kShortScan || covered.empty()) return most_slices(scores, reference);
  if (covered.size() == 1) return kDistinctParts[covered[0]].name;
  return joined(covered.front(), covered.back());
}

}  // namespace thorax::quality

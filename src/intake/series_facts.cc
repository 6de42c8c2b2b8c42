#include <algorithm>

#include "intake/geometry_frames.h"
#include "intake/series_choice.h"

namespace thorax::intake {
namespace {

struct Place {
  double position;
  const Instance* instance;
};

bool is_soft_window(const Instance& instance) {
  if (instance.window_center.empty() || instance.window_width.empty()) return false;
  const double center = instance.window_center.front(), width = instance.window_width.front();
  return center >= kWindowCenterLow && center <= kWindowCenterHigh && width >= kWindowWidthLow &&
         width <= kWindowWidthHigh;
}

double median_gap(const std::vector<Place>& places) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < places.size(); ++i) {
    const double gap = places[i].position - places[i - 1].position;
    if (gap > 0.01) gaps.push_back(gap);
  }
  if (gaps.empty()) return 0;
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  return *middle;
}

/// Every frame's place along the head-ward normal, ascending; empty when something is absent.
std::vector<Place> places_of(const Series& series, const std::optional<FrameAxes>& axes) {
  std::vector<Place> places;
  if (!axes) return places;
  const double sign = axes->normal.z < 0 ? -1 : 1;
  for (const Instance& instance : series.instances)
    for (int f = 0; f < instance.frames; ++f) {
      const auto p = frame_position(instance, f);
      if (!p) return {};
      places.push_back({sign * dot(*p, axes->normal), &instance});
    }
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.position < b.position; });
  return places;
}

bool says_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return contains_word(text, word); });
}

int view_of(const SeriesHeader& header) {
  const std::string view = lower_case(header.view_position);
  if (view == "pa" || view == "ap" || view == "frontal") return 0;
  if (view == "ll" || view == "rl" || view == "lat" || view == "lateral" || view == "lld" ||
      view == "rld")
    return 2;
  for (const std::string* text : {&header.series_description, &header.protocol}) {
    const bool lateral = says_any(*text, {"lateral", "lat", "ll", "боковая", "бок"});
    const bool frontal = says_any(*text, {"pa", "ap", "frontal", "прямая", "пп"});
    if (lateral != frontal) return lateral ? 2 : 0;  // "PA + LAT" names the pair
  }
  return 1;
}

}  // namespace

bool is_lateral_view(const SeriesHeader& header) {
  return view_of(header) == 2;
}

SeriesFacts series_facts(const Series& series) {
  constexpr std::string_view kDigitalXrayForProcessing = "1.2.840.10008.5.1.4.1.1.1.1.1";
  const Instance& first = series.instances.front();
  SeriesFacts facts;
  facts.image_class = classify(series.header, first);
  facts.images = static_cast<int>(series.image_count());
  const auto axes = frame_axes(first, 0);
  facts.axial = !axes || std::string_view(plane_of(axes->normal)) == "axial";
  const std::vector<Place> places = places_of(series, axes);
  const Instance& lowest = places.empty() ? first : *places.front().instance;
  if (lowest.slice_thickness.value_or(0) > 0)
    facts.slice_mm = std::max(*lowest.slice_thickness, median_gap(places));
  if (places.size() > 1)
    facts.coverage_mm = places.back().position - places.front().position + median_gap(places);
  facts.kernel = kernel_class(series.header.kernel);
  facts.soft_window = is_soft_window(lowest);
  const BodyHint hint = body_hint(series.header);
  facts.region = !hint.chest.empty() ? 0 : hint.elsewhere.empty() ? 1 : 2;
  facts.view = view_of(series.header);
  facts.for_processing = first.sop_class_uid == kDigitalXrayForProcessing;
  return facts;
}

}  // namespace thorax::intake

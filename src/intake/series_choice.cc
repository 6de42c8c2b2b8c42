#include "intake/series_choice.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "intake/series_model.h"

namespace thorax::intake {
namespace {

using Args = std::map<std::string, std::string>;

/// Four significant digits, "?" for unknown.
std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return value > 0 ? text : "?";
}

std::string joined(const std::vector<std::string>& values) {
  std::string all;
  for (const std::string& value : values) all += (all.empty() ? "" : "\\") + value;
  return all.empty() ? "?" : all;
}

/// Why a series can never be read on its own account; nullopt when it can.
std::optional<Notice> unreadable(const Series& series, const SeriesFacts& facts) {
  const Instance& first = series.instances.front();
  switch (facts.image_class) {
    case ImageClass::no_pixels:
      return Notice{"series_no_pixels"_code, {{"modality", series.header.modality}}};
    case ImageClass::other_modality:
      return Notice{"series_other_modality"_code, {{"modality", series.header.modality}}};
    case ImageClass::localizer:
      return Notice{"series_localizer"_code, {}};
    case ImageClass::dose_screen:
      return Notice{"series_dose_screen"_code, {}};
    case ImageClass::secondary_capture:
      return Notice{"series_secondary_capture"_code, {}};
    case ImageClass::projection:
      return Notice{"series_projection"_code, {{"image_type", joined(first.image_type)}}};
    case ImageClass::radiograph:
      if (facts.view == 2) return Notice{"series_lateral_view"_code, {}};
      return std::nullopt;
    case ImageClass::original:
    case ImageClass::derived:
      break;
  }
  if (facts.images < kMinimumSlices)
    return Notice{
        "series_too_few"_code,
        {{"count", std::to_string(facts.images)}, {"minimum", std::to_string(kMinimumSlices)}}};
  return std::nullopt;
}

struct Competitor {
  Series* series;
  SeriesFacts facts;
};

/// One rule: drops those of `left` that are worse than the best by `cost` and tells them why.
template <class Cost, class Reason>
void keep_best(std::vector<Competitor>& left, Cost cost, Reason reason) {
  const auto best = std::min_element(left.begin(), left.end(), [&](const auto& a, const auto& b) {
    return cost(a.facts) < cost(b.facts);
  });
  const SeriesFacts winner = best->facts;
  std::erase_if(left, [&](const Competitor& c) {
    if (!(cost(winner) < cost(c.facts))) return false;
    c.series->reasons.push_back(reason(c, winner));
    return true;
  });
}

void set_aside(const Competitor& c) {
  c.series->role = SeriesRole::set_aside;
}

/// Ranks CT stacks; the winner stays alone in `left`.
void rank_ct(std::vector<Competitor>& left) {
  keep_best(
      left, [](const SeriesFacts& f) { return f.image_class == ImageClass::derived; },
      [](const Competitor& c, const SeriesFacts&) {
        set_aside(c);
        return Notice{"series_reformat"_code,
                      {{"image_type", joined(c.series->instances.front().image_type)}}};
      });
  keep_best(
      left, [](const SeriesFacts& f) { return !f.axial; },
      [](const Competitor& c, const SeriesFacts&) {
        set_aside(c);
        return Notice{"series_not_axial"_code, {}};
      });
  keep_best(
      left, [](const SeriesFacts& f) { return f.region; },
      [](const Competitor&, const SeriesFacts&) {
        return Notice{"series_less_chest"_code, {}};
      });
  double longest = 0;
  for (const Competitor& c : left) longest = std::max(longest, c.facts.coverage_mm);
  const double enough = std::min(kEnoughCoverageMm, 0.9 * longest);
  keep_best(
      left, [&](const SeriesFacts& f) { return f.coverage_mm < enough; },
      [&](const Competitor& c, const SeriesFacts&) {
        return Notice{"series_less_coverage"_code,
                      {{"mm", shown(c.facts.coverage_mm)}, {"best", shown(longest)}}};
      });
  keep_best(
      left,
      [](const SeriesFacts& f) {  // compared to 0.1 mm; unknown loses to everything known
        return f.slice_mm > 0 ? std::lround(f.slice_mm * 10) : 1'000'000L;
      },
      [](const Competitor& c, const SeriesFacts& best) {
        return Notice{"series_thicker"_code,
                      {{"mm", shown(c.facts.slice_mm)}, {"best", shown(best.slice_mm)}}};
      });
  keep_best(
      left, [](const SeriesFacts& f) { return f.kernel; },
      [](const Competitor& c, const SeriesFacts&) {
        const std::string& kernel = c.series->header.kernel;
        return Notice{"series_sharper_kernel"_code, {{"kernel", kernel.empty() ? "?" : kernel}}};
      });
  keep_best(
      left, [](const SeriesFacts& f) { return !f.soft_window; },
      [](const Competitor&, const SeriesFacts&) {
        return Notice{"series_other_window"_code, {}};
      });
}

void rank_radiographs(std::vector<Competitor>& left) {
  const auto later = [](const Competitor&, const SeriesFacts&) {
    return Notice{"series_later"_code, {}};
  };
  keep_best(
      left, [](const SeriesFacts& f) { return f.for_processing; },
      [](const Competitor& c, const SeriesFacts&) {
        set_aside(c);
        return Notice{"series_for_processing"_code, {}};
      });
  keep_best(
      left, [](const SeriesFacts& f) { return f.region; },
      [](const Competitor&, const SeriesFacts&) {
        return Notice{"series_less_chest"_code, {}};
      });
  keep_best(
      left, [](const SeriesFacts& f) { return f.view; }, later);
}

bool is_radiograph(const Competitor& c) {
  return c.facts.image_class == ImageClass::radiograph;
}

StudyKind kind_of(const SeriesFacts& facts) {
  switch (facts.image_class) {
    case ImageClass::radiograph:
      return StudyKind::xray;
    case ImageClass::other_modality:
    case ImageClass::no_pixels:
      return StudyKind::other;
    default:
      return StudyKind::ct;
  }
}

void take(Study& study, const Competitor& winner) {
  Series& series = *winner.series;
  const SeriesFacts& facts = winner.facts;
  series.role = SeriesRole::taken;
  study.kind = kind_of(facts);
  if (is_radiograph(winner)) {
    const std::string& view = series.header.view_position;
    series.reasons.push_back({"radiograph_taken"_code, {{"view", view.empty() ? "?" : view}}});
    return;
  }
  const std::string& kernel = series.header.kernel;
  series.reasons.push_back({"series_taken"_code,
                            {{"images", std::to_string(facts.images)},
                             {"coverage", shown(facts.coverage_mm)},
                             {"thickness", shown(facts.slice_mm)},
                             {"kernel", kernel.empty() ? "?" : kernel}}});
  if (facts.image_class == ImageClass::derived)
    series.reasons.push_back({"series_derived_taken"_code,
                              {{"image_type", joined(series.instances.front().image_type)}}});
}

/// Splits "1.2.3#1" into UID and part.
std::pair<std::string, int> parse_wanted(const std::string& wanted) {
  const std::size_t hash = wanted.rfind('#');
  if (hash == std::string::npos) return {wanted, -1};
  const std::string digits = wanted.substr(hash + 1);
  if (digits.empty() || digits.size() > 6 ||
      digits.find_first_not_of("0123456789") != std::string::npos)
    throw Error("no_such_series"_code, {{"uid", wanted}});
  return {wanted.substr(0, hash), std::stoi(digits)};
}

/// The parts of the wanted UID, those that the rules would read first; throws when none is there
/// or none holds pixels.
std::vector<Competitor> wanted_parts(std::vector<Competitor>& all, const std::string& wanted) {
  const auto [uid, part] = parse_wanted(wanted);
  std::vector<Competitor> parts, readable;
  for (const Competitor& c : all)
    if (c.series->header.series_instance_uid == uid && (part < 0 || c.series->part == part))
      parts.push_back(c);
  if (parts.empty()) throw Error("no_such_series"_code, {{"uid", wanted}});
  std::erase_if(parts,
                [](const Competitor& c) { return c.facts.image_class == ImageClass::no_pixels; });
  if (parts.empty()) throw Error("series_unreadable"_code, {{"uid", wanted}});
  for (const Competitor& c : parts)
    if (!unreadable(*c.series, c.facts)) readable.push_back(c);
  return readable.empty() ? parts : readable;
}

/// Ranks what is left and takes the winner; ties go to the first in order.
void decide(Study& study, std::vector<Competitor> left) {
  is_radiograph(left.front()) ? rank_radiographs(left) : rank_ct(left);
  for (std::size_t i = 1; i < left.size(); ++i)
    left[i].series->reasons.push_back({"series_later"_code, {}});
  take(study, left.front());
}

}  // namespace

void choose_series(Study& study, const std::string& wanted_uid) {
  study.kind = StudyKind::other;
  std::vector<Competitor> all;
  for (Series& series : study.series) {
    series.role = SeriesRole::candidate;
    series.reasons.clear();
    if (series.instances.empty()) continue;
    all.push_back({&series, series_facts(series)});
  }
  if (!wanted_uid.empty()) {
    std::vector<Competitor> parts = wanted_parts(all, wanted_uid);
    const bool radiographs = is_radiograph(parts.front());
    std::erase_if(parts, [&](const Competitor& c) { return is_radiograph(c) != radiographs; });
    decide(study, parts);
    for (const Competitor& c : all) {
      if (c.series->role == SeriesRole::taken)
        c.series->reasons.push_back({"series_wanted"_code, {}});
      else if (c.series->reasons.empty())
        c.series->reasons.push_back({"series_not_wanted"_code, {}});
    }
    return;
  }
  std::vector<Competitor> ct, radiographs;
  for (Competitor& c : all) {
    if (auto reason = unreadable(*c.series, c.facts)) {
      c.series->role = SeriesRole::set_aside;
      c.series->reasons.push_back(std::move(*reason));
      continue;
    }
    (is_radiograph(c) ? radiographs : ct).push_back(c);
  }
  if (!ct.empty()) {
    decide(study, ct);
    for (const Competitor& c : radiographs)
      c.series->reasons.push_back({"series_beside_ct"_code, {}});
  } else if (!radiographs.empty()) {
    decide(study, radiographs);
  }
}

}  // namespace thorax::intake

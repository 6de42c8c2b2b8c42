#include "intake/phantom_words.h"

#include <charconv>
#include <cmath>
#include <set>

#include "intake/phantom_shapes.h"

namespace thorax::intake {
namespace {

[[noreturn]] void refuse(std::string_view option, std::string_view value, const char* hint) {
  throw Error("bad_option"_code,
              {{"option", std::string(option)}, {"value", std::string(value)}, {"hint", hint}});
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

template <class T>
std::optional<T> number(std::string_view text, std::string_view unit = {}) {
  if (!unit.empty() && text.ends_with(unit)) text.remove_suffix(unit.size());
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class T>
bool choose(std::string_view word, std::initializer_list<std::pair<std::string_view, T>> names,
            T& value) {
  for (const auto& [name, meaning] : names) {
    if (name != word) continue;
    value = meaning;
    return true;
  }
  return false;
}

bool choose_side(std::string_view word, PhantomSide& side) {
  return choose(word, {{"left", PhantomSide::left}, {"right", PhantomSide::right}}, side);
}
bool choose_third(std::string_view word, PhantomThird& third) {
  return choose(word,
                {{"upper", PhantomThird::upper},
                 {"middle", PhantomThird::middle},
                 {"lower", PhantomThird::lower}},
                third);
}
bool choose_kind(std::string_view word, PhantomNoduleKind& kind) {
  return choose(word,
                {{"solid", PhantomNoduleKind::solid},
                 {"part-solid", PhantomNoduleKind::part_solid},
                 {"ground-glass", PhantomNoduleKind::ground_glass},
                 {"calcified", PhantomNoduleKind::calcified}},
                kind);
}
bool choose_place(std::string_view word, PhantomNodulePlace& place) {
  return choose(word,
                {{"free", PhantomNodulePlace::free},
                 {"wall", PhantomNodulePlace::wall},
                 {"vessel", PhantomNodulePlace::vessel}},
                place);
}

bool choose_centre(std::string_view word, std::optional<volume::Vec3>& centre) {
  if (!word.starts_with("at=")) return false;
  const auto parts = split(word.substr(3), '/');
  if (parts.size() != 3) return false;
  const auto x = number<double>(parts[0]), y = number<double>(parts[1]),
             z = number<double>(parts[2]);
  if (!x || !y || !z) return false;
  centre = volume::Vec3{*x, *y, *z};
  return true;
}

}  // namespace

PhantomNodule parse_phantom_nodule(std::string_view option, std::string_view words) {
  PhantomNodule nodule;
  for (const std::string_view word : split(words, ',')) {
    if (const auto mm = number<double>(word, "mm")) {
      nodule.diameter_mm = *mm;
    } else if (!choose_kind(word, nodule.kind) && !choose_side(word, nodule.side) &&
               !choose_third(word, nodule.third) && !choose_place(word, nodule.place) &&
               !choose_centre(word, nodule.centre_mm)) {
      refuse(option, word,
             "10mm, solid | part-solid | ground-glass | calcified, left | right, "
             "upper | middle | lower, free | wall | vessel, at=X/Y/Z");
    }
  }
  return nodule;
}

PhantomRegion parse_phantom_region(std::string_view option, std::string_view words) {
  PhantomRegion region;
  for (const std::string_view word : split(words, ',')) {
    if (const auto ml = number<double>(word, "ml")) {
      region.volume_ml = *ml;
    } else if (!choose_side(word, region.side) && !choose_third(word, region.third)) {
      refuse(option, word, "150ml, left | right, upper | middle | lower");
    }
  }
  return region;
}

std::vector<int> parse_phantom_missing(std::string_view words, int slices, std::uint64_t seed) {
  constexpr const char* kHint = "3,10-12 or 5%";
  std::set<int> chosen;
  if (words.empty()) return {};
  if (words.ends_with('%')) {
    const auto percent = number<double>(words, "%");
    if (!percent || *percent < 0 || *percent > 90) refuse("missing", words, kHint);
    const auto wanted = static_cast<std::size_t>(std::lround(*percent / 100 * slices));
    phantom::Random random(seed ^ 0x5115);
    // The ends stay: a series that lacks them is only shorter.
    while (chosen.size() < std::min<std::size_t>(wanted, static_cast<std::size_t>(slices - 2)))
      chosen.insert(1 + static_cast<int>(random.next() % static_cast<std::uint64_t>(slices - 2)));
    return {chosen.begin(), chosen.end()};
  }
  for (const std::string_view word : split(words, ',')) {
    const auto ends = split(word, '-');
    const auto first = number<int>(ends.front()), last = number<int>(ends.back());
    if (ends.size() > 2 || !first || !last || *first < 0 || *last >= slices || *first > *last)
      refuse("missing", word, kHint);
    for (int z = *first; z <= *last; ++z) chosen.insert(z);
  }
  return {chosen.begin(), chosen.end()};
}

}  // namespace thorax::intake

#include "report/key_slices.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "report/batch.h"

namespace thorax::report {
namespace {

constexpr std::size_t kItemsPerFinding = 4;
constexpr std::size_t kUnremarkableLesions = 2;
constexpr double kSameSliceMm = 3;

/// One thing to show: a lesion, a place, or a finding at its fullest slice.
struct Item {
  int slice = 0;
  std::optional<int> lesion;
  std::optional<Place> place;
  Text text;
};

Text joined(const Text& name, const Text& where) {
  if (where.en.empty()) return name;
  return {name.en + ": " + where.en, name.ru + ": " + where.ru};
}

/// The slice where the labels of a finding cover most; nothing when it has none.
std::optional<int> fullest_slice(const MarkedLabels& marked, const std::string& finding_id) {
  if (!marked.labels) return std::nullopt;
  std::array<bool, 256> wanted{};
  for (const auto& [value, mark] : marked.marks) {
    const auto& ids = style(mark).findings;
    wanted[value] = std::find(ids.begin(), ids.end(), finding_id) != ids.end();
  }
  std::optional<int> best;
  std::ptrdiff_t most = 0;
  for (int z = 0; z < marked.labels->shape().z; ++z) {
    const auto slice = marked.labels->slice(z);
    const auto count =
        std::count_if(slice.begin(), slice.end(), [&](std::uint8_t v) { return wanted[v]; });
    if (count > most) {
      most = count;
      best = z;
    }
  }
  return best;
}

std::vector<Item> lesion_items(const StudyResult& result, const std::string& finding_id) {
  std::vector<Item> items;
  for (std::size_t i = 0; i < result.lesions.size(); ++i) {
    const LesionRow& lesion = result.lesions[i];
    if (lesion.suspicious && lesion.finding_id == finding_id)
      items.push_back({lesion.place.voxel[0], static_cast<int>(i), {}, lesion.description});
  }
  return items;
}

std::vector<Item> items_of(const CtPictureInput& input, const StudyResult& result,
                           const findings::Finding& finding) {
  std::vector<Item> items = lesion_items(result, finding.id);
  if (items.empty())
    for (const Place& place : finding.places)
      items.push_back({place.voxel[0], {}, place, joined(finding.name, place.where)});
  if (items.empty())
    if (const auto slice = fullest_slice(input.marked, finding.id))
      items.push_back({*slice, {}, {}, finding.name});
  if (items.size() > kItemsPerFinding) items.resize(kItemsPerFinding);
  return items;
}

class Chooser {
 public:
  Chooser(const volume::Grid& grid, int at_most)
      : grid_(grid), at_most_(static_cast<std::size_t>(std::max(0, at_most))) {}

  void add(const Item& item, const std::string& finding_id) {
    KeySlice* key = at(item.slice, finding_id);
    if (!key) return;
    if (item.lesion) key->lesions.push_back(*item.lesion);
    if (item.place) key->places.push_back(*item.place);
    if (std::find(key->shows.begin(), key->shows.end(), item.text) == key->shows.end())
      key->shows.push_back(item.text);
  }
  std::vector<KeySlice> take() { return std::move(keys_); }

 private:
  /// The key slice at `slice`, made when there is room; nullptr when there is none.
  KeySlice* at(int slice, const std::string& finding_id) {
    if (slice < 0 || slice >= grid_.shape.z) return nullptr;
    for (KeySlice& key : keys_)
      if (std::abs(key.slice - slice) * grid_.spacing.z <= kSameSliceMm) return &key;
    if (keys_.size() == at_most_) return nullptr;
    keys_.push_back({slice, finding_id, {}, {}, {}});
    return &keys_.back();
  }

  volume::Grid grid_;
  std::size_t at_most_;
  std::vector<KeySlice> keys_;
};

}  // namespace

std::vector<KeySlice> choose_key_slices(const CtPictureInput& input, const StudyResult& result,
                                        int at_most) {
  Chooser chooser(input.hu->grid(), at_most);
  const std::vector<const findings::Finding*> positive = positive_findings(result);
  std::vector<std::vector<Item>> items;
  for (const findings::Finding* finding : positive)
    items.push_back(items_of(input, result, *finding));
  // In turns, so that one finding with many places does not push the others out.
  for (std::size_t turn = 0; turn < kItemsPerFinding; ++turn)
    for (std::size_t i = 0; i < positive.size(); ++i)
      if (turn < items[i].size()) chooser.add(items[i][turn], positive[i]->id);
  std::size_t unremarkable = 0;
  for (std::size_t i = 0; i < result.lesions.size() && unremarkable < kUnremarkableLesions; ++i) {
    const LesionRow& lesion = result.lesions[i];
    const bool shown = std::any_of(positive.begin(), positive.end(),
                                   [&](const auto* f) { return f->id == lesion.finding_id; });
    if (shown) continue;
    ++unremarkable;
    chooser.add({lesion.place.voxel[0], static_cast<int>(i), {}, lesion.description},
                lesion.finding_id);
  }
  return chooser.take();
}

}  // namespace thorax::report

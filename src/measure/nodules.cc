#include "measure/nodules.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/parallel.h"
#include "measure/blob.h"
#include "measure/nodule_lungs.h"
#include "measure/nodule_rank.h"
#include "measure/nodule_segment.h"
#include "measure/nodule_shape.h"
#include "measure/thirds.h"

namespace thorax::measure {
namespace {

using volume::CtVolume;
using volume::Grid;
using volume::Index;
using volume::Labels;
using volume::Mask;
using volume::Vec3;

constexpr double kLeastResponse = 25;  // HU
constexpr std::size_t kBlobsPerScale = 300;
constexpr double kFineRadius = 6;  // blobs below are cut out on the original voxels
constexpr double kLeastDiameter = 3, kLargestDiameter = 80;
constexpr double kLeastRoundness = 0.15;
constexpr double kIrregular = 0.4, kDeeperNeck = 0.7;
constexpr double kHaloContrast = 0.22;                             // of the core's contrast
constexpr double kHaloGrowth = 1.2, kHaloShare = 0.28;             // mm, of the diameter
constexpr double kHaloRoundness = 0.5, kLeastHaloRoundness = 0.5;  // share of the core's; least
constexpr double kSoftTissueHu = 60;
constexpr double kContact = 0.015;  // share of the surface that makes a contact
constexpr double kSolidHu = -300;   // densities above are not ground glass
constexpr double kCalcifiedHu = 200;
constexpr std::size_t kRefined = 60, kListed = 30;

struct Candidate {
  Blob blob;
  NoduleSegment segment;
  NoduleShape shape;
  bool fine = false;
  Side side = Side::none;
  NoduleType type = NoduleType::solid;
  double score = 0;
};

double share(std::size_t part, std::size_t whole) {
  return whole ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

class Finder {
 public:
  explicit Finder(const NoduleLungs& lungs) : lungs_(lungs) {}

  std::vector<Candidate> candidates() const {
    const auto blobs = find_blobs(lungs_.field, lungs_.inside, kLeastResponse, kBlobsPerScale);
    std::vector<std::optional<Candidate>> slots(blobs.size());
    parallel_for(blobs.size(), 4, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) slots[i] = detached(blobs[i]);
    });
    std::vector<Candidate> kept = best_of_overlapping(std::move(slots));
    if (kept.size() > kRefined) kept.resize(kRefined);
    std::vector<std::optional<Candidate>> refined(kept.size());
    parallel_for(kept.size(), 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) refined[i] = with_halo(std::move(kept[i]));
    });
    kept = best_of_overlapping(std::move(refined));
    if (kept.size() > kListed) kept.resize(kListed);
    return kept;
  }

 private:
  // A small nodule on a large vessel hangs on a neck hardly thinner than itself: where the usual
  // cut leaves an irregular shape, a deeper one may find a ball in it.
  std::optional<Candidate> detached(const Blob& blob) const {
    auto usual = cut_out(blob, {});
    if (usual && usual->shape.roundness >= kIrregular) return usual;
    SegmentOptions deeper;
    deeper.neck = kDeeperNeck;
    auto ball = cut_out(blob, deeper);
    return ball && (!usual || ball->score > usual->score) ? std::move(ball) : std::move(usual);
  }

  std::optional<Candidate> cut_out(const Blob& blob, const SegmentOptions& options) const {
    Candidate c;
    c.blob = blob;
    c.fine = blob.radius_mm < kFineRadius;
    auto segment = c.fine ? segment_nodule(lungs_.hu, lungs_.sides, blob, options)
                          : segment_nodule(lungs_.field, lungs_.inside, blob, options);
    if (!segment) return std::nullopt;
    c.shape = measure_shape(segment->mask);
    c.segment = std::move(*segment);
    if (c.shape.diameter_mm() < kLeastDiameter || c.shape.diameter_mm() > kLargestDiameter ||
        c.shape.roundness < kLeastRoundness)
      return std::nullopt;
    c.side = lungs_.side_at(c.segment.mask.grid().position(c.shape.inside));
    if (c.side == Side::none) return std::nullopt;
    c.type = c.segment.core_hu < kSolidHu ? NoduleType::ground_glass : NoduleType::solid;
    c.score = score(c);
    return c;
  }

  double score(const Candidate& c) const {
    NoduleFeatures f;
    f.diameter_mm = c.shape.diameter_mm();
    f.roundness = c.shape.roundness;
    f.exit_share = share(c.segment.exits, c.segment.surface);
    f.wall_share = share(c.segment.wall, c.segment.surface);
    f.contrast_hu = c.segment.core_hu - c.segment.background_hu;
    f.core_hu = c.segment.core_hu;
    f.slice_mm = lungs_.hu.grid().spacing.z;
    f.vessel_hu = lungs_.vessel_hu;
    f.hilum_distance = lungs_.hilum_distance(c.shape.centroid, c.side);
    return rank_score(f);
  }

  // A solid core may sit in ground glass: grown down to a quarter of the contrast, a part-solid
  // nodule becomes much larger, a solid one only by the blur of its edge.
  Candidate with_halo(Candidate solid) const {
    if (solid.type != NoduleType::solid) return solid;
    const double background = solid.segment.background_hu;
    SegmentOptions halo;
    halo.threshold_hu =
        background + kHaloContrast * (std::min(solid.segment.core_hu, kSoftTissueHu) - background);
    auto whole = cut_out(solid.blob, halo);
    if (!whole || whole->shape.roundness <
                      std::max(kLeastHaloRoundness, kHaloRoundness * solid.shape.roundness))
      return solid;
    const double growth = whole->shape.diameter_mm() - solid.shape.diameter_mm();
    if (growth < std::max(kHaloGrowth, kHaloShare * solid.shape.diameter_mm())) return solid;
    whole->type = NoduleType::part_solid;
    whole->score = std::max(whole->score, solid.score);
    return std::move(*whole);
  }

  static std::vector<Candidate> best_of_overlapping(std::vector<std::optional<Candidate>> slots) {
    std::vector<Candidate> all;
    for (auto& slot : slots)
      if (slot) all.push_back(std::move(*slot));
    std::stable_sort(all.begin(), all.end(),
                     [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
    std::vector<Candidate> kept;
    for (Candidate& c : all) {
      const bool overlaps = std::any_of(kept.begin(), kept.end(), [&](const Candidate& better) {
        return norm(c.shape.centroid - better.shape.centroid) <
               0.5 * std::max(c.shape.diameter_mm(), better.shape.diameter_mm());
      });
      if (!overlaps) kept.push_back(std::move(c));
    }
    return kept;
  }

  const NoduleLungs& lungs_;
};

// Marks the candidate in the full label volume and returns the mean HU of what was marked.
double mark(const Candidate& c, const CtVolume& hu, Labels& findings) {
  const Grid& full = hu.grid();
  const Mask& mask = c.segment.mask;
  const Grid& patch = mask.grid();
  const auto first = full.index(patch.position(0, 0, 0));
  const auto last =
      full.index(patch.position(patch.shape.z - 1, patch.shape.y - 1, patch.shape.x - 1));
  const auto from = [](double v) { return std::max(0, static_cast<int>(std::floor(v))); };
  const auto to = [](double v, int n) { return std::min(n - 1, static_cast<int>(std::ceil(v))); };
  double sum = 0;
  std::size_t n = 0;
  for (int z = from(first[0]); z <= to(last[0], full.shape.z); ++z)
    for (int y = from(first[1]); y <= to(last[1], full.shape.y); ++y)
      for (int x = from(first[2]); x <= to(last[2], full.shape.x); ++x) {
        const auto at = patch.index(full.position(z, y, x));
        const Index i{static_cast<int>(std::lround(at[0])), static_cast<int>(std::lround(at[1])),
                      static_cast<int>(std::lround(at[2]))};
        if (!patch.contains(i.z, i.y, i.x) || !mask(i.z, i.y, i.x)) continue;
        if (c.score >= kSuspiciousNodule) findings(z, y, x) = kNodule;
        sum += hu(z, y, x);
        ++n;
      }
  return n ? sum / static_cast<double>(n) : c.segment.core_hu;
}

Nodule describe(const Candidate& c, const CtVolume& hu, const LungSpans& spans, Labels& findings) {
  Nodule nodule;
  const Vec3 centre = c.shape.centroid;
  nodule.side = c.side;
  nodule.place.centre_mm = {centre.x, centre.y, centre.z};
  nodule.place.size_mm = {c.shape.extent.x, c.shape.extent.y, c.shape.extent.z};
  const auto at = hu.grid().index(c.segment.mask.grid().position(c.shape.inside));
  nodule.place.voxel = {static_cast<int>(std::lround(at[0])), static_cast<int>(std::lround(at[1])),
                        static_cast<int>(std::lround(at[2]))};
  nodule.third = spans.of(c.side).third(nodule.place.voxel[0]);
  nodule.place.where = describe_place(c.side, nodule.third);
  nodule.diameter_mm = c.shape.diameter_mm();
  nodule.long_axis_mm = c.shape.long_mm;
  nodule.short_axis_mm = c.shape.short_mm;
  nodule.volume_mm3 = c.shape.volume_mm3;
  nodule.type = c.type;
  nodule.touches_wall = share(c.segment.wall, c.segment.surface) > kContact;
  nodule.touches_vessel = share(c.segment.exits, c.segment.surface) > kContact;
  nodule.score = c.score;
  nodule.mean_hu = mark(c, hu, findings);
  nodule.calcified = nodule.mean_hu > kCalcifiedHu;
  return nodule;
}

}  // namespace

std::vector<Nodule> find_nodules(const CtVolume& hu, const Labels& anatomy, const CtContext&,
                                 Labels& findings) {
  const NoduleLungs lungs = cut_out_lungs(hu, anatomy);
  if (lungs.empty()) return {};
  const LungSpans spans = lung_spans(anatomy);
  std::vector<Nodule> nodules;
  for (const Candidate& c : Finder(lungs).candidates())
    nodules.push_back(describe(c, hu, spans, findings));
  return nodules;
}

}  // namespace thorax::measure

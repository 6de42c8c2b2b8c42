#include "intake/phantom.h"

#include <atomic>
#include <cmath>

#include "base/parallel.h"
#include "intake/phantom_noise.h"
#include "intake/phantom_paint.h"
#include "intake/phantom_truth.h"

namespace thorax::intake {
namespace {

constexpr double kLatticeMm = 2;
constexpr std::size_t kChunk = 2;
constexpr float kLowestHu = -1024, kHighestHu = 3071;  // of a 12-bit scanner

void demand(bool ok, const char* option, double value, const char* hint) {
  if (!ok)
    throw Error("bad_option"_code,
                {{"option", option}, {"value", std::to_string(value)}, {"hint", hint}});
}

void check(const PhantomOptions& o) {
  demand(o.size >= 32 && o.size <= 2048, "size", o.size, "From 32 to 2048 pixels.");
  demand(o.fov_mm >= 50 && o.fov_mm <= 1000, "fov_mm", o.fov_mm, "From 50 to 1000 mm.");
  demand(o.slice_mm >= 0.3 && o.slice_mm <= 20, "slice_mm", o.slice_mm, "From 0.3 to 20 mm.");
  demand(o.slices >= 0 && o.slices <= 4000, "slices", o.slices, "From 0 to 4000.");
  demand(o.high_mm > o.low_mm, "high_mm", o.high_mm, "Above low_mm.");
  demand(o.body_scale >= 0.4 && o.body_scale <= 2, "body_scale", o.body_scale, "From 0.4 to 2.");
  demand(o.noise_hu >= 0 && o.noise_hu <= 300, "noise_hu", o.noise_hu, "From 0 to 300 HU.");
  demand(o.emphysema_percent >= 0 && o.emphysema_percent <= 60, "emphysema_percent",
         o.emphysema_percent, "From 0 to 60.");
  demand(o.pericardial_ml >= 0 && o.pericardial_ml <= 1500, "pericardial_ml", o.pericardial_ml,
         "From 0 to 1500 ml.");
  demand(!o.cardiothoracic_ratio ||
             (*o.cardiothoracic_ratio >= 0.35 && *o.cardiothoracic_ratio <= 0.8),
         "cardiothoracic_ratio", o.cardiothoracic_ratio.value_or(0), "From 0.35 to 0.8.");
  demand(o.mediastinal_mass_ml >= 0 && o.mediastinal_mass_ml <= 500, "mediastinal_mass_ml",
         o.mediastinal_mass_ml, "From 0 to 500 ml.");
}

volume::Grid make_grid(const PhantomOptions& o) {
  const double xy = o.fov_mm * o.body_scale / o.size;
  const double low = o.low_mm * o.body_scale, high = o.high_mm * o.body_scale;
  const int slices = o.slices > 0 ? o.slices : static_cast<int>((high - low) / o.slice_mm) + 1;
  volume::Grid grid;
  grid.shape = {slices, o.size, o.size};
  grid.spacing = {xy, xy, o.slice_mm};
  grid.origin = {-(o.size - 1) / 2.0 * xy, -(o.size - 1) / 2.0 * xy, low};
  demand(grid.shape.count() <= (1ull << 31), "size", o.size, "At most 2^31 voxels.");
  return grid;
}

/// The same wishes for a body of scale 1.
PhantomOptions model_options(PhantomOptions o) {
  const double mm = 1 / o.body_scale, ml = mm * mm * mm;
  for (PhantomNodule& nodule : o.nodules) {
    nodule.diameter_mm *= mm;
    if (nodule.centre_mm) nodule.centre_mm = *nodule.centre_mm * mm;
  }
  for (auto* regions : {&o.ground_glass, &o.consolidation, &o.effusion, &o.pneumothorax})
    for (PhantomRegion& region : *regions) region.volume_ml *= ml;
  for (double* value :
       {&o.pericardial_ml, &o.coronary_calcium_mm3, &o.aortic_calcium_mm3, &o.mediastinal_mass_ml})
    *value *= ml;
  return o;
}

/// 1 inside the circle that a scanner reconstructs; it gives no value for the corners.
std::vector<std::uint8_t> field_of_view(int size) {
  std::vector<std::uint8_t> inside;
  const double middle = (size - 1) / 2.0;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x)
      inside.push_back(std::hypot(x - middle, y - middle) <= size / 2.0);
  return inside;
}

/// Planes averaged to one slice: an odd number, the middle one gives the labels.
int planes_a_slice(double slice_mm) {
  return slice_mm <= 1.25 ? 1 : slice_mm <= 3 ? 3 : 5;
}

}  // namespace

Phantom make_phantom(const PhantomOptions& options, const Progress& progress) {
  check(options);
  const volume::Grid grid = make_grid(options);
  const PhantomOptions model = model_options(options);
  const double scale = options.body_scale;
  const phantom::Chest chest(model);
  const phantom::LungLattice lattice = phantom::sample_lungs(chest, kLatticeMm);
  const phantom::LungTree tree = phantom::grow_tree(lattice, options.seed);
  const phantom::FindingPlan plan = phantom::plan_findings(model, chest, lattice, tree);
  const phantom::Scene scene{model, chest, tree, plan, phantom::mix_bits(options.seed)};

  Phantom result{volume::CtVolume(grid), volume::Labels(grid), volume::Labels(grid), {}};
  const auto slices = static_cast<std::size_t>(grid.shape.z);
  const auto pixels =
      static_cast<std::size_t>(grid.shape.y) * static_cast<std::size_t>(grid.shape.x);
  std::vector<phantom::SliceTruth> truths(slices);
  const std::vector<std::uint8_t> inside = field_of_view(grid.shape.x);
  const int planes = planes_a_slice(options.slice_mm / scale);
  std::atomic<std::size_t> done{0};
  parallel_for(slices, kChunk, [&](std::size_t begin, std::size_t end) {
    phantom::Plane plane(grid.shape.x, grid.spacing.x / scale);
    std::vector<float> sum(pixels);
    for (std::size_t k = begin; k < end; ++k) {
      const int z = static_cast<int>(k);
      std::fill(sum.begin(), sum.end(), 0.0f);
      std::vector<std::uint8_t> instance;
      for (int part = 0; part < planes; ++part) {
        const double offset = ((part + 0.5) / planes - 0.5) * options.slice_mm;
        phantom::paint_plane(scene, (grid.position(z, 0, 0).z + offset) / scale, plane);
        for (std::size_t i = 0; i < pixels; ++i) sum[i] += plane.hu[i];
        if (part != planes / 2) continue;
        std::copy(plane.anatomy.begin(), plane.anatomy.end(), result.anatomy.slice(z).begin());
        std::copy(plane.finding.begin(), plane.finding.end(), result.findings.slice(z).begin());
        instance = plane.instance;
      }
      for (float& value : sum) value /= static_cast<float>(planes);
      phantom::apply_kernel(sum, grid.shape.x, grid.spacing.x, options.kernel);
      truths[k] = phantom::tally_slice(sum, result.anatomy.slice(z), instance,
                                       plan.instances.size(), grid, z, scale);
      phantom::add_noise(sum, grid.shape.x, grid.spacing.x, options.kernel, options.noise_hu,
                         phantom::mix_bits(scene.seed + k));
      const std::span<std::int16_t> out = result.hu.slice(z);
      for (std::size_t i = 0; i < pixels; ++i)
        out[i] =
            inside[i]
                ? static_cast<std::int16_t>(std::lround(std::clamp(sum[i], kLowestHu, kHighestHu)))
                : static_cast<std::int16_t>(kLowestHu);
      progress.report("phantom", static_cast<double>(++done) / static_cast<double>(slices));
    }
  });
  result.truth = phantom::make_truth(truths, grid, plan.instances);
  return result;
}

}  // namespace thorax::intake

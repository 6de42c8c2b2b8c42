#include "intake/phantom_truth.h"

namespace thorax::intake::phantom {
namespace {

using nlohmann::json;

double rounded(double value, double per_unit = 1e3) {
  return std::round(value * per_unit) / per_unit;
}

json point(const Tally& tally, const volume::Grid& grid) {
  const auto n = static_cast<double>(tally.voxels);
  const Vec3 p = grid.position(tally.z / n, tally.y / n, tally.x / n);
  return {rounded(p.x), rounded(p.y), rounded(p.z)};
}

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0
                    : rounded(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1e4);
}

double mean(const Tally& tally) {
  return tally.voxels == 0 ? 0 : rounded(tally.hu / static_cast<double>(tally.voxels), 1e2);
}

}  // namespace

void Tally::add(const Tally& other) {
  voxels += other.voxels;
  hu += other.hu;
  x += other.x;
  y += other.y;
  z += other.z;
}

SliceTruth tally_slice(std::span<const float> hu, std::span<const std::uint8_t> anatomy,
                       std::span<const std::uint8_t> instance, std::size_t instances,
                       const volume::Grid& grid, int z, double body_scale) {
  SliceTruth truth;
  truth.instances.resize(instances);
  truth.instance_dense.resize(instances);
  const double model_z = grid.position(z, 0, 0).z / body_scale;
  const bool body_middle = std::abs(Vertebra::dz(model_z)) < 6;
  const double spine_y = Chest::outline(model_z).spine_y;
  for (int y = 0; y < grid.shape.y; ++y)
    for (int x = 0; x < grid.shape.x; ++x) {
      const std::size_t i = grid.offset(0, y, x);
      const double value = static_cast<double>(hu[i]);
      if (instance[i] != 0) {
        truth.instances[instance[i] - 1u].add(value, x, y, z);
        truth.instance_dense[instance[i] - 1u] += value >= 130;
      }
      switch (anatomy[i]) {
        case kPhantomLeftLung:
        case kPhantomRightLung: {
          const int side = anatomy[i] == kPhantomLeftLung;
          truth.lung[side].add(value, x, y, z);
          truth.below_950[side] += value < -950;
          truth.below_910[side] += value < -910;
          truth.lung_low_x = std::min(truth.lung_low_x, x);
          truth.lung_high_x = std::max(truth.lung_high_x, x);
          break;
        }
        case kPhantomHeart:
          truth.heart.add(value, x, y, z);
          truth.heart_low_x = std::min(truth.heart_low_x, x);
          truth.heart_high_x = std::max(truth.heart_high_x, x);
          break;
        case kPhantomAirways:
          truth.airways.add(value, x, y, z);
          break;
        case kPhantomAorta:
          truth.aorta.add(value, x, y, z);
          break;
        case kPhantomSpine: {
          truth.spine.add(value, x, y, z);
          const Vec3 p = grid.position(z, y, x);
          if (body_middle && std::abs(p.x / body_scale) < 9 &&
              std::abs(p.y / body_scale - spine_y) < 6)
            truth.trabecular.add(value, x, y, z);
          break;
        }
        default:
          break;
      }
    }
  return truth;
}

json make_truth(const std::vector<SliceTruth>& slices, const volume::Grid& grid, json instances) {
  SliceTruth all;
  all.instances.resize(instances.size());
  all.instance_dense.resize(instances.size());
  int thorax_width = 0;
  for (const SliceTruth& slice : slices) {
    for (int side = 0; side < 2; ++side) {
      all.lung[side].add(slice.lung[side]);
      all.below_950[side] += slice.below_950[side];
      all.below_910[side] += slice.below_910[side];
    }
    all.heart.add(slice.heart);
    all.airways.add(slice.airways);
    all.aorta.add(slice.aorta);
    all.spine.add(slice.spine);
    all.trabecular.add(slice.trabecular);
    if (slice.lung_high_x >= 0)
      thorax_width = std::max(thorax_width, slice.lung_high_x - slice.lung_low_x + 1);
    all.heart_low_x = std::min(all.heart_low_x, slice.heart_low_x);
    all.heart_high_x = std::max(all.heart_high_x, slice.heart_high_x);
    for (std::size_t k = 0; k < instances.size(); ++k) {
      all.instances[k].add(slice.instances[k]);
      all.instance_dense[k] += slice.instance_dense[k];
    }
  }
  const double ml = grid.voxel_ml();
  const auto volume = [&](std::uint64_t voxels) {
    return rounded(static_cast<double>(voxels) * ml, 1e6);
  };
  Tally lungs = all.lung[0];
  lungs.add(all.lung[1]);

  json truth;
  truth["lungs"] = {
      {"right_ml", volume(all.lung[0].voxels)}, {"left_ml", volume(all.lung[1].voxels)},
      {"total_ml", volume(lungs.voxels)},       {"right_mean_hu", mean(all.lung[0])},
      {"left_mean_hu", mean(all.lung[1])},      {"total_mean_hu", mean(lungs)}};
  truth["emphysema"] = {
      {"laa950_percent", percent(all.below_950[0] + all.below_950[1], lungs.voxels)},
      {"laa910_percent", percent(all.below_910[0] + all.below_910[1], lungs.voxels)},
      {"right_laa950_percent", percent(all.below_950[0], all.lung[0].voxels)},
      {"left_laa950_percent", percent(all.below_950[1], all.lung[1].voxels)}};
  const double heart_width =
      all.heart_high_x < 0 ? 0 : (all.heart_high_x - all.heart_low_x + 1) * grid.spacing.x;
  truth["heart"] = {{"volume_ml", volume(all.heart.voxels)}, {"width_mm", rounded(heart_width)}};
  truth["thorax"] = {{"width_mm", rounded(thorax_width * grid.spacing.x)}};
  truth["cardiothoracic_ratio"] =
      thorax_width == 0 ? 0 : rounded(heart_width / (thorax_width * grid.spacing.x), 1e4);
  truth["airways"] = {{"volume_ml", volume(all.airways.voxels)}};
  truth["aorta"] = {{"volume_ml", volume(all.aorta.voxels)}};
  truth["vertebra_hu"] = mean(all.trabecular);
  for (std::size_t k = 0; k < instances.size(); ++k) {
    const Tally& tally = all.instances[k];
    json& finding = instances[k];
    finding["volume_ml"] = volume(tally.voxels);
    finding["hu_mean"] = mean(tally);
    if (tally.voxels > 0) finding["centre_mm"] = point(tally, grid);
    const std::string type = finding["type"];
    if (type.ends_with("calcification"))
      finding["volume_130hu_mm3"] = rounded(volume(all.instance_dense[k]) * 1000);
    if (finding.contains("side")) {
      const int side = finding["side"] == "left";
      finding["lung_share_percent"] = percent(tally.voxels, all.lung[side].voxels);
    }
  }
  truth["findings"] = std::move(instances);
  return truth;
}

}  // namespace thorax::intake::phantom

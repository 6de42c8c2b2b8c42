#include "measure/lungs_air.h"

#include <cmath>
#include <optional>

#include "measure/ct.h"
#include "measure/lungs_grow.h"
#include "volume/components.h"
#include "volume/distance.h"
#include "volume/statistics.h"

namespace thorax::measure {
namespace {

// Block means of gas without tissue lie below this, of lung above it.
constexpr int kGasHu = -970;

// What a lump is: on the low-x or the high-x side of the chest, no lung, or too small to say.
constexpr std::uint8_t kUndecided = 0, kLow = 1, kHigh = 2, kOther = 3;

/// What is known of one lump of air.
struct LumpFacts {
  volume::Component part;
  double ml = 0;
  int median_hu = 0;
  double body_share = 0;  ///< of its voxels
};

std::vector<LumpFacts> describe(const volume::CtVolume& hu, const volume::Mask& body,
                                const volume::Components& lumps, double min_ml) {
  std::vector<LumpFacts> out;
  for (const volume::Component& c : lumps.components) {
    const double ml = static_cast<double>(c.voxels) * hu.grid().voxel_ml();
    if (ml < min_ml) break;  // largest first
    volume::HuHistogram values(-1100, 0);
    std::size_t in_body = 0;
    for (int z = c.low.z; z <= c.high.z; ++z)
      for (int y = c.low.y; y <= c.high.y; ++y)
        for (int x = c.low.x; x <= c.high.x; ++x)
          if (lumps.labels(z, y, x) == c.label) {
            values.add(hu(z, y, x));
            in_body += body(z, y, x);
          }
    out.push_back({c, ml, static_cast<int>(std::lround(values.percentile(50))),
                   static_cast<double>(in_body) / static_cast<double>(c.voxels)});
  }
  return out;
}

bool has_lung_density(const LumpFacts& lump) {
  return lump.median_hu > kGasHu && lump.median_hu < -500;
}

/// Lies in the patient; or is so large that it can only be a lung that the field of view opened.
bool is_inside(const LumpFacts& lump) {
  return lump.body_share > 0.5 || (lump.ml > 400 && lump.median_hu > -940);
}

/// Share of a lump on the low-x side of `middle`.
double low_share(const volume::Components& lumps, const volume::Component& c, double middle) {
  std::size_t low = 0;
  for (int z = c.low.z; z <= c.high.z; ++z)
    for (int y = c.low.y; y <= c.high.y; ++y)
      for (int x = c.low.x; x <= c.high.x && x < middle; ++x)
        low += lumps.labels(z, y, x) == c.label;
  return static_cast<double>(low) / static_cast<double>(c.voxels);
}

/// Middle of the body along x over a range of slices.
double body_middle(const volume::Mask& body, int low_z, int high_z) {
  double sum = 0, n = 0;
  for (int z = low_z; z <= high_z; ++z)
    for (int y = 0; y < body.shape().y; ++y)
      for (int x = 0; x < body.shape().x; ++x)
        if (body(z, y, x)) {
          sum += x;
          ++n;
        }
  return n > 0 ? sum / n : body.shape().x / 2.0;
}

/// The lumps at one erosion depth, each decided as a side or as no lung.
struct Cut {
  volume::Labels markers;
  bool joined = false;  ///< one lump still spans both sides
};

Cut cut_at(const volume::CtVolume& hu, const volume::Mask& body, const volume::Volume<float>& depth,
           double radius_mm) {
  volume::Mask eroded(hu.grid());
  for (std::size_t i = 0; i < eroded.size(); ++i)
    eroded[i] = depth[i] > static_cast<float>(radius_mm);
  const volume::Components lumps = volume::connected_components(eroded);
  const std::vector<LumpFacts> facts = describe(hu, body, lumps, 0.5);
  Cut out{volume::Labels(hu.grid()), false};

  const LumpFacts* main = nullptr;
  for (const LumpFacts& f : facts)
    if (has_lung_density(f) && is_inside(f) && !main) main = &f;
  if (!main) return out;
  const double middle = body_middle(body, main->part.low.z, main->part.high.z);
  const double main_low = low_share(lumps, main->part, middle);
  out.joined = main_low > 0.2 && main_low < 0.8;

  std::vector<std::uint8_t> label(lumps.components.size() + 1, kUndecided);
  for (const LumpFacts& f : facts) {
    std::uint8_t& to = label[static_cast<std::size_t>(f.part.label)];
    const std::uint8_t side = low_share(lumps, f.part, middle) >= 0.5 ? kLow : kHigh;
    const double centre_z = f.part.centroid()[0];
    if (!is_inside(f) || centre_z < main->part.low.z || centre_z > main->part.high.z)
      to = kOther;
    else if (has_lung_density(f))
      to = f.ml > 15 || f.ml > 0.002 * main->ml ? side : kUndecided;
    else if (f.ml > 5)
      // Gas without tissue: pneumothorax and bullae reach into the upper half of the thorax,
      // stomach and colon do not.
      to = 2 * f.part.high.z > main->part.low.z + main->part.high.z ? side : kOther;
  }
  for (std::size_t i = 0; i < eroded.size(); ++i)
    if (lumps.labels[i]) out.markers[i] = label[static_cast<std::size_t>(lumps.labels[i])];
  return out;
}

}  // namespace

volume::Labels label_lung_air(const volume::CtVolume& hu, const volume::Mask& body,
                              const volume::Mask& airy) {
  volume::Mask rest(airy.grid());
  for (std::size_t i = 0; i < rest.size(); ++i) rest[i] = airy[i] ? 0 : 1;
  const volume::Volume<float> depth = volume::distance_to(rest);
  // Deep enough to let go of bowel and outside air; deeper only while the sides hang together.
  Cut cut = cut_at(hu, body, depth, 3.0);
  for (const double radius_mm : {5.0, 8.0, 12.0, 16.0}) {
    if (!cut.joined) break;
    Cut deeper = cut_at(hu, body, depth, radius_mm);
    if (!deeper.joined) {
      // What is no lung stays as it was seen at the first depth.
      for (std::size_t i = 0; i < cut.markers.size(); ++i)
        if (cut.markers[i] == kOther && !deeper.markers[i]) deeper.markers[i] = kOther;
      cut = std::move(deeper);
      break;
    }
  }
  grow_labels_downhill(cut.markers, airy, depth);
  volume::Labels out(hu.grid());
  for (std::size_t i = 0; i < out.size(); ++i) {
    // LPS: x grows to the patient's left.
    if (cut.markers[i] == kLow) out[i] = kRightLung;
    if (cut.markers[i] == kHigh) out[i] = kLeftLung;
  }
  return out;
}

}  // namespace thorax::measure

// How measured volumes compare with the truth of phantoms, over sizes and scans:
//
//   phantom_volumes [--each] [KIND...]
//
// KIND: pleura, opacities (or middle, lower: in that third), pericardium; all without one.
// Every size is drawn in each of the scans below, which differ in patient, body size, voxels, noise
// and kernel. Prints the tables of docs/measurements.md; with --each also every single measurement.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "intake/phantom.h"
#include "measure/airways.h"
#include "measure/ct.h"
#include "measure/heart.h"
#include "measure/lungs.h"
#include "measure/opacity.h"
#include "measure/pleura.h"
#include "measure/spine.h"

namespace {

using namespace thorax;
using intake::PhantomOptions;
using intake::PhantomSide;
using intake::PhantomThird;

/// The scans, one patient each.
std::vector<PhantomOptions> scans() {
  const auto scan = [](std::uint64_t seed, int size, double slice_mm, double noise_hu,
                       double body_scale, intake::PhantomKernel kernel) {
    PhantomOptions o;
    o.seed = seed;
    o.size = size;
    o.slice_mm = slice_mm;
    o.noise_hu = noise_hu;
    o.body_scale = body_scale;
    o.kernel = kernel;
    return o;
  };
  constexpr auto kSoft = intake::PhantomKernel::soft, kSharp = intake::PhantomKernel::sharp;
  return {scan(1, 256, 3, 12, 1, kSoft), scan(2, 256, 2.5, 20, 0.9, kSoft),
          scan(3, 256, 5, 10, 1.1, kSharp)};
}

struct Measured {
  Measurements values;
  volume::Labels findings;
  double value(const std::string& id) const { return values.value(id).value_or(0); }
};

Measured measure(const intake::Phantom& phantom, bool with_heart) {
  const volume::CtVolume& hu = phantom.hu;
  const measure::CtContext context{};
  Measured m;
  const measure::Airways airways = measure::find_airways(hu);
  const measure::CoarseChest chest = measure::find_lungs(hu, airways);
  volume::Labels anatomy = measure::refine_anatomy(hu, chest, airways);
  m.findings = volume::Labels(hu.grid());
  measure::measure_pleura(hu, chest, anatomy, m.findings, m.values);
  measure::measure_opacities(hu, anatomy, measure::find_opacities(chest), m.findings, m.values);
  measure::add_lung_measurements(hu, anatomy, m.findings, m.values);
  if (!with_heart) return m;
  std::vector<measure::Region> regions;
  measure::measure_spine(hu, anatomy, context, m.values);
  measure::measure_heart(hu, anatomy, m.values, regions, m.findings, context);
  return m;
}

/// Rows of one table: what was painted, what was found.
class Table {
 public:
  Table(std::string name, double bar_percent) : name_(std::move(name)), bar_(bar_percent) {}

  void add(double wanted_ml, double true_ml, double measured_ml) {
    if (rows_.empty() || rows_.back().wanted_ml != wanted_ml) rows_.push_back({wanted_ml});
    Row& row = rows_.back();
    ++row.n;
    row.truth += true_ml;
    row.measured += measured_ml;
    const double error = true_ml > 0 ? 100 * (measured_ml / true_ml - 1) : measured_ml;
    row.low = row.n == 1 ? error : std::min(row.low, error);
    row.high = row.n == 1 ? error : std::max(row.high, error);
    row.missed += true_ml > 0 && measured_ml < 0.05 * true_ml;
    row.within += true_ml > 0 ? std::abs(error) <= bar_ : measured_ml == 0;
  }

  void print() const {
    std::printf("\n## %s\n\n| painted, mL | measured, mean | error, lowest to highest | ",
                name_.c_str());
    std::printf("within %.0f %% | missed |\n| ---: | ---: | ---: | ---: | ---: |\n", bar_);
    for (const Row& r : rows_) {
      std::printf("| %.0f | %.1f | ", r.truth / r.n, r.measured / r.n);
      if (r.wanted_ml > 0)
        std::printf("%+.0f to %+.0f %%", r.low, r.high);
      else
        std::printf("%.1f to %.1f mL", r.low, r.high);
      std::printf(" | %d of %d | %d |\n", r.within, r.n, r.missed);
    }
  }

 private:
  struct Row {
    double wanted_ml = 0;
    int n = 0, within = 0, missed = 0;
    double truth = 0, measured = 0, low = 0, high = 0;
  };
  std::string name_;
  double bar_;
  std::vector<Row> rows_;
};

double true_ml(const intake::Phantom& phantom, int label) {
  double n = 0;
  for (const std::uint8_t v : phantom.findings.voxels()) n += v == label;
  return n * phantom.hu.grid().voxel_ml();
}

bool each = false;

void note(const char* what, const PhantomOptions& o, double truth, double measured) {
  if (!each) return;
  std::printf("%-14s seed %d  %3d x %.1f mm  true %6.1f  measured %6.1f  %+5.0f %%\n", what,
              static_cast<int>(o.seed), o.size, o.slice_mm, truth, measured,
              truth > 0 ? 100 * (measured / truth - 1) : 0);
  std::fflush(stdout);
}

/// Effusion on one side, pneumothorax on the other, sides taken in turns.
void pleura() {
  Table fluid("Pleural effusion", 15), air("Pneumothorax", 15);
  for (const double ml : {0, 20, 35, 50, 100, 200, 800})
    for (PhantomOptions o : scans()) {
      const PhantomSide one = o.seed % 2 ? PhantomSide::right : PhantomSide::left;
      const PhantomSide other = o.seed % 2 ? PhantomSide::left : PhantomSide::right;
      if (ml > 0) {
        o.effusion = {{ml, one}};
        o.pneumothorax = {{ml, other}};
      }
      const intake::Phantom phantom = intake::make_phantom(o);
      const Measured m = measure(phantom, false);
      const double fluid_ml = true_ml(phantom, intake::kPhantomPleuralEffusion);
      const double air_ml = true_ml(phantom, intake::kPhantomPneumothorax);
      fluid.add(ml, fluid_ml, m.value("pleural_effusion.total.volume"));
      air.add(ml, air_ml, m.value("pneumothorax.total.volume"));
      note("effusion", o, fluid_ml, m.value("pleural_effusion.total.volume"));
      note("pneumothorax", o, air_ml, m.value("pneumothorax.total.volume"));
    }
  fluid.print();
  air.print();
}

/// Ground glass in one lung, consolidation in the other, in each third.
void opacities(const std::set<std::string>& kinds) {
  const std::vector<std::pair<PhantomThird, const char*>> thirds = {
      {PhantomThird::middle, "middle"}, {PhantomThird::lower, "lower"}};
  for (const auto& [third, word] : thirds) {
    if (!kinds.contains("opacities") && !kinds.contains(word)) continue;
    const std::string where = std::string(", ") + word + " third";
    Table glass("Ground glass" + where, 10), dense("Consolidation" + where, 10);
    for (const double ml : {20, 50, 150, 300})
      for (PhantomOptions o : scans()) {
        const PhantomSide one = o.seed % 2 ? PhantomSide::right : PhantomSide::left;
        const PhantomSide other = o.seed % 2 ? PhantomSide::left : PhantomSide::right;
        o.ground_glass = {{ml, one, third}};
        o.consolidation = {{ml, other, third}};
        const intake::Phantom phantom = intake::make_phantom(o);
        const Measured m = measure(phantom, false);
        const double glass_ml = true_ml(phantom, intake::kPhantomGroundGlass);
        const double dense_ml = true_ml(phantom, intake::kPhantomConsolidation);
        glass.add(ml, glass_ml, m.value("ground_glass.volume"));
        dense.add(ml, dense_ml, m.value("consolidation.volume"));
        note("ground glass", o, glass_ml, m.value("ground_glass.volume"));
        note("consolidation", o, dense_ml, m.value("consolidation.volume"));
      }
    glass.print();
    dense.print();
  }
}

void pericardium() {
  Table fluid("Pericardial effusion", 15);
  for (const double ml : {0, 40, 60, 120, 300})
    for (PhantomOptions o : scans()) {
      o.pericardial_ml = ml;
      const intake::Phantom phantom = intake::make_phantom(o);
      const Measured m = measure(phantom, true);
      const double truth = true_ml(phantom, intake::kPhantomPericardialEffusion);
      fluid.add(ml, truth, m.value("pericardial_effusion.volume"));
      note("pericardial", o, truth, m.value("pericardial_effusion.volume"));
    }
  fluid.print();
}

}  // namespace

int main(int argc, char** argv) {
  std::set<std::string> kinds;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--each") == 0)
      each = true;
    else
      kinds.insert(argv[i]);
  }
  if (kinds.empty()) kinds = {"pleura", "opacities", "pericardium"};
  if (kinds.contains("pleura")) pleura();
  opacities(kinds);
  if (kinds.contains("pericardium")) pericardium();
  return 0;
}

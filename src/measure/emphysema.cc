#include "measure/emphysema.h"

#include <cmath>

#include "measure/lungs_texts.h"
#include "volume/components.h"
#include "volume/statistics.h"

namespace thorax::measure {
namespace {

constexpr int kLaa950 = -950, kLaa910 = -910;
constexpr int kHaaLow = -600, kHaaHigh = -250;

bool is_parenchyma(std::uint8_t anatomy, std::uint8_t finding) {
  return (anatomy == kLeftLung || anatomy == kRightLung) && finding != kPleuralEffusion &&
         finding != kPneumothorax;
}

}  // namespace

void measure_emphysema(const volume::CtVolume& hu, const volume::Labels& anatomy,
                       const CtContext& context, volume::Labels& findings, Measurements& values) {
  volume::HuHistogram density(-1100, 300);
  volume::Mask low(hu.grid());
  for (std::size_t i = 0; i < hu.size(); ++i) {
    if (!is_parenchyma(anatomy[i], findings[i])) continue;
    density.add(hu[i]);
    low[i] = hu[i] < kLaa950;
  }
  if (density.total() == 0) return;

  double largest_ml = 0;
  {
    const volume::Mask largest = volume::largest_components(low, 1);
    std::size_t voxels = 0;
    for (std::size_t i = 0; i < low.size(); ++i) {
      voxels += largest[i];
      if (low[i] && findings[i] == kNoFinding) findings[i] = kEmphysema;
    }
    largest_ml = static_cast<double>(voxels) * hu.grid().voxel_ml();
  }
  const auto trust = density_trust(context);
  const auto add = [&](std::string id, Text name, double value, std::string unit, int decimals,
                       Text method, std::string source, std::optional<NormalRange> normal) {
    values.add({.id = std::move(id),
                .name = std::move(name),
                .value = value,
                .unit = std::move(unit),
                .decimals = decimals,
                .method = std::move(method),
                .source = std::move(source),
                .normal = std::move(normal),
                .reliability = trust.reliability,
                .caveat = trust.caveat});
  };
  add("emphysema.laa950.percent", {"Emphysema index LAA-950", "Индекс эмфиземы LAA-950"},
      100 * density.share_below(kLaa950), "%", 1,
      {"Share of lung voxels below -950 HU, airways excluded",
       "Доля вокселей лёгких с плотностью ниже −950 HU, без дыхательных путей"},
      "Gevenois et al. 1996", NormalRange{std::nullopt, 5, "Lynch et al., Radiology 2018;288:859"});
  add("emphysema.laa910.percent", {"Low-attenuation area LAA-910", "Индекс LAA-910"},
      100 * density.share_below(kLaa910), "%", 1,
      {"Share of lung voxels below -910 HU, airways excluded",
       "Доля вокселей лёгких с плотностью ниже −910 HU, без дыхательных путей"},
      "Müller et al. 1988", std::nullopt);
  add("emphysema.perc15.hu",
      {"15th percentile of lung density (Perc15)", "15-й перцентиль плотности лёгких (Perc15)"},
      density.percentile(15), "[hnsf'U]", 0,
      {"Density below which 15 % of lung voxels lie",
       "Плотность, ниже которой лежат 15 % вокселей лёгких"},
      "Parr et al. 2008", std::nullopt);
  add("emphysema.largest_cluster.ml",
      {"Largest low-density cluster", "Наибольший кластер низкой плотности"}, largest_ml, "mL", 1,
      {"Largest face-connected group of lung voxels below -950 HU",
       "Наибольшая связная группа вокселей лёгких ниже −950 HU"},
      "Mishima et al. 1999", std::nullopt);
  const double haa = density.share_below(kHaaHigh) - density.share_below(kHaaLow + 1);
  add("haa.percent", {"High-attenuation areas (HAA)", "Зоны повышенной плотности (HAA)"}, 100 * haa,
      "%", 1,
      {"Share of lung voxels between -600 and -250 HU; vessels are not excluded",
       "Доля вокселей лёгких от −600 до −250 HU; сосуды не исключены"},
      "Lederer et al. 2009", std::nullopt);
}

}  // namespace thorax::measure

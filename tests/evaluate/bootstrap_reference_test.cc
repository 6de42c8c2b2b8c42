// The intervals of the first of the earlier systems, from its own table of resamples.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "evaluate/metrics.h"
#include "support/golden.h"
#include "support/npy.h"

namespace thorax::evaluate {
namespace {

// That system adds 1e-8 to the number of cases that sensitivity and specificity divide by.
constexpr double kBound = 1e-8;

TEST(BootstrapReference, IntervalsAreTheFirstSystems) {
  golden::Golden golden("s1_bootstrap", "all");
  const nlohmann::json& facts = golden.facts();
  const auto rows = facts.at("rows").get<std::size_t>();
  const std::vector<float> scores = golden::input("input:s1_boot.prob", rows, 0.5, 0.5);
  const auto labels = facts.at("labels_values").get<std::vector<std::uint8_t>>();
  const golden::Array table = golden::read_npy(golden.folder() / "indices.npy");
  std::map<std::string, std::vector<double>> found;
  for (std::size_t first = 0; first < table.values.size(); first += rows) {
    Cases drawn;
    drawn.classes = {"pathology"};
    drawn.exclusive = false;
    for (std::size_t i = first; i < first + rows; ++i) {
      const auto row = static_cast<std::size_t>(table.values[i]);
      drawn.probabilities.push_back(double{scores[row]});
      drawn.truth.push_back(labels[row]);
    }
    const ClassMetrics one = measure(drawn, {}, {.resamples = 0}).classes.at(0);
    found["AUROC"].push_back(one.auroc.value);
    found["AUPRC"].push_back(one.auprc.value);
    found["Precision"].push_back(one.precision.value);
    found["F1"].push_back(one.f1.value);
    found["Sensitivity"].push_back(one.sensitivity.value);
    found["Specificity"].push_back(one.specificity.value);
  }
  const double tail = facts.at("alpha").get<double>() / 2;
  for (const auto& [name, values] : found) {
    ASSERT_EQ(values.size(), facts.at("resamples").get<std::size_t>());
    const nlohmann::json& expected = facts.at("result").at(name);
    const auto check = [&](const char* what, double value) {
      golden.record(name + ' ' + what, std::abs(value - expected.at(what).get<double>()), kBound);
    };
    check("mean",
          std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size()));
    check("lower", quantile(values, tail));
    check("upper", quantile(values, 1 - tail));
  }
}

}  // namespace
}  // namespace thorax::evaluate

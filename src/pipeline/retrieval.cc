#include "pipeline/retrieval.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/files.h"
#include "learn/table.h"
#include "weights/manifest.h"

namespace thorax::pipeline {
namespace {

double share_within(const std::vector<std::size_t>& ranks, std::size_t most) {
  const auto within = std::ranges::count_if(ranks, [&](std::size_t rank) { return rank <= most; });
  return static_cast<double>(within) / static_cast<double>(ranks.size());
}

}  // namespace

std::vector<std::size_t> ranks(const std::vector<std::vector<float>>& queries,
                               const std::vector<std::vector<float>>& others) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    std::vector<double> similarity;
    for (const std::vector<float>& other : others) {
      double sum = 0;
      for (std::size_t k = 0; k < other.size(); ++k)
        sum += double{queries[i][k]} * double{other[k]};
      similarity.push_back(sum);
    }
    found.push_back(static_cast<std::size_t>(
        std::ranges::count_if(similarity, [&](double one) { return one >= similarity[i]; })));
  }
  return found;
}

void Retrieval::add(learn::Split split, const std::vector<std::string>& names,
                    const std::vector<std::string>& patients,
                    const std::vector<std::vector<float>>& queries,
                    const std::vector<std::vector<float>>& others) {
  if (names.empty()) return;
  const std::vector<std::size_t> found = ranks(queries, others);
  const std::string count = std::to_string(names.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    csv_ += learn::table_field(names[i]) + ',' + learn::table_field(patients[i]) + ',' +
            learn::to_string(split) + ',' + std::to_string(found[i]) + ',' + count + '\n';
  const double first = share_within(found, 1), five = share_within(found, 5);
  metrics_[learn::to_string(split)] = {
      {"pairs", names.size()}, {"first", first}, {"first_five", five}};
  std::array<char, 96> line{};
  std::snprintf(line.data(), line.size(), " | %zu | %.4f | %.4f | %.4f |\n", names.size(), first,
                five, 1 / static_cast<double>(names.size()));
  table_ += std::string("| ") + learn::to_string(split) + line.data();
}

void Retrieval::write(const std::filesystem::path& run, const std::filesystem::path& model,
                      const RetrievalWords& words) const {
  weights::Manifest manifest = weights::load_manifest(model);
  manifest.json["metrics"] = metrics_;
  const nlohmann::json& trained = manifest.json.at("trained");
  write_file(run / "retrieval.csv", csv_);
  weights::write_manifest(model, manifest);
  write_file(model / "CARD.md",
             "# " + manifest.name + ' ' + manifest.version +
                 "\n\n**For research use only.** Not a medical device. Written by `thorax "
                 "train`.\n\n" +
                 words.model + " (`" + manifest.network + "`, " +
                 manifest.json.at("parameters").dump() + " parameters). Licence of the weights: " +
                 (manifest.licence.empty() ? "*not stated*" : manifest.licence) +
                 ".\n\nSplit by patient. SHA-256 of the data: `" +
                 trained.at("data_sha256").get<std::string>() +
                 "`.\n\n## How well it does\n\nThe share of " + words.question +
                 " The weights are those of epoch " + trained.at("kept_epoch").dump() + " of " +
                 trained.at("epochs").dump() + ".\n\n| split | " + words.unit +
                 " | first | first five | by chance |\n| --- | --- | --- | --- | --- |\n" + table_);
}

}  // namespace thorax::pipeline

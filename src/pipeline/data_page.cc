#include "pipeline/data_page.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/base64.h"
#include "base/error.h"
#include "learn/table.h"
#include "pipeline/training_pictures.h"
#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/png.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using report::in_both;

constexpr int kSide = 96;
constexpr std::size_t kCells = 16, kNearest = 5, kShown = 400;
constexpr double kAlike = 0.995, kFar = 6;

struct Labelled {
  std::string label, split;
};

/// Means over 16 x 16 cells, of mean 0 and length 1.
std::vector<float> signature(std::span<const std::uint8_t> picture, std::size_t side) {
  std::vector<double> cells(kCells * kCells);
  for (std::size_t y = 0; y < side; ++y)
    for (std::size_t x = 0; x < side; ++x)
      cells[y * kCells / side * kCells + x * kCells / side] += picture[y * side + x];
  const double mean =
      std::accumulate(cells.begin(), cells.end(), 0.0) / static_cast<double>(cells.size());
  double squares = 0;
  for (double& cell : cells) {
    cell -= mean;
    squares += cell * cell;
  }
  const double norm = std::max(std::sqrt(squares), 1e-9);
  std::vector<float> out;
  for (const double cell : cells) out.push_back(static_cast<float>(cell / norm));
  return out;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::size_t root(std::vector<std::size_t>& parents, std::size_t i) {
  while (parents[i] != i) i = parents[i] = parents[parents[i]];
  return i;
}

/// What is known of a picture's path; folders in front may be missing in the table.
class Labels {
 public:
  explicit Labels(const fs::path& table) {
    if (table.empty()) return;
    for (const auto& row : learn::read_table(table, {"path"})) {
      const auto field = [&](const char* name) {
        const auto found = row.find(name);
        return found == row.end() ? std::string() : found->second;
      };
      known_[row.at("path")] = {field("class"), field("split")};
    }
  }
  Labelled of(const std::string& path) const {
    if (known_.empty()) return {fs::path(path).parent_path().filename().string(), ""};
    for (std::size_t start = 0;; ++start) {
      if (const auto found = known_.find(path.substr(start)); found != known_.end())
        return found->second;
      start = path.find('/', start);
      if (start == std::string::npos) return {"?", ""};
    }
  }

 private:
  std::map<std::string, Labelled> known_;
};

class Page {
 public:
  Page(const learn::PictureSet& set, const Labels& labels) : set_(set) {
    for (const std::string& name : set.names) labels_.push_back(labels.of(name));
  }

  std::string html(const std::string& title, const Likeness& likeness) const {
    std::string out = report::page_open(title, report::escaped(title), Language::en, {});
    out += report::panel("alike", {"Pictures that are alike", "Похожие снимки"}, alike(likeness));
    out += report::panel("outliers", {"Outliers", "Выбросы"}, figures(likeness.outliers));
    std::map<std::string, std::vector<std::size_t>> classes;
    for (std::size_t i = 0; i < set_.count(); ++i) classes[labels_[i].label].push_back(i);
    int number = 0;
    for (const auto& [name, places] : classes) {
      const std::size_t shown = std::min(kShown, places.size());
      const std::string heading = std::string(name)
                                      .append(" (")
                                      .append(std::to_string(shown))
                                      .append(" / ")
                                      .append(std::to_string(places.size()))
                                      .append(")");
      out += report::panel(
          "class" + std::to_string(number++), {heading, heading},
          figures({places.begin(), places.begin() + static_cast<std::ptrdiff_t>(shown)}));
    }
    return out + report::page_close();
  }

 private:
  std::string figure(std::size_t i) const {
    report::Grey image(set_.size, set_.size);
    std::ranges::copy(set_.picture(i), image.pixels.begin());
    return "<figure style=\"display:inline-block;width:104px;margin:4px;vertical-align:top\"><img "
           "width=\"96\" height=\"96\" alt=\"\" src=\"data:image/png;base64," +
           base64(report::encode_png(image)) +
           "\"><figcaption style=\"overflow-wrap:anywhere;font-size:11px\">" +
           report::escaped(labels_[i].label) +
           (labels_[i].split.empty() ? "" : " · " + report::escaped(labels_[i].split)) + "<br>" +
           report::escaped(fs::path(set_.names[i]).filename().string()) + "</figcaption></figure>";
  }
  std::string figures(const std::vector<std::size_t>& places) const {
    std::string out;
    for (const std::size_t i : places) out += figure(i);
    return out;
  }
  std::string alike(const Likeness& likeness) const {
    std::string out;
    for (const std::vector<std::size_t>& group : likeness.groups) {
      std::set<std::string> labels, splits;
      for (const std::size_t i : group) {
        labels.insert(labels_[i].label);
        splits.insert(labels_[i].split);
      }
      out += "<div style=\"border-top:1px solid;padding:8px 0\">";
      if (splits.size() > 1)
        out +=
            "<p><strong>" + in_both("In different splits", "В разных выборках") + "</strong></p>";
      if (labels.size() > 1)
        out +=
            "<p><strong>" + in_both("With different labels", "С разными метками") + "</strong></p>";
      out += figures(group) + "</div>";
    }
    return out;
  }

  const learn::PictureSet& set_;
  std::vector<Labelled> labels_;
};

}  // namespace

Likeness compare_pictures(const learn::PictureSet& set) {
  const std::size_t count = set.count();
  std::vector<std::vector<float>> signatures;
  for (std::size_t i = 0; i < count; ++i)
    signatures.push_back(signature(set.picture(i), static_cast<std::size_t>(set.size)));
  std::vector<std::size_t> parents(count);
  std::iota(parents.begin(), parents.end(), std::size_t{0});
  std::vector<double> nearness(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<float> nearest;
    for (std::size_t k = 0; k < count; ++k) {
      if (k == i) continue;
      const float likeness = std::inner_product(signatures[i].begin(), signatures[i].end(),
                                                signatures[k].begin(), 0.0F);
      if (k > i && double{likeness} > kAlike) parents[root(parents, k)] = root(parents, i);
      nearest.push_back(likeness);
    }
    const std::size_t some = std::min(kNearest, nearest.size());
    std::partial_sort(nearest.begin(), nearest.begin() + static_cast<std::ptrdiff_t>(some),
                      nearest.end(), std::greater());
    for (std::size_t k = 0; k < some; ++k)
      nearness[i] += double{nearest[k]} / static_cast<double>(some);
  }
  Likeness found;
  std::map<std::size_t, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < count; ++i) groups[root(parents, i)].push_back(i);
  for (auto& [first, group] : groups)
    if (group.size() > 1) found.groups.push_back(std::move(group));
  if (count <= kNearest) return found;
  const double usual = median(nearness);
  std::vector<double> deviations;
  for (const double one : nearness) deviations.push_back(std::abs(one - usual));
  const double limit = usual - kFar * median(deviations);
  for (std::size_t i = 0; i < count; ++i)
    if (nearness[i] < limit) found.outliers.push_back(i);
  std::ranges::stable_sort(found.outliers, {}, [&](std::size_t i) { return nearness[i]; });
  return found;
}

DataPage browse_pictures(const fs::path& folder, const fs::path& table,
                         const intake::Limits& limits, const Progress& progress) {
  if (!fs::exists(folder)) throw Error("no_such_input"_code, {{"path", folder.string()}});
  const Labels labels(table);
  const learn::PictureSet set = unlabelled_pictures(folder, kSide, limits, progress);
  if (set.count() == 0)
    throw Error("bad_training_data"_code, {{"path", folder.string()}, {"detail", "no pictures"}});
  const Likeness likeness = compare_pictures(set);
  return {Page(set, labels).html(folder.filename().string(), likeness), set.count(),
          likeness.groups.size(), likeness.outliers.size()};
}

}  // namespace thorax::pipeline

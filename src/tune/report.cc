#include "tune/report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>

#include "base/files.h"
#include "tune/importance.h"

namespace thorax::tune {
namespace {

constexpr std::size_t kShown = 20;

std::string fixed(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

/// The name of the trial's folder.
std::string padded(std::int64_t number) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%04lld", static_cast<long long>(number));
  return text.data();
}

/// Names of settings and their values come from the user's file.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

constexpr const char* kHead =
    "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Search</title>\n<style>"
    "body{font:15px/1.5 sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.25rem .75rem;text-align:left;"
    "border-bottom:1px solid #ccc}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "meter{width:12rem}</style>\n";

/// The same as a page, with all trials, and every setting's importance as a bar.
std::string page_of(const std::vector<Trial>& sorted, const std::vector<Dimension>& space,
                    const std::vector<double>& shares, const std::string& summary) {
  std::string html = kHead + ("<h1>Search</h1><p>" + escaped(summary) +
                              "</p>\n<h2>Importance</h2>"
                              "<table><tr><th>setting<th>share of the scores' variance\n");
  for (std::size_t i = 0; i < space.size(); ++i)
    html += "<tr><td>" + escaped(space[i].key) + "<td><meter max=\"1\" value=\"" +
            fixed(shares[i], 4) + "\"></meter> " + fixed(shares[i], 2) + '\n';
  html += "</table><h2>Trials</h2><table><tr><th>trial<th>score<th>outcome<th>epochs<th>seconds";
  for (const Dimension& dimension : space) html += "<th>" + escaped(dimension.key);
  for (const Trial& trial : sorted) {
    html += "\n<tr><td class=\"n\">" + std::to_string(trial.number) + "<td class=\"n\">" +
            fixed(trial.score, 6) + "<td>" + to_string(trial.outcome) + "<td class=\"n\">" +
            std::to_string(trial.epochs.size()) + "<td class=\"n\">" + fixed(trial.seconds, 1);
    for (std::size_t i = 0; i < space.size(); ++i)
      html += "<td>" + escaped(space[i].text(trial.point[i]));
  }
  return html + "\n</table></html>\n";
}

std::string row_of(const Trial& trial, const std::vector<Dimension>& space) {
  std::string row = "| " + std::to_string(trial.number) + " | " + fixed(trial.score, 6) + " | " +
                    to_string(trial.outcome) + " | " + std::to_string(trial.epochs.size()) + " | " +
                    fixed(trial.seconds, 1) + " |";
  for (std::size_t i = 0; i < space.size(); ++i) row += " " + space[i].text(trial.point[i]) + " |";
  return row + '\n';
}

std::string importance_text(const std::vector<Trial>& trials, const std::vector<Dimension>& space) {
  const std::vector<double> shares = importance(trials, space);
  std::vector<std::size_t> order(space.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) { return shares[i]; });
  std::string text =
      "\n## Importance of each setting\n\n"
      "The share of the scores' variance that lies between groups of trials with a similar value "
      "of the\nsetting: the first-order effect (Saltelli et al., *Global sensitivity analysis: the "
      "primer*, 2008,\nchapter 1), estimated as epsilon squared (Kelley, PNAS 1935; 0 is expected "
      "of a setting that does\nnothing). A search does not try values evenly and effects of "
      "settings "
      "together are not in it: read\nit as a hint.\n\n| setting | importance |\n| --- | --- |\n";
  for (const std::size_t i : order)
    text += "| `" + space[i].key + "` | " + fixed(shares[i], 2) + " |\n";
  return text;
}

}  // namespace

std::filesystem::path write_report(const std::filesystem::path& folder,
                                   const std::vector<Trial>& trials,
                                   const std::vector<Dimension>& space,
                                   const std::string& watched) {
  std::vector<Trial> sorted = trials;
  std::ranges::stable_sort(sorted, [](const Trial& a, const Trial& b) {
    if ((a.outcome == Outcome::failed) != (b.outcome == Outcome::failed))
      return b.outcome == Outcome::failed;
    return a.score > b.score;
  });
  const auto pruned = std::ranges::count(trials, Outcome::pruned, &Trial::outcome),
             failed = std::ranges::count(trials, Outcome::failed, &Trial::outcome);
  const std::string summary = std::to_string(trials.size()) + " trials, of which " +
                              std::to_string(pruned) + " were given up and " +
                              std::to_string(failed) + " failed. The score is the validation's " +
                              watched + (watched == "loss" ? ", negative," : "") +
                              " of a trial's best epoch: it chose the trial, so it flatters it.";
  std::string text =
      "# Search\n\n" + summary + "\n\n| trial | score | outcome | epochs | seconds |";
  std::string line = "\n| --- | --- | --- | --- | --- |";
  for (const Dimension& dimension : space) {
    text += " `" + dimension.key + "` |";
    line += " --- |";
  }
  text += line + '\n';
  for (std::size_t i = 0; i < std::min(kShown, sorted.size()); ++i)
    text += row_of(sorted[i], space);
  text += importance_text(trials, space);
  if (!sorted.empty()) {
    const std::string name = padded(sorted.front().number);
    write_file(folder / "best.yaml",
               "# Trial " + name + ", the best of the search.\nextends: trials/" + name +
                   "/config.yaml\nrun:\n  folder: '" + (folder / "best").string() + "'\n");
    text += "\n`thorax train " + (folder / "best.yaml").string() + "` trains trial " + name +
            " again.\n";
  }
  write_file(folder / "report.md", text);
  write_file(folder / "report.html", page_of(sorted, space, importance(trials, space), summary));
  return folder / "report.html";
}

}  // namespace thorax::tune

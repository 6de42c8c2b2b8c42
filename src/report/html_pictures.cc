#include <algorithm>
#include <map>

#include "base/base64.h"
#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/overlay.h"

namespace thorax::report {
namespace {

std::string image(const std::string& style, const std::vector<std::uint8_t>& png,
                  const Picture& picture, const std::string& alt) {
  return "<img class=\"" + style + "\" width=\"" + std::to_string(picture.width) + "\" height=\"" +
         std::to_string(picture.height) + "\" alt=\"" + escaped(alt) +
         "\" src=\"data:image/png;base64," + base64(png) + "\">";
}

/// The windows of one cut over each other, with their overlay on top.
std::string stack(const std::vector<const Picture*>& windows) {
  const std::string best = best_window(windows.front()->finding_id);
  std::string out = "<span class=\"stack\">";
  for (const Picture* picture : windows) {
    std::string style = escaped(picture->window);
    if (windows.size() == 1)
      style = "only";
    else if (picture->window == best)
      style += " best";
    out += image(style, picture->png, *picture, picture->caption.en + " · " + picture->caption.ru);
  }
  if (const Picture& first = *windows.front(); !first.overlay_png.empty())
    out += image("over", first.overlay_png, first, "");
  return out + "</span>";
}

std::string legend(const Picture& picture) {
  if (picture.legend.empty()) return {};
  std::string out = "<div class=\"legend\">";
  for (const LegendItem& item : picture.legend)
    out += "<span><b style=\"color:" + escaped(item.colour) + "\">" + escaped(item.tag) + "</b>" +
           in_both(item.name) + "</span>";
  return out + "</div>";
}

/// Pictures of a role that have pixels, by what they share a figure with, in order.
std::vector<std::vector<const Picture*>> figures(const StudyResult& result, PictureRole role) {
  std::vector<std::vector<const Picture*>> out;
  for (const Picture& picture : result.pictures) {
    if (picture.role != role || picture.png.empty()) continue;
    const bool same = !out.empty() && out.back().front()->group == picture.group &&
                      out.back().front()->plane == picture.plane;
    if (same)
      out.back().push_back(&picture);
    else
      out.push_back({&picture});
  }
  return out;
}

std::size_t bytes(const Picture& picture) {
  return picture.png.size() * 4 / 3;
}

/// Leaves only the best window of the last figures until the rest fits.
void fit(std::vector<std::vector<const Picture*>>& keys, const StudyResult& result,
         std::size_t budget) {
  std::size_t total = 0;
  for (const Picture& picture : result.pictures) total += bytes(picture);
  for (auto it = keys.rbegin(); it != keys.rend() && total > budget; ++it) {
    if (it->size() < 2) continue;
    const std::string best = best_window(it->front()->finding_id);
    const auto keep =
        std::find_if(it->begin(), it->end(), [&](const Picture* p) { return p->window == best; });
    const Picture* kept = keep == it->end() ? it->front() : *keep;
    for (const Picture* picture : *it)
      if (picture != kept) total -= std::min(total, bytes(*picture));
    *it = {kept};
  }
}

/// One key finding: its windows behind one checkbox that enlarges them.
std::string key_figure(const std::vector<const Picture*>& windows) {
  const std::string id = std::to_string(windows.front()->group);
  return "<figure id=\"key-" + id + "\"><input class=\"zoom\" type=\"checkbox\" id=\"zoom-" + id +
         "\" aria-label=\"Enlarge / увеличить " + id + "\"><label for=\"zoom-" + id + "\">" +
         stack(windows) + "</label><figcaption><strong>" + id + ".</strong> " +
         in_both(windows.front()->caption) + legend(*windows.front()) + "</figcaption></figure>";
}

}  // namespace

std::string plane_figures(const StudyResult& result) {
  std::string out;
  for (const PictureRole role : {PictureRole::xray, PictureRole::plane})
    for (const auto& windows : figures(result, role))
      out += "<figure>" + stack(windows) + "<figcaption>" + in_both(windows.front()->caption) +
             legend(*windows.front()) + "</figcaption></figure>";
  return out;
}

std::string key_figures(const StudyResult& result, std::size_t picture_budget) {
  auto keys = figures(result, PictureRole::key);
  fit(keys, result, picture_budget);
  std::string out;
  for (const auto& windows : keys) out += key_figure(windows);
  return out.empty() ? out : "<div class=\"keys\">" + out + "</div>";
}

std::optional<int> key_of_lesion(const StudyResult& result, int lesion) {
  for (const Picture& picture : result.pictures)
    if (picture.role == PictureRole::key && !picture.png.empty() &&
        std::find(picture.lesions.begin(), picture.lesions.end(), lesion) != picture.lesions.end())
      return picture.group;
  return std::nullopt;
}

std::optional<int> key_of_finding(const StudyResult& result, const std::string& finding_id) {
  for (const Picture& picture : result.pictures)
    if (picture.role == PictureRole::key && !picture.png.empty() &&
        picture.finding_id == finding_id)
      return picture.group;
  return std::nullopt;
}

std::string link_to_key(std::optional<int> group) {
  if (!group) return {};
  const std::string id = std::to_string(*group);
  return "<a href=\"#key-" + id + "\">" + in_both("picture " + id, "снимок " + id) + "</a>";
}

}  // namespace thorax::report

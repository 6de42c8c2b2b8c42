#include "report/viewer.h"

#include <nlohmann/json.hpp>

namespace thorax::report {
namespace {

using Json = nlohmann::ordered_json;

Json label_json(const LabelMeaning& label) {
  const auto empty_is_null = [](const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
  };
  return {{"value", label.value},
          {"name", {{"en", label.legend.name.en}, {"ru", label.legend.name.ru}}},
          {"tag", label.legend.tag},
          {"colour", empty_is_null(label.legend.colour)},
          {"findings", label.findings},
          {"window", empty_is_null(label.window)}};
}

Json mask_json(const LabelFile& mask) {
  Json labels = Json::array();
  for (const LabelMeaning& label : mask.labels) labels.push_back(label_json(label));
  return {{"file", mask.file}, {"labels", std::move(labels)}};
}

}  // namespace

LabelMeaning meaning_of(std::uint8_t value, Mark mark) {
  const MarkStyle& known = style(mark);
  return {value, known.legend, known.findings, known.window};
}

std::string view_json(const volume::Grid& grid, const std::string& file, const SlicedNifti& volume,
                      const std::vector<LabelFile>& masks) {
  Json view{{"kind", "ct"},
            {"volume",
             {{"file", file},
              {"bytes", volume.bytes.size()},
              {"shape_zyx", {grid.shape.z, grid.shape.y, grid.shape.x}},
              {"spacing_mm_zyx", {grid.spacing.z, grid.spacing.y, grid.spacing.x}},
              {"origin_mm_xyz", {grid.origin.x, grid.origin.y, grid.origin.z}},
              {"first", volume.first},
              {"ends", volume.ends}}},
            {"masks", Json::array()}};
  for (const LabelFile& mask : masks) view["masks"].push_back(mask_json(mask));
  return view.dump();
}

std::string view_json(const Picture& radiograph, const std::string& picture_file,
                      const std::string& overlay_file) {
  return Json{{"kind", "xray"},
              {"picture", picture_file},
              {"overlay", overlay_file.empty() ? Json(nullptr) : Json(overlay_file)},
              {"width", radiograph.width},
              {"height", radiograph.height}}
      .dump();
}

}  // namespace thorax::report

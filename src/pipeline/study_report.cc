#include "pipeline/study_report.h"

#include "base/error.h"
#include "pipeline/dicom_input.h"
#include "pipeline/marks.h"
#include "report/pictures.h"
#include "report/write.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;

bool is_report(const fs::path& folder) {
  return fs::exists(folder / report::kResultName);
}

/// The reports of an input that held several studies lie one level down.
bool holds_reports(const fs::path& folder) {
  return is_report(folder / "1");
}

void set_timings(report::StudyResult& result, double index_seconds, const StageClock& clock) {
  report::Provenance& provenance = result.provenance;
  provenance.timings = {{"index", index_seconds}};
  provenance.seconds = index_seconds + clock.seconds();
  for (const auto& [stage, seconds] : clock.stages())
    provenance.timings.push_back({stage, seconds});
}

std::vector<report::Picture> draw(const StudyAnalysis& analysis) {
  if (analysis.radiograph)
    return report::draw_xray_pictures(analysis.radiograph->image, analysis.view_position, {},
                                      analysis.heat);
  if (!analysis.ct) return {};
  report::CtPictureInput input;
  input.hu = &analysis.ct->hu;
  if (analysis.measured) {
    input.anatomy = &analysis.measured->anatomy;
    input.lung_values = {measure::kLeftLung, measure::kRightLung};
    input.marked = marked(analysis.measured->findings);
  }
  return report::draw_ct_pictures(input, analysis.result);
}

report::Masks masks_of(const StudyAnalysis& analysis) {
  report::Masks masks;
  masks.organs = &analysis.organs;
  if (!analysis.measured) return masks;
  masks.anatomy = &analysis.measured->anatomy;
  masks.findings = &analysis.measured->findings;
  return masks;
}

report::ViewerInput viewer_of(const StudyAnalysis& analysis) {
  report::ViewerInput viewer;
  if (!analysis.ct) return viewer;
  viewer.hu = &analysis.ct->hu;
  if (!analysis.measured) return viewer;
  for (const auto& [value, mark] : marked(analysis.measured->findings).marks)
    viewer.findings.push_back(report::meaning_of(value, mark));
  const auto anatomy = [&](measure::Anatomy value, Text name) {
    viewer.anatomy.push_back({value, {"", "", std::move(name)}, {}, {}});
  };
  anatomy(measure::kLeftLung, {"left lung", "левое лёгкое"});
  anatomy(measure::kRightLung, {"right lung", "правое лёгкое"});
  anatomy(measure::kAirways, {"airways", "дыхательные пути"});
  anatomy(measure::kHeart, {"heart", "сердце"});
  anatomy(measure::kAorta, {"aorta", "аорта"});
  anatomy(measure::kSpine, {"spine", "позвоночник"});
  return viewer;
}

/// Between a run in which the input held one study and one in which it holds several, the places of
/// its reports differ; what the older run left would be mistaken for this one's.
void remove_outdated(const fs::path& folder) {
  if (!is_report(folder) && holds_reports(folder)) fs::remove_all(folder);
  if (is_report(folder.parent_path()) && folder.filename() == "1")
    fs::remove_all(folder.parent_path());
}

}  // namespace

void refuse_foreign(const fs::path& folder) {
  if (!fs::exists(folder) || is_report(folder) || holds_reports(folder)) return;
  if (fs::is_directory(folder) && fs::is_empty(folder)) return;
  throw Error("folder_in_use"_code, {{"path", folder.string()}});
}

void write_report(StudyAnalysis& analysis, const fs::path& folder, const Options& options,
                  bool view, double index_seconds, StageClock& clock, const Progress& progress) {
  clock.start("pictures");
  progress.report("pictures", 0);
  analysis.result.pictures = draw(analysis);
  clock.stop();
  set_timings(analysis.result, index_seconds, clock);
  progress.report("write", 0.6);
  remove_outdated(folder);
  report::OutputOptions output;
  output.folder = folder;
  output.language = options.language;
  output.identify = options.output.identify;
  output.write_html = options.output.html;
  output.write_pictures = options.output.pictures;
  output.write_masks = options.output.masks;
  output.write_view = view;
  report::DicomInput dicom;
  if (options.output.dicom) dicom = {analysis.dicom, segment_masks(analysis)};
  analysis.result =
      report::write_study(analysis.result, masks_of(analysis), output, viewer_of(analysis), dicom);
}

}  // namespace thorax::pipeline

#include "report/write.h"

#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"
#include "report/dicom_sr.h"
#include "report/html.h"
#include "report/json.h"
#include "report/nifti.h"
#include "report/png.h"
#include "report/sentences.h"

namespace thorax::report {
namespace fs = std::filesystem;
namespace {

std::string_view characters(const std::vector<std::uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Writes files into the new folder and keeps their hashes.
class Writer {
 public:
  explicit Writer(fs::path folder) : folder_(std::move(folder)) {}

  void add(const std::string& name, std::string_view content) {
    write_file(folder_ / fs::path(name), content);
    files_.push_back({name, content.size(), sha256_hex(content)});
  }
  std::vector<OutputFile> take() { return std::move(files_); }

 private:
  fs::path folder_;
  std::vector<OutputFile> files_;
};

void write_pictures(Writer& writer, const fs::path& folder, const std::vector<Picture>& pictures) {
  fs::create_directory(folder / "pictures");
  for (const Picture& picture : pictures)
    if (!picture.png.empty())
      writer.add("pictures/" + picture.name + ".png",
                 characters(flatten_png(picture.png, picture.overlay_png)));
}

bool is_there(const volume::Labels* labels) {
  return labels && !labels->empty();
}

void write_mask(Writer& writer, const std::string& name, const volume::Labels* labels) {
  if (is_there(labels)) writer.add(name, characters(encode_nifti(*labels)));
}

constexpr const char *kAnatomyName = "anatomy.nii.gz", *kFindingsName = "findings.nii.gz",
                     *kOrgansName = "organs.nii.gz", *kViewName = "view.json";

std::vector<LabelMeaning> organ_labels(const std::optional<OrganVolumes>& organs) {
  std::vector<LabelMeaning> labels;
  if (organs)
    for (const OrganVolumes::Organ& organ : organs->organs)
      labels.push_back(
          {static_cast<std::uint8_t>(organ.label), {"", "", {organ.name, organ.name}}, {}, {}});
  return labels;
}

void write_ct_view(Writer& writer, const StudyResult& result, const Masks& masks,
                   const ViewerInput& viewer) {
  constexpr const char* kVolumeName = "volume.nii.gz";
  std::vector<LabelFile> files;
  if (is_there(masks.findings)) files.push_back({kFindingsName, viewer.findings});
  if (is_there(masks.anatomy)) files.push_back({kAnatomyName, viewer.anatomy});
  if (is_there(masks.organs)) files.push_back({kOrgansName, organ_labels(result.organs)});
  const SlicedNifti volume = encode_sliced_nifti(*viewer.hu);
  writer.add(kVolumeName, characters(volume.bytes));
  writer.add(kViewName, view_json(viewer.hu->grid(), kVolumeName, volume, files));
}

/// The radiograph without its heat, and the heat alone, so that a viewer can blend them.
void write_xray_view(Writer& writer, const fs::path& folder, const Picture& picture) {
  const std::string plain = "pictures/" + picture.name + "-plain.png";
  const std::string heat =
      picture.overlay_png.empty() ? "" : "pictures/" + picture.name + "-heat.png";
  fs::create_directory(folder / "pictures");
  writer.add(plain, characters(picture.png));
  if (!heat.empty()) writer.add(heat, characters(picture.overlay_png));
  writer.add(kViewName, view_json(picture, plain, heat));
}

void write_view(Writer& writer, const fs::path& folder, const StudyResult& result,
                const Masks& masks, const ViewerInput& viewer) {
  if (viewer.hu && !viewer.hu->empty()) return write_ct_view(writer, result, masks, viewer);
  for (const Picture& picture : result.pictures)
    if (picture.role == PictureRole::xray && !picture.png.empty())
      return write_xray_view(writer, folder, picture);
}

void write_dicom(Writer& writer, const StudyResult& result, const DicomInput& dicom,
                 Language language) {
  if (!result.ok() || !result.decision || !dicom.source.is_dicom()) return;
  const std::optional<Segmentation> segmentation =
      encode_segmentation(dicom.source, result.provenance.program_version, dicom.masks);
  if (segmentation) writer.add("segmentation.dcm", segmentation->bytes);
  writer.add("report.dcm",
             encode_structured_report(result, dicom.source, segmentation ? &*segmentation : nullptr,
                                      language)
                 .bytes);
}

/// Anything but an older report or an empty folder is somebody else's.
void refuse_to_replace_others(const fs::path& folder) {
  if (!fs::exists(folder)) return;
  const bool ours =
      fs::is_directory(folder) && (fs::exists(folder / kResultName) || fs::is_empty(folder));
  if (!ours)
    throw Error("cannot_write"_code,
                {{"path", folder.string()}, {"detail", "it exists and is no Thorax report"}});
}

}  // namespace

StudyResult write_study(const StudyResult& result, const Masks& masks, const OutputOptions& options,
                        const ViewerInput& viewer, const DicomInput& dicom) {
  refuse_to_replace_others(options.folder);
  NewFolder folder(options.folder);
  Writer writer(folder.path());
  if (options.write_html)
    writer.add("report.html",
               html_page(result, {.language = options.language, .identify = options.identify}));
  writer.add("report.txt",
             report_text(result, Language::en) + "\n----\n\n" + report_text(result, Language::ru));
  if (options.write_pictures) write_pictures(writer, folder.path(), result.pictures);
  if (options.write_masks || options.write_view) {
    write_mask(writer, kAnatomyName, masks.anatomy);
    write_mask(writer, kFindingsName, masks.findings);
  }
  write_mask(writer, kOrgansName, masks.organs);
  if (options.write_view) write_view(writer, folder.path(), result, masks, viewer);
  write_dicom(writer, result, dicom, options.language);
  StudyResult written = result;
  written.files = writer.take();
  write_file(folder.path() / kResultName, to_json(written, {.identify = options.identify}));
  folder.commit();
  return written;
}

}  // namespace thorax::report

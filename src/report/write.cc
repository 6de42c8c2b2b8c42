#include "report/write.h"

#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"
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

void write_mask(Writer& writer, const std::string& name, const volume::Labels* labels) {
  if (labels && !labels->empty()) writer.add(name, characters(encode_nifti(*labels)));
}

/// Anything but an older report or an empty folder is somebody else's.
void refuse_to_replace_others(const fs::path& folder) {
  if (!fs::exists(folder)) return;
  const bool ours =
      fs::is_directory(folder) && (fs::exists(folder / kResultName) || fs::is_empty(folder));
  if (!ours)
    throw Error(Code::cannot_write,
                {{"path", folder.string()}, {"detail", "it exists and is no Thorax report"}});
}

}  // namespace

StudyResult write_study(const StudyResult& result, const Masks& masks,
                        const OutputOptions& options) {
  refuse_to_replace_others(options.folder);
  NewFolder folder(options.folder);
  Writer writer(folder.path());
  if (options.write_html)
    writer.add("report.html",
               html_page(result, {.language = options.language, .identify = options.identify}));
  writer.add("report.txt",
             report_text(result, Language::en) + "\n----\n\n" + report_text(result, Language::ru));
  if (options.write_pictures) write_pictures(writer, folder.path(), result.pictures);
  if (options.write_masks) {
    write_mask(writer, "anatomy.nii.gz", masks.anatomy);
    write_mask(writer, "findings.nii.gz", masks.findings);
  }
  write_mask(writer, "organs.nii.gz", masks.organs);
  StudyResult written = result;
  written.files = writer.take();
  write_file(folder.path() / kResultName, to_json(written, {.identify = options.identify}));
  folder.commit();
  return written;
}

}  // namespace thorax::report

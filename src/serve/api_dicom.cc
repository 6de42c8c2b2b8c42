// Results as DICOM objects, all of a study in one zip.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "base/scratch_folder.h"
#include "base/zip.h"
#include "serve/api.h"
#include "serve/hide.h"
#include "store/ids.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;

/// An open file to write into.
class OutputDescriptor {
 public:
  explicit OutputDescriptor(const fs::path& file)
      : number_(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {
    if (number_ < 0)
      throw Error("cannot_write"_code, {{"path", file.string()}, {"detail", std::strerror(errno)}});
  }
  OutputDescriptor(const OutputDescriptor&) = delete;
  OutputDescriptor& operator=(const OutputDescriptor&) = delete;
  ~OutputDescriptor() { close(number_); }
  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace

void answer_dicom_zip(Context& context, Call& call, const store::Study& study) {
  require_names(call.who);
  const ScratchFolder scratch(context.store.report_folder("dicom-" + store::new_id()));
  fs::create_directories(scratch.path());
  const fs::path file = scratch.path() / "dicom.zip";
  int objects = 0;
  {
    const OutputDescriptor output(file);
    ZipWriter zip(output.number());
    for (const store::Result& result : study.results)
      for (const char* name : {"segmentation.dcm", "report.dcm"}) {
        const fs::path object = context.store.report_folder(result.folder) / name;
        if (!fs::is_regular_file(object)) continue;
        zip.add(std::to_string(result.number) + '/' + name, read_file(object));
        ++objects;
      }
    zip.finish();
  }
  if (objects == 0) throw Error("no_dicom_objects"_code);
  call.response.set_header("Content-Disposition", attachment("dicom.zip"));
  // What is open may be removed: it is sent all the same.
  call.answer_file(file, "application/zip", '"' + store::new_id() + '"');
}

}  // namespace thorax::serve

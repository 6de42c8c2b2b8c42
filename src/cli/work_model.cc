#include "cli/work_model.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/scratch_folder.h"
#include "engine/import.h"
#include "engine/self_test.h"
#include "engine/torch_plugin.h"
#include "weights/model_archive.h"

namespace thorax::cli {
namespace {

namespace fs = std::filesystem;

// Of a zip, whatever it says of itself; the largest network that Thorax knows has 2 GB.
constexpr std::uint64_t kMostBytes = 32ull << 30;

/// A model folder as Thorax made it elsewhere: nothing is made anew, everything is checked.
void take_folder(const ModelWork& work, const std::vector<fs::path>& files,
                 const Progress& progress) {
  const fs::path target = fs::path(work.into) / work.name;
  if (fs::exists(target))
    throw Error("model_exists"_code, {{"name", work.name}, {"path", target.string()}});
  fs::create_directories(work.into);
  NewFolder folder(target);
  for (const fs::path& file : files) fs::copy_file(file, folder.path() / file.filename());
  const weights::Manifest manifest = weights::load_manifest(folder.path());
  if (const auto altered = weights::altered_files(folder.path(), manifest); !altered.empty())
    throw Error("model_altered"_code, {{"name", work.name}, {"detail", altered.front()}});
  progress.report("self-test", 0.6);
  const auto runner = engine::load(folder.path(), {});
  engine::check_self_test(*runner, manifest, engine::self_test_bound(runner->describe().precision));
  progress.report("write", 0.95);
  folder.commit();
}

}  // namespace

void take_model(const ModelWork& work, const Progress& progress) {
  engine::check_model_name(work.name);
  engine::ImportRequest request;
  request.name = work.name;
  request.files = {work.file};
  request.licence = work.licence;
  request.labels = work.labels;
  request.into = work.into;
  if (fs::path(work.file).extension() != ".zip") {
    engine::import_model(request, progress);
    return;
  }
  const ScratchFolder scratch(work.file + ".unpacked");
  fs::create_directories(scratch.path());
  progress.report("read", 0);
  request.files = weights::unpack_model(work.file, scratch.path(), kMostBytes);
  const bool whole = std::any_of(request.files.begin(), request.files.end(),
                                 [](const auto& file) { return file.filename() == "model.json"; });
  if (whole) return take_folder(work, request.files, progress);
  engine::import_model(request, progress);
}

}  // namespace thorax::cli

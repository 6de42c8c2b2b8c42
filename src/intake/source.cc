#include "intake/source.h"

#include <algorithm>

#include "base/error.h"
#include "intake/child_text.h"
#include "intake/geometry.h"
#include "intake/shared_memory.h"
#include "intake/source_reader.h"

namespace thorax::intake {
namespace {

std::vector<Notice> notices_from(const nlohmann::json& list) {
  std::vector<Notice> notices;
  for (const nlohmann::json& item : list) notices.push_back(notice_from_json(item));
  return notices;
}

}  // namespace

struct Source::Impl {
  std::filesystem::path path;
  Limits limits;
  SourceReader reader;
  std::vector<Entry> entries;
  std::vector<Study> studies;

  Impl(std::filesystem::path p, const Limits& l) : path(std::move(p)), limits(l), reader(path, l) {}

  void index(const Progress& progress);
};

void Source::Impl::index(const Progress& progress) {
  SourceIndex found = reader.index(progress);
  entries = found.entries();
  studies = found.studies();
  if (!studies.empty()) return;
  // One file that is not to be read is the whole answer; in a folder it is one reason of many.
  if (found.set_aside().size() == 1 && !std::filesystem::is_directory(path)) {
    const Notice& reason = found.set_aside().front().reason;
    if (reason.severity() == Severity::error) throw Error(reason);
    throw Error("nothing_to_read"_code,
                {{"path", clean_utf8(path.string())}, {"found", files_found(found.set_aside())}});
  }
  studies.emplace_back().set_aside = found.set_aside();
}

Source::Source(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Source::Source(Source&&) noexcept = default;
Source& Source::operator=(Source&&) noexcept = default;
Source::~Source() = default;

const std::filesystem::path& Source::path() const {
  return impl_->path;
}
const std::vector<Entry>& Source::entries() const {
  return impl_->entries;
}
std::vector<Study>& Source::studies() {
  return impl_->studies;
}
const std::vector<Study>& Source::studies() const {
  return impl_->studies;
}

Source Source::open(const std::filesystem::path& path, const Limits& limits,
                    const Progress& progress) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  if (error) throw Error("no_such_input"_code, {{"path", clean_utf8(path.string())}});
  auto impl = std::make_unique<Impl>(real, limits);
  impl->index(progress);
  return Source(std::move(impl));
}

LoadedVolume Source::load_volume(const Series& series, const Progress& progress) {
  const SlicePlan plan = plan_geometry(series);
  const volume::Shape shape{static_cast<int>(plan.frames.size()), plan.rows, plan.columns};
  if (shape.count() > impl_->limits.max_pixels)
    throw Error("too_many_pixels"_code, {{"pixels", std::to_string(shape.count())},
                                         {"limit", std::to_string(impl_->limits.max_pixels)}});
  nlohmann::json frames = nlohmann::json::array();
  for (const FrameRef& frame : plan.frames)
    frames.push_back({series.instances.at(frame.instance).entry, frame.frame});
  const SharedMemory memory(3 * shape.count());
  const nlohmann::json reply = impl_->reader.ask({{"do", "volume"},
                                                  {"rows", plan.rows},
                                                  {"columns", plan.columns},
                                                  {"frames", std::move(frames)}},
                                                 progress, memory.fd());

  volume::Grid grid;
  grid.shape = shape;
  volume::CtVolume hu(grid, memory.at<std::int16_t>(0), memory.owner());
  volume::Mask outside;
  std::vector<Notice> notices;
  try {
    if (reply.at("outside").get<bool>())
      outside = volume::Mask(grid, memory.at<std::uint8_t>(2 * shape.count()), memory.owner());
    notices = notices_from(reply.at("notices"));
  } catch (const nlohmann::json::exception& error) {
    protocol_violated(error.what());
  }
  LoadedVolume loaded = assemble(plan, series, std::move(hu), std::move(outside));
  loaded.notices.insert(loaded.notices.end(), notices.begin(), notices.end());
  return loaded;
}

LoadedImage Source::load_image(const Series& series) {
  if (series.instances.empty())
    throw Error("nothing_to_read"_code, {{"path", impl_->path.string()}, {"found", "0"}});
  const Instance& instance = series.instances.front();
  LoadedImage out;
  volume::Image& image = out.image;
  image.height = instance.rows;
  image.width = instance.columns;
  image.channels = instance.samples == 3 || instance.photometric == "PALETTE COLOR" ? 3 : 1;
  if (instance.pixel_spacing) {
    image.spacing_y = (*instance.pixel_spacing)[0];
    image.spacing_x = (*instance.pixel_spacing)[1];
  }
  const std::size_t count = static_cast<std::size_t>(image.height) *
                            static_cast<std::size_t>(image.width) *
                            static_cast<std::size_t>(image.channels);
  const SharedMemory memory(count * sizeof(float));
  const nlohmann::json reply = impl_->reader.ask(
      {{"do", "image"}, {"entry", instance.entry}, {"frame", 0}, {"count", count}}, {},
      memory.fd());
  try {
    out.notices = notices_from(reply.at("notices"));
  } catch (const nlohmann::json::exception& error) {
    protocol_violated(error.what());
  }
  const float* pixels = memory.at<float>(0);
  image.pixels.assign(pixels, pixels + count);
  return out;
}

std::string Source::content_hash(const Series& series) {
  std::vector<std::size_t> entries;
  for (const Instance& instance : series.instances) entries.push_back(instance.entry);
  std::sort(entries.begin(), entries.end());
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  const nlohmann::json reply = impl_->reader.ask({{"do", "hash"}, {"entries", entries}}, {});
  const nlohmann::json::const_iterator hash = reply.find("hash");
  if (hash == reply.end() || !hash->is_string() || hash->get<std::string>().size() != 64)
    protocol_violated("hash");
  return hash->get<std::string>();
}

}  // namespace thorax::intake

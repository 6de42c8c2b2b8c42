#include "intake/source.h"

#include <sys/mman.h>
#include <unistd.h>

#include <fcntl.h>
#include <algorithm>

#include "base/error.h"
#include "base/parallel.h"
#include "intake/child.h"
#include "intake/child_text.h"
#include "intake/geometry.h"
#include "intake/source_index.h"

namespace thorax::intake {
namespace {

constexpr std::string_view kStage = "read";

/// Memory that the child fills: it can write to it but never change its size.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t size) {
    fd_ = memfd_create("thorax-pixels", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd_ < 0 || ftruncate(fd_, static_cast<off_t>(size)) != 0 ||
        fcntl(fd_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
      throw std::bad_alloc();
    void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    if (data == MAP_FAILED) throw std::bad_alloc();
    owner_ = std::shared_ptr<void>(data, [size](void* p) { munmap(p, size); });
  }
  ~SharedMemory() { close(fd_); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  int fd() const { return fd_; }
  const std::shared_ptr<void>& owner() const { return owner_; }
  template <class T>
  T* at(std::size_t offset) const {
    return reinterpret_cast<T*>(static_cast<std::uint8_t*>(owner_.get()) + offset);
  }

 private:
  int fd_;
  std::shared_ptr<void> owner_;
};

std::vector<Notice> notices_from(const nlohmann::json& list) {
  std::vector<Notice> notices;
  for (const nlohmann::json& item : list) notices.push_back(notice_from_json(item));
  return notices;
}

}  // namespace

struct Source::Impl {
  std::filesystem::path path;
  Limits limits;
  Child child;
  std::vector<Entry> entries;
  std::vector<Study> studies;

  Impl(std::filesystem::path p, const Limits& l)
      : path(std::move(p)), limits(l), child(l, clean_utf8(path.string())) {}

  void index(const Progress& progress);
};

void Source::Impl::index(const Progress& progress) {
  child.ask({{"do", "open"},
             {"path", path.string()},
             {"limits", to_json(limits)},
             {"threads", thread_count()}},
            limits.header_timeout_seconds);
  SourceIndex found(limits);
  for (bool more = true; more;) {
    const nlohmann::json reply = child.reply(progress, kStage);
    found.add(reply);
    more = reply.contains("more");
  }
  entries = found.entries();
  studies = found.studies();
  if (!studies.empty()) return;
  // One file that is not to be read is the whole answer; in a folder it is one reason of many.
  if (found.set_aside().size() == 1 && !std::filesystem::is_directory(path)) {
    const Notice& reason = found.set_aside().front().reason;
    if (reason.severity() == Severity::error) throw Error(reason);
    throw Error(Code::nothing_to_read, {{"path", clean_utf8(path.string())}});
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

Source Source::open(const std::filesystem::path& path, const Limits& limits,
                    const Progress& progress) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  if (error) throw Error(Code::no_such_input, {{"path", clean_utf8(path.string())}});
  auto impl = std::make_unique<Impl>(real, limits);
  impl->index(progress);
  return Source(std::move(impl));
}

LoadedVolume Source::load_volume(const Series& series, const Progress& progress) {
  const SlicePlan plan = plan_geometry(series);
  const volume::Shape shape{static_cast<int>(plan.frames.size()), plan.rows, plan.columns};
  if (shape.count() > impl_->limits.max_pixels)
    throw Error(Code::too_many_pixels, {{"pixels", std::to_string(shape.count())},
                                        {"limit", std::to_string(impl_->limits.max_pixels)}});
  nlohmann::json frames = nlohmann::json::array();
  for (const FrameRef& frame : plan.frames)
    frames.push_back({series.instances.at(frame.instance).entry, frame.frame});
  const SharedMemory memory(3 * shape.count());
  impl_->child.ask({{"do", "volume"},
                    {"rows", plan.rows},
                    {"columns", plan.columns},
                    {"frames", std::move(frames)}},
                   impl_->limits.decode_timeout_seconds, memory.fd());
  const nlohmann::json reply = impl_->child.reply(progress, kStage);

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
    throw Error(Code::nothing_to_read, {{"path", impl_->path.string()}});
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
  impl_->child.ask({{"do", "image"}, {"entry", instance.entry}, {"frame", 0}, {"count", count}},
                   impl_->limits.decode_timeout_seconds, memory.fd());
  const nlohmann::json reply = impl_->child.reply({}, kStage);
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
  impl_->child.ask({{"do", "hash"}, {"entries", entries}}, impl_->limits.decode_timeout_seconds);
  const nlohmann::json reply = impl_->child.reply({}, kStage);
  const nlohmann::json::const_iterator hash = reply.find("hash");
  if (hash == reply.end() || !hash->is_string() || hash->get<std::string>().size() != 64)
    protocol_violated("hash");
  return hash->get<std::string>();
}

}  // namespace thorax::intake

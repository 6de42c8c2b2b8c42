#include "intake/source_index.h"

#include <algorithm>

#include "base/error.h"
#include "intake/child_sniff.h"
#include "intake/child_text.h"
#include "intake/protocol.h"

namespace thorax::intake {
namespace {

constexpr int kNobody = -1;

Study loose_study(FileHeader header, StudyKind kind) {
  Series series;
  series.header = std::move(header.series);
  series.instances.push_back(std::move(header.instance));
  series.role = SeriesRole::taken;
  Study study;
  study.kind = kind;
  study.series.push_back(std::move(series));
  return study;
}

/// Which study each entry belongs to.
std::vector<int> owners(const std::vector<Study>& studies, std::size_t entries) {
  std::vector<int> owner(entries, kNobody);
  for (std::size_t s = 0; s < studies.size(); ++s)
    for (const Series& series : studies[s].series)
      for (const Instance& instance : series.instances)
        if (instance.entry < entries) owner[instance.entry] = static_cast<int>(s);
  return owner;
}

std::size_t common_prefix(const std::string& a, const std::string& b) {
  const auto length = static_cast<std::ptrdiff_t>(std::min(a.size(), b.size()));
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.begin() + length, b.begin()).first -
                                  a.begin());
}

}  // namespace

void SourceIndex::add(const nlohmann::json& reply) {
  try {
    for (const nlohmann::json& item : reply.at("entries")) add_entry(item);
  } catch (const nlohmann::json::exception& error) {
    protocol_violated(error.what());
  }
}

void SourceIndex::add_entry(const nlohmann::json& item) {
  Entry entry{item.at("path").get<std::string>(), item.at("size").get<std::uint64_t>()};
  if (!is_clean_utf8(entry.path)) protocol_violated("path");
  // An archive that is set aside is an entry of its own beside the counted ones.
  if (entries_.size() > 2 * limits_.max_entries) protocol_violated("too many entries");
  if (item.contains("header")) {
    FileHeader header = header_from_json(item.at("header"), limits_);
    header.instance.entry = entries_.size();
    const auto content = item.at("content").get<int>();
    if (content == static_cast<int>(Content::dicom)) {
      dicom_.push_back(std::move(header));
    } else {
      const bool picture =
          content == static_cast<int>(Content::jpeg) || content == static_cast<int>(Content::png);
      loose_.emplace_back(std::move(header), picture ? StudyKind::xray : StudyKind::ct);
    }
  } else {
    set_aside_.push_back({entry.path, notice_from_json(item.at("aside"))});
    set_aside_entry_.push_back(entries_.size());
  }
  entries_.push_back(std::move(entry));
}

void SourceIndex::add_loose(std::vector<Study>& studies) {
  const bool beside_dicom = !studies.empty();
  for (auto& [header, kind] : loose_) {
    const std::size_t id = header.instance.entry;
    if (beside_dicom && kind == StudyKind::xray) {
      const std::string& path = entries_[id].path;
      set_aside_.push_back({path, {"picture_beside_dicom"_code, {{"path", path}}}});
      set_aside_entry_.push_back(id);
    } else {
      studies.push_back(loose_study(std::move(header), kind));
    }
  }
}

void SourceIndex::give_set_aside(std::vector<Study>& studies) {
  // Entries are sorted by path, so the nearest file is the one before or the one behind.
  const std::vector<int> owner = owners(studies, entries_.size());
  std::vector<std::size_t> before(entries_.size()), behind(entries_.size());
  const std::size_t none = entries_.size();
  for (std::size_t i = 0, last = none; i < none; ++i) {
    if (owner[i] != kNobody) last = i;
    before[i] = last;
  }
  for (std::size_t i = none, last = none; i-- > 0;) {
    if (owner[i] != kNobody) last = i;
    behind[i] = last;
  }
  for (std::size_t k = 0; k < set_aside_.size(); ++k) {
    const std::size_t i = set_aside_entry_[k];
    const auto nearness = [&](std::size_t j) {
      return j == none ? 0 : 1 + common_prefix(entries_[i].path, entries_[j].path);
    };
    const std::size_t nearest = nearness(before[i]) >= nearness(behind[i]) ? before[i] : behind[i];
    studies[nearest == none ? 0 : static_cast<std::size_t>(owner[nearest])].set_aside.push_back(
        set_aside_[k]);
  }
}

std::vector<Study> SourceIndex::studies() {
  std::vector<Study> studies;
  if (!dicom_.empty()) studies = group_studies(std::move(dicom_));
  add_loose(studies);
  if (!studies.empty()) give_set_aside(studies);
  return studies;
}

}  // namespace thorax::intake

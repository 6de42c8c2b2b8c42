// From what the child says about each entry to studies. Nothing it says is believed unchecked.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "intake/limits.h"
#include "intake/series_model.h"
#include "intake/source.h"

namespace thorax::intake {

class SourceIndex {
 public:
  explicit SourceIndex(const Limits& limits) : limits_(limits) {}

  /// Adds the entries of one reply. Throws Error(decoder_protocol).
  void add(const nlohmann::json& reply);

  const std::vector<Entry>& entries() const { return entries_; }
  const std::vector<SetAside>& set_aside() const { return set_aside_; }
  /// DICOM headers grouped (group_studies); each NIfTI volume and each picture a study of its own,
  /// pictures beside DICOM images set aside. What was set aside goes to the study whose files lie
  /// nearest. Call once.
  std::vector<Study> studies();

 private:
  void add_entry(const nlohmann::json& item);
  void add_loose(std::vector<Study>& studies);
  void give_set_aside(std::vector<Study>& studies);

  Limits limits_;
  std::vector<Entry> entries_;
  std::vector<FileHeader> dicom_;
  std::vector<std::pair<FileHeader, StudyKind>> loose_;
  std::vector<SetAside> set_aside_;
  std::vector<std::size_t> set_aside_entry_;  ///< entry of each
};

}  // namespace thorax::intake

// What is known of a picture by its path: its class and its patient.
#pragma once

#include <map>
#include <optional>
#include <regex>
#include <string>

namespace thorax::pipeline {

/// What a picture is called by, and what is known of it.
struct Labelled {
  std::string name, label, patient;
};

class PictureLabels {
 public:
  /// `manifest`: CSV with the columns path, class and patient_id; without one the class is the
  /// folder that a picture lies in, and the patient what the first group of `patient`, a regular
  /// expression, finds in its file's name, else the picture itself. Throws Error("bad_option"_code)
  /// about `option` for an expression that is none, and what learn::read_table throws.
  PictureLabels(const std::string& manifest, const std::string& patient,
                const std::string& option = "data.patient");

  /// `path`: of an entry, folders of archives included. A manifest may leave leading folders out;
  /// nothing for a picture that it does not list.
  std::optional<Labelled> of(const std::string& path) const;

 private:
  Labelled by_folder(const std::string& path) const;

  std::map<std::string, Labelled> listed_;
  std::optional<std::regex> patient_;
};

}  // namespace thorax::pipeline

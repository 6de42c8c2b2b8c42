// Whose study it is, without saying who that is.
#pragma once

#include <filesystem>
#include <string>

namespace thorax::store {

/// Turns PatientID into a word that is the same for the same patient and tells nothing of it:
/// BLAKE2b keyed with a secret of this service. The ids themselves are few enough to be guessed;
/// the secret lies beside the database, in a file of its own, so that the database alone says
/// nothing.
class PatientKey {
 public:
  /// The file inside the service's folder.
  static constexpr const char* kName = "patient.key";

  /// Reads the secret, or makes it. Throws Error("cannot_write"_code).
  explicit PatientKey(const std::filesystem::path& folder);

  /// Empty for an empty id (blanks around it do not count, PS3.5 6.2): nobody is known by that.
  std::string of(const std::string& patient_id) const;

 private:
  std::string secret_;
};

}  // namespace thorax::store

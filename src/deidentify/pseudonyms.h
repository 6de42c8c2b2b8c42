// Other names for what identifies: the same one for the same thing, and with the key alone.
#pragma once

#include <filesystem>
#include <string>

namespace thorax::deidentify {

class Pseudonyms {
 public:
  /// `key`: whoever has it can tell whether a pseudonym belongs to something they know. Exports
  /// with one key fit together.
  explicit Pseudonyms(std::string key) : key_(std::move(key)) {}

  /// A UID of 128 bits (PS3.5, annex B.2: 2.25 and a UUID as a number). UIDs that the standard
  /// itself defines (1.2.840.10008…: classes, transfer syntaxes) are no instance's, and stay.
  std::string uid(const std::string& original) const;
  /// "P-" and twelve hex digits.
  std::string patient(const std::string& id) const;
  /// Days by which the dates of a patient move: 1 to 3650 back, the same for all of them.
  int days(const std::string& patient_id) const;
  /// A date or a date with a time (DA, DT) moved by so many days; empty when it is none.
  static std::string shifted(const std::string& date, int days);

 private:
  std::string digest(const char* kind, const std::string& what) const;

  std::string key_;
};

/// The key in a file, which is made, for its owner alone, when it is not there.
/// Throws Error: no_such_input, cannot_write.
std::string read_key(const std::filesystem::path& file);

/// 64 random hex digits. Throws Error("internal"_code) where there is no randomness.
std::string new_key();

}  // namespace thorax::deidentify

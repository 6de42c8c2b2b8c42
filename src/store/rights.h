// What people and their programs may do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thorax::store {

enum class Right : std::uint8_t {
  read,    ///< lists, results, pictures; no names of patients
  upload,  ///< send studies, cancel and retry their jobs
  remove,  ///< delete studies
  names,   ///< see what may name a patient: names, file names, the files themselves
  admin,   ///< see the audit log
};

enum class Role { viewer, operating, admin };

/// A set of rights.
class Rights {
 public:
  Rights() = default;
  Rights(std::initializer_list<Right> rights) {
    for (const Right right : rights) add(right);
  }
  /// viewer: read; operator: read, upload, remove, names; admin: all.
  static Rights of(Role role);
  /// "read,upload". Throws Error("bad_parameter"_code) for a word that is none.
  static Rights parse(std::string_view words);

  void add(Right right) { bits_ |= bit(right); }
  bool has(Right right) const { return (bits_ & bit(right)) != 0; }
  std::vector<std::string> words() const;
  std::string text() const;  ///< as parse() reads it
  bool operator==(const Rights&) const = default;

 private:
  static std::uint32_t bit(Right right) { return 1u << static_cast<unsigned>(right); }
  std::uint32_t bits_ = 0;
};

std::string_view to_string(Right right);
std::string_view to_string(Role role);  ///< "viewer" | "operator" | "admin"
/// Throws Error("bad_parameter"_code) for anything else.
Role parse_role(std::string_view name);

}  // namespace thorax::store

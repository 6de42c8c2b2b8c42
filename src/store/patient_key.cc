#include "store/patient_key.h"

#include <fstream>

#include "base/files.h"
#include "store/files.h"
#include "store/secrets.h"

namespace thorax::store {
namespace fs = std::filesystem;

PatientKey::PatientKey(const fs::path& folder) {
  const fs::path file = folder / kName;
  std::ifstream(file) >> secret_;
  if (!secret_.empty()) return;
  secret_ = new_secret();
  write_file(file, secret_ + '\n');
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  sync_folder(folder);
}

std::string PatientKey::of(const std::string& patient_id) const {
  const std::size_t begin = patient_id.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  const std::size_t end = patient_id.find_last_not_of(' ') + 1;
  return derived(secret_, "patient " + patient_id.substr(begin, end - begin));
}

}  // namespace thorax::store

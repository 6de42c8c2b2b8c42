// Where the secret lies that the pseudonyms of studies given away are made with.
#pragma once

namespace thorax::store {

/// The file inside the service's folder; made by `thorax deidentify --key-file` when it is first
/// needed. With another one the same patient gets another pseudonym.
inline constexpr const char* kExportKeyName = "export.key";

}  // namespace thorax::store

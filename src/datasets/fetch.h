// Files from the net, whole and as they should be.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"

namespace thorax::datasets {

struct Credentials {
  std::string user, key;
};

struct FetchOptions {
  /// http:// or https://, the same file at each; tried in turn.
  std::vector<std::string> addresses;
  std::filesystem::path target;
  std::string sha256;       ///< that the file has to have; empty: any
  Credentials credentials;  ///< for the first address only, never sent to where it redirects
  int rounds = 3;           ///< through all addresses
};

struct Fetched {
  std::string sha256;
  std::uint64_t bytes = 0;
  std::uint64_t kept = 0;  ///< bytes that were there from an earlier try
};

/// Writes TARGET.part first, and beside it what tells whether the file is still the same at the
/// source (its ETag or date): a try that was cut short goes on where it ended (RFC 9110, 14.2 and
/// 13.1.5), and begins anew where the source changed. A target of the right sha256 is left as it
/// is. Proxies are those of http_proxy, https_proxy and no_proxy. Throws Error: cannot_fetch,
/// wrong_checksum, cannot_write, cancelled.
Fetched fetch(const FetchOptions& options, const Progress& progress);

/// Where Kaggle's API gives OWNER/NAME as one archive: below KAGGLE_API_ENDPOINT, else
/// https://www.kaggle.com. Throws Error(bad_option).
std::string kaggle_address(const std::string& dataset);

/// KAGGLE_USERNAME and KAGGLE_KEY, else kaggle.json in KAGGLE_CONFIG_DIR or ~/.kaggle. Throws
/// Error(no_credentials).
Credentials kaggle_credentials();

}  // namespace thorax::datasets

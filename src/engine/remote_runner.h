// A model that another server computes: Triton, KServe, or another Thorax.
#pragma once

#include "engine/runner.h"

namespace thorax::engine {

/// What the weights file of a remote model holds, in place of weights.
struct RemoteModel {
  std::string server;   ///< "http://host:8000", or https
  std::string model;    ///< its name there
  std::string version;  ///< empty: the server chooses
  int connect_seconds = 5;
  int answer_seconds = 120;  ///< a run may take
  int retries = 2;           ///< after a connection that failed, or a server that is busy
  int retry_wait_ms = 250;   ///< before the first retry; doubles with each
  std::string token_file;    ///< file whose first line goes along as bearer token; may be empty
};

/// Takes "http://host:8000/v2/models/NAME", with "/versions/V" or without. Throws
/// Error("bad_option"_code).
RemoteModel parse_remote_address(const std::string& address);

nlohmann::json to_json(const RemoteModel& remote);
/// Throws Error("bad_model"_code) naming `file` and the field.
RemoteModel read_remote_model(const std::filesystem::path& file);

/// What the server says of the model; "parameters" may hold a manifest when it is a Thorax. Throws
/// Error: model_server_away, model_server_refused.
nlohmann::json remote_metadata(const RemoteModel& remote);

/// Asks the server what the model takes, and sends it tensors. Throws as remote_metadata.
std::unique_ptr<Runner> connect(const RemoteModel& remote);

}  // namespace thorax::engine

// A service whose workers are a few lines of shell, and a client that holds its answers to their
// description.
#pragma once

#include <httplib.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "serve/openapi_check.h"
#include "serve/service.h"
#include "support/temporary_folder.h"

namespace thorax::testing_support {

/// Writes the worker into a folder; the command that runs it. What it does is in the file it is
/// given: "crash" dies, "hang" says a stage and never ends, "refuse" reports a study that is no
/// chest, "nothing" finds none, "babble" says what no worker says; anything else is a sick chest.
/// What stands after a blank is PatientID.
/// Its result.json is the one beside the worker, where there is one.
serve::WorkerCommand stub_worker(const TemporaryFolder& folder);

/// Limits that suit tests: any port, little of everything.
serve::Options stub_options(const TemporaryFolder& folder);

/// An answer that was checked.
struct Answer {
  int status = 0;
  std::string body, type;
  httplib::Headers headers;

  nlohmann::json json() const { return nlohmann::json::parse(body); }
  std::string header(const std::string& name) const;
};

/// Asks, and fails the test when the answer is not as docs/openapi.json says.
class Client {
 public:
  explicit Client(int port);

  Answer get(const std::string& path, const httplib::Headers& headers = {});
  Answer remove(const std::string& path);
  Answer post(const std::string& path, const std::string& body = {},
              const httplib::Headers& headers = {});
  /// As a form sends a file.
  Answer post_form(const std::string& path, const std::string& content,
                   const std::string& name = "study.zip", const httplib::Headers& headers = {});

  /// Uploads and returns the answer's study.
  nlohmann::json upload(const std::string& content, const std::string& name = "study.zip");
  /// Asks until the job ended; returns it.
  nlohmann::json ended(const std::string& job_id);
  /// Asks until the job does what is asked.
  nlohmann::json until(const std::string& job_id,
                       const std::function<bool(const nlohmann::json& job)>& wanted);

  httplib::Client& raw() { return client_; }

 private:
  Answer checked(const std::string& method, const std::string& path, const httplib::Result& result);

  httplib::Client client_;
  OpenApi described_;
};

}  // namespace thorax::testing_support

#include "engine/remote_runner.h"

#include <httplib.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <optional>
#include <thread>

#include "base/error.h"
#include "engine/kserve.h"

namespace thorax::engine {
namespace {

using nlohmann::json;

constexpr const char* kModels = "/v2/models/";
constexpr const char* kVersions = "/versions/";
// An error text of a server that is none of ours can be a whole page.
constexpr std::size_t kErrorText = 300;

bool is_web_address(const std::string& text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

/// "http://proxy:80/triton" → "http://proxy:80"; the rest goes before every path.
std::string host_part(const std::string& server) {
  return server.substr(0, server.find('/', server.find("://") + 3));
}

/// A server that says so now may answer in a moment.
bool is_passing(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

std::string first_line(const std::string& file) {
  std::ifstream stream(file);
  std::string line;
  if (!std::getline(stream, line)) throw Error("no_such_input"_code, {{"path", file}});
  return line;
}

/// Triton and KServe say {"error": "…"}.
std::string error_text(const std::string& body) {
  const json parsed = json::parse(body, nullptr, false);
  if (parsed.is_object() && parsed.contains("error") && parsed["error"].is_string())
    return parsed["error"].get<std::string>().substr(0, kErrorText);
  return body.substr(0, kErrorText);
}

class Server {
 public:
  explicit Server(const RemoteModel& remote) : remote_(remote), client_(host_part(remote.server)) {
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.set_connection_timeout(remote.connect_seconds);
    client_.set_read_timeout(remote.answer_seconds);
    client_.set_write_timeout(remote.answer_seconds);
    if (!remote.token_file.empty()) client_.set_bearer_token_auth(first_line(remote.token_file));
  }

  std::string place() const {
    const std::string place = kModels + remote_.model;
    return remote_.version.empty() ? place : place + kVersions + remote_.version;
  }

  json get(const std::string& path) {
    const httplib::Response answer = patient([&] { return client_.Get(below_server(path)); });
    json parsed = json::parse(answer.body, nullptr, false);
    if (!parsed.is_object()) refused(200, "no JSON at " + path);
    return parsed;
  }

  /// Sends a body piece by piece, so that large tensors are not held twice.
  httplib::Response post(const std::string& path, const kserve::Body& body) {
    const httplib::Headers headers{{kserve::kLengthHeader, std::to_string(body.json.size())}};
    return patient([&] {
      return client_.Post(
          below_server(path), headers, body.bytes(),
          [&body](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
            return write_piece(body, offset, length, sink);
          },
          "application/octet-stream");
    });
  }

  [[noreturn]] void refused(int status, const std::string& detail) const {
    throw Error("model_server_refused"_code, {{"address", remote_.server},
                                              {"model", remote_.model},
                                              {"status", std::to_string(status)},
                                              {"detail", detail}});
  }

 private:
  std::string below_server(const std::string& path) const {
    return remote_.server.substr(host_part(remote_.server).size()) + path;
  }

  static bool write_piece(const kserve::Body& body, std::size_t offset, std::size_t length,
                          httplib::DataSink& sink) {
    const auto write = [&](const char* data, std::size_t size) {
      if (offset >= size) {
        offset -= size;
        return false;
      }
      sink.write(data + offset, std::min(length, size - offset));
      return true;
    };
    if (write(body.json.data(), body.json.size())) return true;
    for (const Tensor& tensor : body.tensors)
      if (write(reinterpret_cast<const char*>(tensor.bytes().data()), tensor.bytes().size()))
        return true;
    return true;
  }

  /// Asks until there is an answer, or no hope of one. A run changes nothing there, so that it can
  /// be asked for again.
  template <class Ask>
  httplib::Response patient(const Ask& ask) {
    auto wait = std::chrono::milliseconds(remote_.retry_wait_ms);
    for (int retries = remote_.retries;; --retries, wait *= 2) {
      const httplib::Result result = ask();
      if (result && result->status == 200) return *result;
      if (retries <= 0 || (result && !is_passing(result->status))) {
        if (result) refused(result->status, error_text(result->body));
        throw Error("model_server_away"_code, {{"address", remote_.server},
                                               {"model", remote_.model},
                                               {"detail", httplib::to_string(result.error())}});
      }
      std::this_thread::sleep_for(wait);
    }
  }

  const RemoteModel remote_;
  httplib::Client client_;
};

class RemoteRunner final : public Runner {
 public:
  explicit RemoteRunner(const RemoteModel& remote) : server_(remote) { introduce(remote); }

  const Description& describe() const override { return description_; }

 private:
  static std::vector<Tensor> in_order(const kserve::InferAnswer& answer,
                                      const FunctionInfo& function) {
    std::vector<Tensor> out;
    for (const weights::TensorInfo& info : function.outputs) {
      const auto found =
          std::find_if(answer.outputs.begin(), answer.outputs.end(),
                       [&](const kserve::NamedTensor& each) { return each.name == info.name; });
      if (found == answer.outputs.end() || found->tensor.type != info.type ||
          found->tensor.shape.size() != info.shape.size())
        throw Error("bad_tensors"_code, {{"detail", info.name + " is not as announced"}});
      out.push_back(found->tensor);
    }
    return out;
  }

  /// What the server answered wrongly is its fault, not that of the caller's tensors.
  template <class Read>
  auto understood(const Read& read) {
    try {
      return read();
    } catch (const Error& error) {
      if (error.code() != "bad_tensors"_code) throw;
      server_.refused(200, error.notice().args.at("detail"));
    }
  }

  void introduce(const RemoteModel& remote) {
    const json server = server_.get("/v2");
    description_.engine = "triton";
    description_.runtime =
        server.value("name", "?") + ' ' + server.value("version", "") + " at " + remote.server;
    description_.device = "remote";
    description_.precision = "fp32";
    description_.threads = 0;
    description_.functions =
        understood([&] { return kserve::functions(server_.get(server_.place())); });
  }

  std::vector<Tensor> compute(const std::vector<Tensor>& inputs,
                              const FunctionInfo& function) override {
    kserve::InferRequest request;
    // A server of one function is not asked for it by name.
    if (description_.functions.size() > 1) request.function = function.name;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      request.inputs.push_back({function.inputs[i].name, inputs[i]});
    for (const weights::TensorInfo& output : function.outputs)
      request.outputs.push_back({output.name, true});
    const httplib::Response response =
        server_.post(server_.place() + "/infer", kserve::encode_request(request));
    return understood([&] {
      std::size_t json_bytes = 0;
      const std::string header = response.get_header_value(kserve::kLengthHeader);
      std::from_chars(header.data(), header.data() + header.size(), json_bytes);
      return in_order(kserve::decode_answer(response.body, json_bytes), function);
    });
  }

  Server server_;
  Description description_;
};

}  // namespace

RemoteModel parse_remote_address(const std::string& address) {
  RemoteModel remote;
  const std::size_t place = address.find(kModels);
  if (is_web_address(address) && place != std::string::npos) {
    remote.server = address.substr(0, place);
    remote.model = address.substr(place + std::string(kModels).size());
    if (const std::size_t version = remote.model.find(kVersions); version != std::string::npos) {
      remote.version = remote.model.substr(version + std::string(kVersions).size());
      remote.model.resize(version);
    }
  }
  if (remote.model.empty() || remote.model.find('/') != std::string::npos)
    throw Error(
        "bad_option"_code,
        {{"option", "FILE"}, {"value", address}, {"hint", "http://host:8000/v2/models/NAME"}});
  return remote;
}

json to_json(const RemoteModel& remote) {
  return {{"server", remote.server},
          {"model", remote.model},
          {"version", remote.version},
          {"connect_seconds", remote.connect_seconds},
          {"answer_seconds", remote.answer_seconds},
          {"retries", remote.retries},
          {"retry_wait_ms", remote.retry_wait_ms},
          {"token_file", remote.token_file}};
}

RemoteModel read_remote_model(const std::filesystem::path& file) {
  std::ifstream stream(file);
  RemoteModel remote;
  try {
    const json content = json::parse(stream);
    remote.server = content.at("server");
    remote.model = content.at("model");
    remote.version = content.value("version", remote.version);
    remote.connect_seconds = content.value("connect_seconds", remote.connect_seconds);
    remote.answer_seconds = content.value("answer_seconds", remote.answer_seconds);
    remote.retries = content.value("retries", remote.retries);
    remote.retry_wait_ms = content.value("retry_wait_ms", remote.retry_wait_ms);
    remote.token_file = content.value("token_file", remote.token_file);
  } catch (const json::exception& problem) {
    throw Error("bad_model"_code, {{"path", file.string()}, {"detail", problem.what()}});
  }
  if (!is_web_address(remote.server))
    throw Error("bad_model"_code,
                {{"path", file.string()}, {"detail", "server: http://host:8000"}});
  return remote;
}

json remote_metadata(const RemoteModel& remote) {
  Server server(remote);
  return server.get(server.place());
}

std::unique_ptr<Runner> connect(const RemoteModel& remote) {
  return std::make_unique<RemoteRunner>(remote);
}

}  // namespace thorax::engine

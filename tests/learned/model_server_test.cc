// The models that the service lends, asked as Triton's clients ask, and by another Thorax.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/run_thorax.h"
#include "engine/import.h"
#include "engine/kserve.h"
#include "engine/remote_runner.h"
#include "serve/service.h"
#include "support/temporary_folder.h"

namespace thorax {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing_support::Ended;
using testing_support::run_thorax;
using testing_support::TemporaryFolder;
using weights::make_tensor;

class ModelServerTest : public testing::Test {
 protected:
  void SetUp() override {
    engine::ImportRequest request;
    request.name = "head";
    request.files = {fs::path(THORAX_SOURCE_DIR) / "tests/engine/fixtures/head.pt"};
    request.licence = "CC0-1.0";
    request.labels = {"normal", "pathology"};
    request.into = folder / "models";
    engine::import_model(request, {});
    start();
  }
  void start() {
    serve::Options options;
    options.port = 0;
    options.data = (folder / "data").string();
    options.models = (folder / "models").string();
    options.disk_reserve = 0;
    options.max_infer = 4096;
    service.emplace(options, serve::WorkerCommand{{"/bin/false"}});
    http.emplace("127.0.0.1", service->port());
  }
  json get(const std::string& path, int status = 200) {
    const httplib::Result answer = http->Get(path);
    EXPECT_TRUE(answer && answer->status == status) << path << ": " << (answer ? answer->body : "");
    return answer ? json::parse(answer->body) : json();
  }
  json post(const std::string& path, const std::string& body, int status = 200) {
    const httplib::Result answer = http->Post(path, body, "application/json");
    EXPECT_TRUE(answer && answer->status == status) << path << ": " << (answer ? answer->body : "");
    return answer ? json::parse(answer->body) : json();
  }
  std::string address() const { return service->address() + "/v2/models/head"; }
  std::vector<float> local(const std::vector<weights::Tensor>& inputs) const {
    return engine::load(folder / "models/head", {})->run(inputs).at(0).to_float();
  }
  Ended import_remote(const std::string& from) const {
    return run_thorax({"model", "import", "borrowed", from, "--licence", "CC0-1.0", "--models",
                       (folder / "other").string()});
  }

  TemporaryFolder folder;
  std::optional<serve::Service> service;
  std::optional<httplib::Client> http;
};

TEST_F(ModelServerTest, SaysWhatItIsAndWhatItLends) {
  EXPECT_EQ(get("/v2")["name"], "thorax");
  EXPECT_EQ(get("/v2/health/live")["live"], true);
  EXPECT_EQ(get("/v2/health/ready")["ready"], true);
  const auto state = [&] {
    for (const json& model : post("/v2/repository/index", "{}"))
      if (model["name"] == "head") return model["state"].get<std::string>();
    return std::string("not listed");
  };
  EXPECT_EQ(state(), "UNAVAILABLE");
  const json metadata = get("/v2/models/head/versions/1");
  EXPECT_EQ(metadata["inputs"][0]["name"], "embedding");
  EXPECT_EQ(metadata["inputs"][0]["shape"], json({-1, 4}));
  EXPECT_EQ(metadata["parameters"]["manifest"]["labels"], json({"normal", "pathology"}));
  EXPECT_FALSE(metadata["parameters"]["manifest"].contains("files"));
  EXPECT_EQ(state(), "READY");
  post("/v2/repository/models/head/unload", "{}");
  EXPECT_EQ(state(), "UNAVAILABLE");
  post("/v2/repository/models/head/load", "{}");
  EXPECT_EQ(state(), "READY");
  EXPECT_EQ(get("/v2/models/head/ready")["ready"], true);
}

TEST_F(ModelServerTest, AnswersJsonWithJsonAndBytesWithBytes) {
  const std::vector<float> values{1, 2, 3, 4, -1, 0.5, 2, 0};
  const std::vector<float> expected = local({make_tensor({2, 4}, values)});
  const json answer = post(
      "/v2/models/head/infer",
      json{{"id", "a"},
           {"inputs",
            {{{"name", "embedding"}, {"shape", {2, 4}}, {"datatype", "FP32"}, {"data", values}}}}}
          .dump());
  EXPECT_EQ(answer["id"], "a");
  EXPECT_EQ(answer["model_name"], "head");
  EXPECT_EQ(answer["outputs"][0]["shape"], json({2, 2}));
  EXPECT_EQ(answer["outputs"][0]["data"].get<std::vector<float>>(), expected);

  engine::kserve::InferRequest request;
  request.inputs.push_back({"embedding", make_tensor({2, 4}, values)});
  const engine::kserve::Body body = engine::kserve::encode_request(request);
  std::string bytes = body.json;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  const httplib::Result binary = http->Post(
      "/v2/models/head/infer", {{engine::kserve::kLengthHeader, std::to_string(body.json.size())}},
      bytes, "application/octet-stream");
  ASSERT_TRUE(binary);
  ASSERT_EQ(binary->status, 200) << binary->body;
  const auto got = engine::kserve::decode_answer(
      binary->body, std::stoul(binary->get_header_value(engine::kserve::kLengthHeader)));
  EXPECT_EQ(got.outputs.at(0).tensor.to_float(), expected);
}

TEST_F(ModelServerTest, WhatDoesNotFitIsRefusedAsTheProtocolRefuses) {
  const auto wrong = [&](const json& body, int status) {
    return post("/v2/models/head/infer", body.dump(), status)["error"].get<std::string>();
  };
  EXPECT_THAT(wrong({{"inputs", json::array()}}, 400), HasSubstr("BAD_TENSORS"));
  EXPECT_THAT(wrong({{"inputs",
                      {{{"name", "embedding"},
                        {"shape", {1, 3}},
                        {"datatype", "FP32"},
                        {"data", {1, 2, 3}}}}}},
                    400),
              HasSubstr("[N,4]"));
  EXPECT_THAT(get("/v2/models/absent", 404)["error"].get<std::string>(), HasSubstr("NO_MODELS"));
  get("/v2/models/head/versions/2", 404);
  get("/v2/models/head/infer", 404);
  get("/v2/nothing", 404);
}

TEST_F(ModelServerTest, ARequestLargerThanTheLimitIsRefused) {
  const httplib::Result answer =
      http->Post("/v2/models/head/infer", std::string(5000, ' '), "application/json");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  EXPECT_THAT(answer->body, HasSubstr("TENSORS_TOO_LARGE"));
}

TEST_F(ModelServerTest, ABorrowedModelComputesAsTheLentOne) {
  const Ended imported = import_remote(address());
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  const weights::Manifest manifest = weights::load_manifest(folder / "other/borrowed");
  EXPECT_EQ(manifest.network, "mlp_head");
  EXPECT_EQ(manifest.labels, (std::vector<std::string>{"normal", "pathology"}));
  const auto borrowed = engine::load(folder / "other/borrowed", {});
  EXPECT_EQ(borrowed->describe().engine, "triton");
  EXPECT_THAT(borrowed->describe().runtime, HasSubstr("thorax"));
  for (const std::int64_t batch : {1, 3, 8}) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < batch * 4; ++i) values.push_back(static_cast<float>(i % 5) - 1.5F);
    const weights::Tensor input = make_tensor({batch, 4}, values);
    EXPECT_EQ(borrowed->run({input}).at(0).to_float(), local({input}));
  }
  EXPECT_EQ(run_thorax({"model", "verify", "borrowed", "--models", (folder / "other").string()})
                .exit_code,
            0);
}

TEST_F(ModelServerTest, AServerThatIsAwaySaysSo) {
  ASSERT_EQ(import_remote(address()).exit_code, 0);
  service.reset();
  const Ended ended =
      run_thorax({"model", "verify", "borrowed", "--models", (folder / "other").string()});
  EXPECT_EQ(ended.exit_code, 69);
  EXPECT_THAT(ended.err, HasSubstr("MODEL_SERVER_AWAY"));
  EXPECT_THAT(ended.err, HasSubstr("remote.json"));
}

TEST_F(ModelServerTest, AServerThatRefusesIsQuoted) {
  const Ended ended = import_remote(service->address() + "/v2/models/absent");
  EXPECT_EQ(ended.exit_code, 69);
  EXPECT_THAT(ended.err, HasSubstr("MODEL_SERVER_REFUSED"));
  EXPECT_THAT(ended.err, HasSubstr("404"));
  EXPECT_EQ(import_remote("http://127.0.0.1/models/head").exit_code, 64);
  EXPECT_FALSE(fs::exists(folder / "other/borrowed"));
}

/// A server that is busy a few times before it answers.
class BusyServer {
 public:
  explicit BusyServer(int busy) : left_(busy) {
    server_.Get("/v2", [](const httplib::Request&, httplib::Response& response) {
      response.set_content(R"({"name":"triton","version":"2.40.0"})", "application/json");
    });
    server_.Get("/v2/models/m", [this](const httplib::Request&, httplib::Response& response) {
      ++asked_;
      if (left_-- > 0) {
        response.status = 503;
        response.set_content(R"({"error":"starting"})", "application/json");
        return;
      }
      const char* const tensors = R"([{"name":"x","datatype":"FP32","shape":[-1,2]}])";
      response.set_content(
          std::string(R"({"name":"m","inputs":)") + tensors + R"(,"outputs":)" + tensors + "}",
          "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // Until it listens it cannot be stopped.
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~BusyServer() {
    server_.stop();
    thread_.join();
  }
  engine::RemoteModel model(int retries) const {
    engine::RemoteModel remote;
    remote.server = "http://127.0.0.1:" + std::to_string(port_);
    remote.model = "m";
    remote.retries = retries;
    remote.retry_wait_ms = 1;
    return remote;
  }
  int asked() const { return asked_; }

 private:
  httplib::Server server_;
  std::atomic<int> left_, asked_{0};
  int port_ = 0;
  std::thread thread_;
};

TEST(RemoteModel, ABusyServerIsAskedAgainSoOftenAsWished) {
  BusyServer patient(2);
  EXPECT_EQ(engine::connect(patient.model(2))->describe().functions.at(0).inputs.at(0).name, "x");
  EXPECT_EQ(patient.asked(), 3);
  BusyServer impatient(3);
  try {
    engine::connect(impatient.model(1));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "model_server_refused"_code);
    EXPECT_EQ(error.notice().args.at("detail"), "starting");
  }
  EXPECT_EQ(impatient.asked(), 2);
}

TEST(RemoteModel, WhatIsWrongInRemoteJsonIsNamed) {
  const TemporaryFolder folder;
  EXPECT_THROW(engine::read_remote_model(folder.write("a.json", "{}")), Error);
  EXPECT_THROW(
      engine::read_remote_model(folder.write("b.json", R"({"server":"ftp://x","model":"m"})")),
      Error);
  const engine::RemoteModel remote =
      engine::parse_remote_address("https://host:8443/v2/models/ct-clip/versions/3");
  EXPECT_EQ(remote.server, "https://host:8443");
  EXPECT_EQ(remote.model, "ct-clip");
  EXPECT_EQ(remote.version, "3");
  const fs::path file = folder.write("c.json", engine::to_json(remote).dump());
  EXPECT_EQ(engine::to_json(engine::read_remote_model(file)), engine::to_json(remote));
}

}  // namespace
}  // namespace thorax

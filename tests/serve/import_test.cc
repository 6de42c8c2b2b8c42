// Models come in and go over HTTP; the worker is a few lines of shell.
#include <gmock/gmock.h>

#include "serve/people_service.h"

namespace thorax::serve {
namespace {

using nlohmann::json;
using store::Right;
using store::Role;
using testing::HasSubstr;
using testing_support::Answer;

// Keeps what it was told as the model's manifest.
constexpr const char* kWorker = R"sh(
labels=
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift ;;
    --file) file=$2; shift ;;
    --name) name=$2; shift ;;
    --licence=*) licence=${1#--licence=} ;;
    --label=*) labels=$labels${labels:+,}\"${1#--label=}\" ;;
  esac
  shift
done
read -r content <"$file"
printf '{"stage":"self-test","fraction":0.6}\n'
case $content in
  bad*) printf '{"failure":{"code":"BAD_WEIGHTS","arguments":{"path":"%s","detail":"x"}}}\n' "${file##*/}" ;;
  die*) kill -9 $$ ;;
  *)
    mkdir -p "$out/$name"
    printf '{"name":"%s","kind":"network","licence":"%s","labels":[%s],"file":"%s"}' "$name" "$licence" "$labels" "${file##*/}" >"$out/$name/model.json"
    printf '{"study":{"kind":"model","verdict":null,"trust":"","failure":null},"folder":"x"}\n' ;;
esac
printf '{"end":true}\n'
)sh";

class ImportTest : public testing_support::PeopleService {
 protected:
  ImportTest() {
    options.models = (folder / "models").string();
    std::filesystem::create_directories(options.models);
  }
  void begin() {
    service.emplace(options, WorkerCommand{{"/bin/sh", folder.write("w.sh", kWorker).string()}},
                    [this] { return now.load(); });
    client.emplace(service->port());
  }
  Answer send(const std::string& content, const std::string& query) {
    return client->post("/api/v1/models?" + query, content);
  }
  std::size_t count(const std::string& name) {
    std::size_t found = 0;
    const json models = client->get("/api/v1/models").json()["models"];
    for (const json& model : models) found += model["name"] == name;
    return found;
  }
  bool nothing_left_behind() {
    return !std::filesystem::exists(std::filesystem::path(options.data) / "model-coming-in");
  }
};

TEST_F(ImportTest, AModelComesInAndGoes) {
  begin();
  const Answer made =
      send("good", "name=net&file=net.safetensors&licence=MIT%20--x&label=no&label=yes");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.json()["name"], "net");
  EXPECT_EQ(made.json()["licence"], "MIT --x");
  EXPECT_EQ(made.json()["place"], "given");
  EXPECT_EQ(count("net"), 1u);
  EXPECT_TRUE(nothing_left_behind());
  EXPECT_EQ(client->remove("/api/v1/models/net").status, 204);
  EXPECT_EQ(count("net"), 0u);
  EXPECT_EQ(client->remove("/api/v1/models/net").status, 404);
  const json records = client->get("/api/v1/audit").json()["records"];
  EXPECT_EQ(records[0]["action"], "remove_model");
  EXPECT_EQ(records[1]["action"], "import_model");
  EXPECT_EQ(records[1]["target"], "net");
}

TEST_F(ImportTest, WhatIsNoModelIsRefused) {
  begin();
  const Answer bad = send("bad", "name=net&file=net.pt&licence=MIT");
  EXPECT_EQ(bad.status, 422);
  EXPECT_EQ(code(bad), "BAD_WEIGHTS");
  EXPECT_THAT(bad.json()["title"].get<std::string>(), HasSubstr("net.pt"));
  EXPECT_EQ(code(send("die", "name=net&file=net.pt&licence=MIT")), "WORKER_DIED");
  EXPECT_EQ(send("good", "name=../net&file=net.pt&licence=MIT").status, 400);
  EXPECT_EQ(send("good", "file=net.pt&licence=MIT").status, 400);
  EXPECT_EQ(code(send("", "name=net&file=net.pt")), "NO_FILE_SENT");
  EXPECT_EQ(count("net"), 0u);
  EXPECT_TRUE(nothing_left_behind());
}

TEST_F(ImportTest, ItIsBoundedAsUploadsAre) {
  options.max_upload = 100;
  begin();
  EXPECT_EQ(send(std::string(101, 'x'), "name=net&file=net.pt&licence=MIT").status, 413);
  EXPECT_EQ(send(std::string(100, 'x'), "name=net&file=net.pt&licence=MIT").status, 201);
}

TEST_F(ImportTest, WhatShipsStays) {
  begin();
  const Answer answer = client->remove("/api/v1/models/ct-quantitative");
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(code(answer), "MODEL_SHIPS");
}

TEST_F(ImportTest, ItIsForAdministrators) {
  people->add("anna", Role::operating, true, testing_support::kPassword);
  begin();
  with_token({Right::read, Right::upload, Right::remove, Right::names});
  EXPECT_EQ(send("good", "name=net&file=net.pt&licence=MIT").status, 403);
  EXPECT_EQ(client->remove("/api/v1/models/ct-quantitative").status, 403);
  with_token({Right::admin});
  EXPECT_EQ(send("good", "name=net&file=net.pt&licence=MIT").status, 201);
}

}  // namespace
}  // namespace thorax::serve

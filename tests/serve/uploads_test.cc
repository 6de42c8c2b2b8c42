// Uploads that come in parts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "base/error.h"
#include "serve/stub_service.h"
#include "store/ids.h"
#include "store/parts.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing_support::Answer;
using testing_support::Client;
using testing_support::TemporaryFolder;

class UploadsTest : public testing::Test {
 protected:
  void SetUp() override { start(); }
  void start() {
    service.reset();
    service.emplace(options, testing_support::stub_worker(folder));
    client.emplace(service->port());
  }
  Answer begin(const std::string& name, std::uint64_t bytes) {
    return client->post("/api/v1/uploads", json{{"name", name}, {"bytes", bytes}}.dump());
  }
  std::string begun(std::uint64_t bytes) {
    return "/api/v1/uploads/" + begin("study.zip", bytes).json()["id"].get<std::string>();
  }
  Answer part(const std::string& place, std::uint64_t offset, const std::string& bytes) {
    return client->post(place + "?offset=" + std::to_string(offset), bytes);
  }
  static std::string code(const Answer& answer) { return answer.json().value("code", ""); }

  TemporaryFolder folder;
  Options options = testing_support::stub_options(folder);
  std::optional<Service> service;
  std::optional<Client> client;
};

TEST_F(UploadsTest, PartsBecomeAStudyAlsoAcrossARestart) {
  const Answer first = begin("b/Ivanov.zip", 4);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(first.json()["received"], 0);
  const std::string place = first.header("Location");
  EXPECT_EQ(part(place, 0, "si").json()["received"], 2);
  client.reset();
  start();
  EXPECT_EQ(client->get(place).json()["received"], 2);
  EXPECT_EQ(code(client->post(place + "/finish")), "UPLOAD_INCOMPLETE");
  EXPECT_EQ(part(place, 2, "ck").json()["received"], 4);
  const Answer finished = client->post(place + "/finish");
  EXPECT_EQ(finished.status, 201);
  const json study = finished.json();
  EXPECT_EQ(study["name"], "Ivanov.zip");
  EXPECT_EQ(client->ended(study["job"]["id"])["state"], "done");
  EXPECT_EQ(client->get("/api/v1/studies/" + study["id"].get<std::string>() + "/file").body,
            "sick");
  // The answer was lost: asked again, it is the same study.
  const Answer again = client->post(place + "/finish");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json()["id"], study["id"]);
  EXPECT_EQ(client->get("/api/v1/studies").json()["total"], 1);
  EXPECT_TRUE(fs::is_empty(folder / "data/uploads"));
}

TEST_F(UploadsTest, APartHasToBeTheNextOne) {
  const std::string place = begun(4);
  EXPECT_EQ(part(place, 0, "si").status, 200);
  const Answer wrong = part(place, 0, "si");
  EXPECT_EQ(wrong.status, 409);
  EXPECT_EQ(wrong.json()["arguments"]["received"], "2");
  EXPECT_EQ(code(part(place, 3, "k")), "UPLOAD_OFFSET");
  EXPECT_EQ(code(part(place, 2, "ckk")), "UPLOAD_TOO_LARGE");
  EXPECT_EQ(code(client->post(place, "ck")), "BAD_PARAMETER");
  EXPECT_EQ(code(client->post(place + "?offset=-1", "ck")), "BAD_PARAMETER");
  EXPECT_EQ(client->get(place).json()["received"], 2);
}

TEST_F(UploadsTest, WhatAConnectionThatBrokeBroughtIsKept) {
  const std::string place = begun(1000);
  // It announces more than it sends.
  client->raw().Post((place + "?offset=0").c_str(), 1000,
                     [](std::size_t offset, std::size_t, httplib::DataSink& sink) {
                       return offset == 0 && sink.write("half", 4);
                     },
                     "application/octet-stream");
  json state;
  do state = client->get(place).json();
  while (state["received"] == 0);
  EXPECT_EQ(state["received"], 4);
  // The connection is gone before the service has seen it go.
  Answer rest;
  do rest = part(place, 4, std::string(996, 'x'));
  while (rest.status == 409 && code(rest) == "UPLOAD_BUSY");
  EXPECT_EQ(rest.status, 200) << rest.body;
}

TEST_F(UploadsTest, NonsenseIsRefused) {
  EXPECT_EQ(code(client->post("/api/v1/uploads", R"({"name":"a"})")), "BAD_REQUEST");
  EXPECT_EQ(code(client->post("/api/v1/uploads", R"({"name":"a","bytes":0})")), "BAD_REQUEST");
  EXPECT_EQ(code(client->post("/api/v1/uploads", R"({"name":1,"bytes":4})")), "BAD_REQUEST");
  for (const std::string& id : {std::string(24, '0'), std::string("..%2fthorax.db")}) {
    const std::string place = "/api/v1/uploads/" + id;
    EXPECT_EQ(client->get(place).status, 404);
    EXPECT_EQ(part(place, 0, "x").status, 404);
    EXPECT_EQ(client->post(place + "/finish").status, 404);
    EXPECT_EQ(client->remove(place).status, 404);
  }
}

TEST_F(UploadsTest, TheyAreLimited) {
  options.uploads = 1;
  options.max_upload = 100;
  start();
  EXPECT_EQ(code(begin("a", 101)), "UPLOAD_TOO_LARGE");
  const std::string place = begun(100);
  const Answer second = begin("b", 100);
  EXPECT_EQ(second.status, 429);
  EXPECT_EQ(code(second), "TOO_MANY_UPLOADS");
  EXPECT_EQ(client->remove(place).status, 204);
  EXPECT_EQ(begin("b", 100).status, 201);
}

TEST_F(UploadsTest, AFullDiskRefuses) {
  const std::string place = begun(4);
  options.disk_reserve = 1ull << 62;
  start();
  EXPECT_EQ(code(begin("a", 1)), "DISK_FULL");
  EXPECT_EQ(code(part(place, 0, "sick")), "DISK_FULL");
}

TEST(PartFolderTest, OnePartAtATimeAndOldOnesAreSweptAway) {
  const TemporaryFolder folder;
  store::FileFolder files(folder / "files", 0);
  store::PartFolder parts(folder / "uploads", files, 10);
  const std::string id = parts.begin("a", 4).id;
  {
    store::PartFolder::Part part = parts.append(id, 0);
    EXPECT_THROW(parts.append(id, 0), Error);
    EXPECT_THROW(parts.remove(id), Error);
    EXPECT_THROW(parts.whole(id), Error);
    parts.sweep(store::now_ms() + 1000);
    part.write(std::string("ab"));
  }
  EXPECT_EQ(parts.state(id).received, 2u);
  // What a crash left behind what is written down is not taken for a part of the file.
  folder.write("uploads/" + id, "abXXXX");
  store::PartFolder::Part part = parts.append(id, 2);
  part.write(std::string("cd"));
  EXPECT_EQ(part.finish().received, 4u);
  const store::StoredFile file = parts.whole(id).commit();
  EXPECT_EQ(fs::file_size(files.path_of(file.sha256)), 4u);
  EXPECT_EQ(file.sha256, sha256_hex(std::string_view("abcd")));
  parts.sweep(store::now_ms() - 60'000);
  EXPECT_EQ(parts.state(id).received, 4u);
  parts.sweep(store::now_ms() + 1000);
  EXPECT_TRUE(fs::is_empty(folder / "uploads"));
}

}  // namespace
}  // namespace thorax::serve

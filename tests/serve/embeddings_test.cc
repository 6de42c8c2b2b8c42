// The map of embeddings and similar cases, over HTTP.
#include <gmock/gmock.h>

#include "serve/people_service.h"
#include "weights/safetensors.h"

namespace thorax::serve {
namespace {

using nlohmann::json;
using store::Right;
using store::Role;
using testing::HasSubstr;
using testing::Not;

class EmbeddingsTest : public testing_support::PeopleService {
 protected:
  void write(const std::vector<std::string>& ids, const std::vector<float>& values,
             const std::string& sha256 = "ab") {
    const auto count = static_cast<std::int64_t>(ids.size());
    weights::write_safetensors(
        std::filesystem::path(options.data) / "embeddings.safetensors",
        {{"embeddings",
          weights::make_tensor({count, static_cast<std::int64_t>(values.size()) / count}, values)}},
        {{"ids", json(ids).dump()}, {"model", "net"}, {"model_sha256", sha256}});
  }
  json map(const std::string& question = "") {
    return client->get("/api/v1/embeddings" + question).json();
  }
  json read(const std::string& content, const std::string& name = "case.png") {
    json study = client->upload(content, name);
    client->ended(study["job"]["id"]);
    return study;
  }
};

TEST_F(EmbeddingsTest, WithoutAFileThereIsNothingAndWhereItIsLookedFor) {
  start();
  const json none = map();
  EXPECT_EQ(none["points"], json::array());
  EXPECT_EQ(none["model"], nullptr);
  EXPECT_THAT(none["file"].get<std::string>(), HasSubstr("embeddings.safetensors"));
}

TEST_F(EmbeddingsTest, CasesAreTheStudiesOfTheService) {
  start();
  const json study = read("sick");
  write({"1.2", "/data/other.png", "/data/case.png"}, {3, 0, 0, 1, -3, -1});
  const json seen = map();
  ASSERT_EQ(seen["points"].size(), 3u);
  EXPECT_EQ(seen["model"], "net");
  EXPECT_EQ(seen["width"], 2);
  EXPECT_EQ(seen["points"][0]["study_id"], study["id"]) << "by StudyInstanceUID";
  EXPECT_EQ(seen["points"][0]["verdict"], "pathology");
  EXPECT_EQ(seen["points"][1]["study_id"], nullptr);
  EXPECT_EQ(seen["points"][2]["name"], "case.png") << "by the file's name";
  EXPECT_GT(seen["points"][0]["x"], 2.5);
  write({"1.2"}, {1, 1});
  EXPECT_EQ(map()["points"].size(), 1u) << "the file is read again when it changes";
}

TEST_F(EmbeddingsTest, StudiesThatWereReadArePointsOfTheMap) {
  start();
  const json first = read("embedded net-a 3 0"), second = read("embedded net-a 0 1");
  const json seen = map();
  EXPECT_EQ(seen["model"], "net-a");
  ASSERT_EQ(seen["points"].size(), 2u);
  EXPECT_EQ(seen["points"][0]["study_id"], second["id"]) << "the newest first";
  EXPECT_EQ(seen["points"][1]["study_id"], first["id"]) << "though their StudyInstanceUID is one";
  const std::string place = "/api/v1/studies/" + first["id"].get<std::string>();
  const json cases = client->get(place + "/results/1/similar").json()["cases"];
  ASSERT_EQ(cases.size(), 1u);
  EXPECT_EQ(cases[0]["study_id"], second["id"]);
  EXPECT_EQ(client->remove(place).status, 204);
  EXPECT_EQ(map()["points"].size(), 1u) << "what is removed is forgotten";
}

TEST_F(EmbeddingsTest, EveryModelHasItsOwnMap) {
  start();
  read("embedded net-a 1 0");
  const json other = read("embedded net-b 1 2 3");
  read("embedded net-a 0 1");
  const json all = map();
  EXPECT_EQ(all["model"], "net-a");
  ASSERT_EQ(all["models"].size(), 2u);
  EXPECT_EQ(all["models"][1],
            (json{{"model", "net-b"}, {"model_sha256", "sha-net-b"}, {"cases", 1}}));
  const json seen = map("?model_sha256=sha-net-b");
  EXPECT_EQ(seen["width"], 3);
  ASSERT_EQ(seen["points"].size(), 1u);
  EXPECT_EQ(seen["points"][0]["study_id"], other["id"]);
  EXPECT_EQ(client->get("/api/v1/embeddings?model_sha256=none").status, 400);
}

TEST_F(EmbeddingsTest, AFileAddsWhatTheServiceDoesNotHave) {
  start();
  read("embedded net 1 0");
  write({"1.2", "9.9", "/data/case.png"}, {5, 5, 0, 1, 2, 2}, "sha-net");
  const json seen = map();
  ASSERT_EQ(seen["points"].size(), 2u) << "1.2 and case.png are the study that was read";
  EXPECT_EQ(seen["points"][1]["id"], "9.9");
  EXPECT_EQ(seen["points"][1]["study_id"], nullptr);
}

TEST_F(EmbeddingsTest, TheNearestComeFirst) {
  start();
  const json study = read("sick");
  const std::string place =
      "/api/v1/studies/" + study["id"].get<std::string>() + "/results/1/similar";
  EXPECT_EQ(client->get(place).json()["cases"], json::array());
  write({"far", "1.2", "near", "middle"}, {-1, 0, 1, 0, 2, 0.1F, 1, 1});
  const json cases = client->get(place + "?count=2").json()["cases"];
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(cases[0]["id"], "near");
  EXPECT_EQ(cases[1]["id"], "middle");
  EXPECT_NEAR(cases[1]["similarity"].get<double>(), 0.70711, 1e-4);
  EXPECT_EQ(client->get(place + "?count=0").status, 400);
  EXPECT_EQ(
      client->get(std::string("/api/v1/studies/") + testing_support::kAnId + "/results/1/similar")
          .status,
      404);
}

TEST_F(EmbeddingsTest, NamesAreForThoseWhoSeeThem) {
  start_with(Role::viewer);
  with_token({Right::read});
  write({"/data/ivanov.png", "1.2"}, {1, 0, 0, 1});
  const testing_support::Answer seen = client->get("/api/v1/embeddings");
  EXPECT_THAT(seen.body, Not(HasSubstr("ivanov")));
  EXPECT_EQ(seen.json()["file"], nullptr);
}

TEST_F(EmbeddingsTest, AFileThatIsNoneIsNamed) {
  start();
  folder.write("data/embeddings.safetensors", "no tensors");
  const testing_support::Answer answer = client->get("/api/v1/embeddings");
  EXPECT_GE(answer.status, 400);
  EXPECT_EQ(code(answer), "BAD_WEIGHTS");
}

}  // namespace
}  // namespace thorax::serve

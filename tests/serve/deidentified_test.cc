// A study that is given away, and scripts of earlier services that get their answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "report/json.h"
#include "serve/people_service.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using store::Right;
using store::Role;
using testing::HasSubstr;
using testing_support::Answer;

class DeidentifiedTest : public testing_support::PeopleService {
 protected:
  /// Where the zip of a study that was read is.
  std::string place(const std::string& content) {
    const json study = client->post("/api/v1/studies", content).json();
    client->ended(study["job"]["id"]);
    return "/api/v1/studies/" + study["id"].get<std::string>() + "/deidentified.zip";
  }
};

TEST_F(DeidentifiedTest, GoesOutAndIsWrittenDownEveryTime) {
  start_with(Role::operating);
  with_token({Right::read, Right::upload, Right::names});
  const std::string zip = place("sick");
  const Answer answer = client->get(zip);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "ZIP remove export.key");
  EXPECT_THAT(answer.header("Content-Disposition"), HasSubstr("deidentified.zip"));
  EXPECT_EQ(client->get(zip + "?dates=shift").body, "ZIP shift export.key");
  EXPECT_EQ(code(client->get(zip + "?dates=forget")), "BAD_PARAMETER");
  store::AuditQuery query;
  query.action = "export_deidentified";
  EXPECT_EQ(store::Audit(*database, options.data).count(query), 2);
  for (const fs::directory_entry& report : fs::directory_iterator(folder / "data/reports"))
    EXPECT_FALSE(report.path().filename().string().starts_with("deidentified")) << "left behind";
}

TEST_F(DeidentifiedTest, AWorkerThatDiesIsAnError) {
  start();
  EXPECT_EQ(code(client->get(place("crash"))), "WORKER_DIED");
  EXPECT_EQ(code(client->get(place("nothing"))), "NOTHING_TO_READ");
  EXPECT_EQ(client->get("/api/v1/studies/0123/deidentified.zip").status, 404);
}

TEST_F(DeidentifiedTest, WantsTheRightToSeeNames) {
  start_with(Role::operating);
  with_token({Right::read, Right::upload});
  EXPECT_EQ(client->get(place("sick")).status, 403);
}

/// A chest with an effusion, as a worker writes it down.
std::string sick_result() {
  report::StudyResult result;
  result.path = "sick.zip";
  result.study_uid = "1.2";
  result.series_uid = "1.2.3";
  result.kind = "ct";
  result.trust = report::Trust::good;
  result.notices = {{"attempts_used_up"_code, {{"count", "1"}}}};
  result.decision.emplace();
  findings::Finding effusion;
  effusion.id = "Pleural effusion";
  effusion.name = {"Pleural effusion", "Плевральный выпот"};
  effusion.analysed = effusion.positive = true;
  effusion.score = 0.875;
  findings::Finding unseen = effusion;
  unseen.name = {"Fracture", "Перелом"};
  unseen.analysed = unseen.positive = false;
  result.decision->findings = {effusion, unseen};
  result.decision->verdict.kind = findings::VerdictKind::pathology;
  result.decision->verdict.probability = 0.87654321;
  result.provenance.seconds = 1.5;
  return report::to_json(result);
}

TEST_F(DeidentifiedTest, ScriptsOfEarlierServicesGetTheirAnswers) {
  folder.write("result.json", sick_result());
  start();
  const Answer analysis = client->post_form("/analyze", "sick");
  EXPECT_EQ(analysis.status, 200);
  const json score = analysis.json();
  EXPECT_EQ(score["series_uid"], "1.2.3");
  EXPECT_EQ(score["score"], 0.876543) << "six decimals";
  EXPECT_EQ(score["label"], "pathology");
  EXPECT_EQ(score["routed_to_3d"], false);
  EXPECT_EQ(client->get(score["report_path"]).body, "XLSX");

  const Answer prediction = client->post_form("/predict", "sick");
  EXPECT_EQ(prediction.status, 200);
  const json first = prediction.json()["results"][0];
  EXPECT_EQ(first["study_uid"], json{"1.2"});
  EXPECT_EQ(first["series_uid"], json{"1.2.3"});
  EXPECT_EQ(first["status"], "Патология");
  EXPECT_EQ(first["patology_custom"], (json::array({{{"Плевральный выпот", 0.875}}})));
  EXPECT_EQ(first["time"], 1.5);
}

}  // namespace
}  // namespace thorax::serve

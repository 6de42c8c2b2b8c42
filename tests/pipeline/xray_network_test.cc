// Radiographs through a network whose answer is known: it looks at one spot only.
#include "pipeline/xray_network.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "intake/child_main.h"
#include "intake/phantom_xray.h"
#include "pipeline/drawn_model.h"
#include "pipeline/study.h"
#include "report/html.h"
#include "report/sentences.h"
#include "support/code_of.h"
#include "support/drawn_studies.h"
#include "support/temporary_folder.h"

namespace thorax::pipeline {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using namespace testing_support;

constexpr int kSide = 40, kTop = 24, kLeft = 4, kSpot = 8;

/// [N, 3, 40, 40] -> (0, 3 + 10 * mean over the spot): bright there is pathology.
class SpotRunner : public engine::Runner {
 public:
  SpotRunner() {
    description_.engine = "torch";
    const weights::TensorInfo picture{"input", weights::DType::f32, {-1, 3, kSide, kSide}};
    description_.functions = {{"run", {picture}, {{"logits", weights::DType::f32, {-1, 2}}}},
                              {"look", {picture}, {{"embedding", weights::DType::f32, {-1, 1}}}}};
  }
  const engine::Description& describe() const override { return description_; }

 private:
  std::vector<engine::Tensor> compute(const std::vector<engine::Tensor>& inputs,
                                      const engine::FunctionInfo& function) override {
    if (function.name == "look") return {weights::make_tensor({inputs[0].shape[0], 1}, {4})};
    const std::vector<float> values = inputs[0].to_float();
    std::vector<float> out;
    for (std::int64_t i = 0; i < inputs[0].shape[0]; ++i) {
      float sum = 0;
      for (int y = kTop; y < kTop + kSpot; ++y)
        for (int x = kLeft; x < kLeft + kSpot; ++x)
          sum += values[static_cast<std::size_t>((i * 3 * kSide + y) * kSide + x)];
      out.insert(out.end(), {0, 3 + 10 * sum / (kSpot * kSpot)});
    }
    return {weights::make_tensor({inputs[0].shape[0], 2}, out)};
  }

  engine::Description description_;
};

XrayNetwork spot_network(nlohmann::json extra = nlohmann::json::object(),
                         std::optional<ModelNovelty> novelty = {}) {
  LearnedModel network = drawn_model("xray-classification", std::make_unique<SpotRunner>());
  network.manifest.labels = {"NORMAL", "PNEUMONIA"};
  network.manifest.json.update(extra);
  auto model = findings::picture_model("drawn", network.manifest.labels, network.manifest.json);
  return {std::move(network), std::move(*model), std::move(novelty)};
}

/// The spot's network shows 4 for every picture; its root is 2 deviations from this cloud's 0.
ModelNovelty seen_before(double limit) {
  ModelNovelty novelty;
  novelty.cloud = {{0}, {1}};
  novelty.limit = limit;
  novelty.false_alarm_rate = 0.05;
  return novelty;
}

/// Black but for the spot, in a picture of twice the network's size.
volume::Image spot_picture() {
  volume::Image image;
  image.height = image.width = 2 * kSide;
  image.pixels.assign(static_cast<std::size_t>(image.height * image.width), 0);
  for (int y = 2 * kTop; y < 2 * (kTop + kSpot); ++y)
    for (int x = 2 * kLeft; x < 2 * (kLeft + kSpot); ++x)
      image.pixels[static_cast<std::size_t>(y * image.width + x)] = 255;
  return image;
}

TEST(Occlusion, HidingTheHotPlaceLowersTheAnswerMoreThanHidingElsewhere) {
  const XrayNetwork network = spot_network();
  const XrayAnswer answer = network.judge(spot_picture(), false, true, {});
  ASSERT_TRUE(answer.heat.has_value());
  const OcclusionMap& heat = *answer.heat;
  const auto top = std::ranges::max_element(heat.drop) - heat.drop.begin();
  const int row = static_cast<int>(top) / kSide, column = static_cast<int>(top) % kSide;
  EXPECT_NEAR(row, kTop + kSpot / 2, kSpot / 2);
  EXPECT_NEAR(column, kLeft + kSpot / 2, kSpot / 2);
  // A whole square covers the spot: it falls from white to the picture's mean.
  EXPECT_GT(heat.at(row, column), 2);
  EXPECT_NEAR(heat.at(4, 30), 0, 1e-6) << "the network does not look there";
}

TEST(Occlusion, HiddenPartsShowALevelOfTheirChannel) {
  prepare::NetworkInput input = prepare::make_input({1, 2, 2, 2});
  std::copy_n(std::vector<float>{1, 2, 3, 6, 10, 40, 30, 20}.data(), 8, input.values.get());
  EXPECT_THAT(levels_at(input, 0), testing::ElementsAre(1, 10));
  EXPECT_THAT(levels_at(input, 0.4), testing::ElementsAre(2, 20)) << "one of three is below it";
  EXPECT_THAT(levels_at(input, 1), testing::ElementsAre(6, 40));
  const prepare::NetworkInput hidden = hide(input, 0, 1, 2, 1, {7, 8});
  EXPECT_THAT(std::vector<float>(hidden.values.get(), hidden.values.get() + 8),
              testing::ElementsAre(1, 7, 3, 7, 10, 8, 30, 8));
  EXPECT_EQ(input.values[1], 2) << "the original stays";
}

TEST(Occlusion, EveryPixelIsHiddenByASquareAndAllAreAsked) {
  const prepare::NetworkInput input = prepare::make_input({1, 1, 30, 17});
  std::fill_n(input.values.get(), input.count(), 0.0F);
  std::size_t asked = 0;
  OcclusionOptions options;
  options.parts = 4;
  options.share = 0.5;
  options.batch = 3;
  const OcclusionMap map = occlusion_map(
      input, 1,
      [&](const std::vector<prepare::NetworkInput>& inputs) {
        EXPECT_LE(inputs.size(), 3u);
        asked += inputs.size();
        return std::vector<double>(inputs.size(), 0.25);
      },
      options);
  EXPECT_EQ(asked, 32u) << "dark and bright";
  for (const double drop : map.drop) EXPECT_NEAR(drop, 0.75, 1e-12);
}

class XrayAnalysis : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    intake::set_child_executable(THORAX_BINARY);
    intake::PhantomXrayOptions detector;
    detector.columns = 256;
    xray = intake::encode_xray_dicom(
        intake::project_xray(painted(small_chest()), small_chest(), detector));
  }

  StudyAnalysis analyse(XrayNetwork network, const Options& options = {}) {
    folder.write("xray.dcm", xray);
    intake::Source source = intake::Source::open(folder / "xray.dcm", options.intake);
    Models models;
    models.xray = std::move(network);
    StageClock clock;
    return analyse_study(source, source.studies().at(0), models, options, clock);
  }

  inline static std::string xray;
  TemporaryFolder folder;
};

TEST_F(XrayAnalysis, WithoutANetworkOnlyTheQualityIsJudged) {
  const report::StudyResult result = analyse({}).result;
  ASSERT_TRUE(result.failure.has_value());
  EXPECT_EQ(result.failure->code, "no_xray_model"_code);
  EXPECT_EQ(result.trust, report::Trust::good);
}

TEST_F(XrayAnalysis, GivesAVerdictAPlaceAndAPicture) {
  const StudyAnalysis analysis = analyse(
      spot_network({{"names", {{"PNEUMONIA", {{"en", "Pneumonia"}, {"ru", "Пневмония"}}}}}}));
  const report::StudyResult& result = analysis.result;
  ASSERT_TRUE(result.ok()) << result.failure->what(Language::en);
  ASSERT_TRUE(result.decision.has_value());
  ASSERT_THAT(result.decision->findings, SizeIs(1));
  EXPECT_EQ(result.provenance.models.at(0).name, "drawn");
  ASSERT_THAT(result.networks, SizeIs(1));
  EXPECT_TRUE(result.networks[0].decides);
  EXPECT_DOUBLE_EQ(*result.networks[0].probability, result.decision->verdict.probability);
  EXPECT_FALSE(result.decision->verdict.calibrated);
  ASSERT_TRUE(analysis.heat.has_value());
  const auto pictures =
      report::draw_xray_pictures(analysis.radiograph->image, "PA", {}, analysis.heat);
  ASSERT_THAT(pictures, SizeIs(1));
  EXPECT_EQ(pictures[0].overlay_png.empty(),
            *std::ranges::max_element(analysis.heat->values) < report::kFaintHeat);
  EXPECT_THAT(report::report_text(result, Language::ru),
              HasSubstr("Пневмония: по тепловой карте, "));
}

TEST_F(XrayAnalysis, TheEmbeddingOfWhatWasReadIsKeptWithLengthOne) {
  const StudyAnalysis analysis = analyse(spot_network());
  ASSERT_TRUE(analysis.embedding.has_value());
  EXPECT_EQ(analysis.embedding->model, "drawn");
  EXPECT_EQ(analysis.embedding->values, std::vector<float>{1}) << "4, and its length is 4";
  EXPECT_FALSE(analyse({}).embedding.has_value());
}

TEST_F(XrayAnalysis, HeatMapsCanBeLeftOut) {
  Options options;
  options.models.heat_map = false;
  EXPECT_FALSE(analyse(spot_network(), options).heat.has_value());
}

TEST_F(XrayAnalysis, TheMissRateIsTheUsers) {
  const std::vector<double> scores{0, 0, 0, 0, 0, 0, 0, 0, 0.999999};
  const nlohmann::json calibration{
      {"calibration",
       {{"temperature", 1}, {"conformal", {{"NORMAL", scores}, {"PNEUMONIA", scores}}}}}};
  Options options;
  options.verdict.miss_rate = 0.05;  // nine cases cannot promise that
  const report::StudyResult careful = analyse(spot_network(calibration), options).result;
  EXPECT_EQ(careful.decision->verdict.kind, findings::VerdictKind::uncertain);
  EXPECT_THAT(report::report_text(careful, Language::en),
              HasSubstr("At a miss rate of at most 5.0\u00A0% these cannot be ruled out: NORMAL, "
                        "PNEUMONIA"));
  EXPECT_THAT(report::html_page(careful), HasSubstr("Cannot be ruled out"));
}

TEST_F(XrayAnalysis, AnAnswerOnAnUnknownKindOfPictureDoesNotCount) {
  const report::StudyResult known =
      analyse(spot_network(nlohmann::json::object(), seen_before(2))).result;
  EXPECT_TRUE(known.decision->verdict.in_scope);
  EXPECT_EQ(known.trust, report::Trust::good);
  EXPECT_DOUBLE_EQ(known.networks.at(0).novelty->distance, 2);

  const report::StudyResult unlike =
      analyse(spot_network(nlohmann::json::object(), seen_before(1.9))).result;
  EXPECT_EQ(unlike.decision->verdict.kind, findings::VerdictKind::uncertain);
  EXPECT_FALSE(unlike.decision->verdict.in_scope);
  EXPECT_FALSE(unlike.networks.at(0).decides);
  EXPECT_EQ(unlike.trust, report::Trust::usable);
  ASSERT_THAT(unlike.trust_reasons, SizeIs(1));
  EXPECT_EQ(unlike.trust_reasons[0].code, "outside_training"_code);
  EXPECT_EQ(unlike.trust_reasons[0].args.at("limit"), "1.90");
  EXPECT_THAT(report::report_text(unlike, Language::en), HasSubstr("its answer does not count"));
  EXPECT_THAT(report::html_page(unlike), HasSubstr("The network does not know such pictures."));
}

TEST_F(XrayAnalysis, AnAnswerOnAPatientOfAnotherAgeDoesNotCount) {
  const auto made_for = [](int from, int to) {
    return spot_network({{"population", {{"age_years", {{"from", from}, {"to", to}}}}}});
  };
  const StudyAnalysis analysis = analyse(made_for(1, 5));  // the phantom is 60
  EXPECT_FALSE(analysis.heat.has_value());
  const report::StudyResult& child = analysis.result;
  EXPECT_EQ(child.decision->verdict.kind, findings::VerdictKind::uncertain);
  ASSERT_THAT(child.trust_reasons, SizeIs(1));
  EXPECT_EQ(child.trust_reasons[0].code, "outside_population"_code);
  EXPECT_THAT(report::report_text(child, Language::ru), HasSubstr("её ответ не учитывается"));
  const report::StudyResult adult = analyse(made_for(18, 90)).result;
  EXPECT_TRUE(adult.decision->verdict.in_scope);
  EXPECT_EQ(adult.trust, report::Trust::good);
}

class XrayChoice : public testing::Test {
 protected:
  void install(const std::string& name, const std::string& task, const std::string& labels) {
    folder.write(name + "/model.json",
                 R"({"schema":1,"kind":"network","name":")" + name + R"(","version":"1","task":")" +
                     task + R"(","licence":"CC0","network":"resnet","config":{},"weights":"w",)" +
                     R"("files":[{"name":"w","sha256":"","bytes":0}],"labels":)" + labels + "}");
  }
  XrayNetwork choose(const std::string& xray) {
    ModelOptions options;
    options.folder = folder.path().string();
    options.xray = xray;
    return XrayNetwork::choose(options);
  }

  TemporaryFolder folder;
};

TEST_F(XrayChoice, TakesTheFirstThatKnowsWhatIsNormal) {
  install("a-cats", "xray-classification", R"(["cat","dog"])");
  install("b-ct", "ct-findings", R"(["NORMAL","PNEUMONIA"])");
  install("c-lungs", "xray-classification", R"(["PNEUMONIA","NORMAL"])");
  const XrayNetwork chosen = choose("auto");
  ASSERT_FALSE(chosen.empty());
  EXPECT_EQ(chosen.provenance().name, "c-lungs");
  EXPECT_EQ(chosen.model().normal, 1u);
  EXPECT_TRUE(choose("none").empty());
  EXPECT_EQ(choose("c-lungs").provenance().name, "c-lungs");
}

TEST_F(XrayChoice, RefusesANamedOneThatDoesNotServe) {
  install("a-cats", "xray-classification", R"(["cat","dog"])");
  const auto code = [&](const std::string& name) { return code_of([&] { choose(name); }); };
  EXPECT_EQ(code("a-cats"), "bad_model"_code);
  EXPECT_EQ(code("absent"), "no_models"_code);
}

}  // namespace
}  // namespace thorax::pipeline

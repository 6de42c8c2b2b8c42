// The commands on learned models, as a user runs them, with a tiny vision transformer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/run_thorax.h"
#include "intake/phantom_xray.h"
#include "support/drawn_pictures.h"
#include "support/drawn_studies.h"
#include "support/temporary_folder.h"
#include "weights/safetensors.h"

namespace thorax {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using weights::make_tensor;
using namespace testing_support;

constexpr std::int64_t kHidden = 4, kPatch = 4, kTokens = 5;

weights::Tensor filled(const std::vector<std::int64_t>& shape, float value) {
  std::int64_t count = 1;
  for (const std::int64_t side : shape) count *= side;
  return make_tensor(shape, std::vector<float>(static_cast<std::size_t>(count), value));
}

weights::Tensor identity() {
  std::vector<float> values(kHidden * kHidden, 0);
  for (std::size_t i = 0; i < kHidden; ++i) values[i * kHidden + i] = 1;
  return make_tensor({kHidden, kHidden}, values);
}

void add_linear(weights::StateDict& dict, const std::string& key, weights::Tensor weight) {
  const std::int64_t out = weight.shape[0];
  dict.emplace(key + ".weight", std::move(weight));
  dict.emplace(key + ".bias", filled({out}, 0));
}

/// 8 x 8 pixels, patches of 4: the first of four values of a token is the patch's mean, attention
/// spreads it to the class token, and the layer norms keep its sign alone. So the embedding is
/// (1.732, -0.577, -0.577, -0.577) for a bright picture, the opposite for a dark one.
weights::StateDict tiny_vit() {
  weights::StateDict dict;
  std::vector<float> projection(kHidden * 3 * kPatch * kPatch, 0);
  std::fill_n(projection.begin(), 3 * kPatch * kPatch, 1.0F);
  add_linear(dict, "vit.embeddings.patch_embeddings.projection",
             make_tensor({kHidden, 3, kPatch, kPatch}, projection));
  dict.emplace("vit.embeddings.cls_token", filled({1, 1, kHidden}, 0));
  dict.emplace("vit.embeddings.position_embeddings", filled({1, kTokens, kHidden}, 0));
  const std::string layer = "vit.encoder.layer.0.";
  add_linear(dict, layer + "attention.attention.query", filled({kHidden, kHidden}, 0));
  add_linear(dict, layer + "attention.attention.key", filled({kHidden, kHidden}, 0));
  add_linear(dict, layer + "attention.attention.value", identity());
  add_linear(dict, layer + "attention.output.dense", identity());
  add_linear(dict, layer + "intermediate.dense", filled({8, kHidden}, 0));
  add_linear(dict, layer + "output.dense", filled({kHidden, 8}, 0));
  for (const std::string& norm :
       {layer + "layernorm_before", layer + "layernorm_after", std::string("vit.layernorm")})
    add_linear(dict, norm, filled({kHidden}, 1));
  add_linear(dict, "classifier", make_tensor({2, kHidden}, {-1, 0, 0, 0, 1, 0, 0, 0}));
  return dict;
}

class LearnedCommands : public testing::Test {
 protected:
  LearnedCommands() {
    weights::write_safetensors(folder / "vit.safetensors", tiny_vit());
    const Ended run = call({"model", "import", "tone", (folder / "vit.safetensors").string(),
                            "--licence", "CC0-1.0", "--labels", "dark,bright"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    draw_picture(folder / "in/a.png", 230);
    draw_picture(folder / "in/b.png", 20);
    draw_picture(folder / "in/c.png", 250);
  }
  Ended call(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--models", models()});
    return run_thorax(arguments);
  }
  std::string models() const { return (folder / "models").string(); }
  std::string in() const { return (folder / "in").string(); }
  std::string picture(const std::string& name) const { return (folder / "in" / name).string(); }
  std::string index() const { return (folder / "index.safetensors").string(); }

  static std::vector<nlohmann::json> lines(const std::string& text) {
    std::vector<nlohmann::json> out;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) out.push_back(nlohmann::json::parse(line));
    return out;
  }

  TemporaryFolder folder;
};

TEST_F(LearnedCommands, InferPrintsOneObjectAPicture) {
  folder.write("in/b2.png", "\x89PNG\r\n\x1a\n and no more");
  const Ended run = call({"infer", in(), "--model", "tone", "--mode", "pytorch", "--json"});
  EXPECT_EQ(run.exit_code, 10) << "one of four failed";
  EXPECT_THAT(run.err, AllOf(HasSubstr("b2.png"), HasSubstr("PICTURE_BROKEN")));
  const auto answers = lines(run.out);
  ASSERT_EQ(answers.size(), 3u);
  // Logits -1.7320, 1.7320: 1 / (1 + exp(-3.4641)) = 0.9696.
  EXPECT_EQ(answers[0], (nlohmann::json{{"filename", "a.png"},
                                        {"mode", "pytorch"},
                                        {"prediction", "bright"},
                                        {"confidence", "0.9696"}}));
  EXPECT_EQ(answers[1]["prediction"], "dark");
  EXPECT_EQ(answers[2]["filename"], "c.png");
}

TEST_F(LearnedCommands, InferNamesTheEngineAndRefusesUnknownOnes) {
  const Ended run = call({"infer", picture("a.png"), "--model", "tone"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(lines(run.out).at(0)["mode"], "torch");
  EXPECT_EQ(call({"infer", picture("a.png"), "--model", "tone", "--mode", "tensorrt"}).exit_code,
            64);
  EXPECT_EQ(
      call({"infer", picture("a.png"), "--model", "tone", "--mode", "onnx", "--engine", "torch"})
          .exit_code,
      64);
  EXPECT_EQ(call({"infer", picture("a.png"), "--model", "absent"}).exit_code, 72);
  EXPECT_EQ(call({"infer", picture("absent.png"), "--model", "tone"}).exit_code, 66);
}

TEST_F(LearnedCommands, InferWritesATableThatIsEvaluated) {
  draw_picture(folder / "all/bright/p1_1.png", 230);
  draw_picture(folder / "all/bright/p1_2.png", 20);
  draw_picture(folder / "all/dark/p2_1.png", 10);
  folder.write("all/dark/broken.png", "\x89PNG\r\n\x1a\n and no more");
  const std::string table = (folder / "answers.csv").string();
  const std::vector<std::string> asked{
      "infer",   (folder / "all").string(), "--model", "tone", "--table", table, "--patient",
      "(p[0-9])"};
  const Ended run = call(asked);
  EXPECT_EQ(run.exit_code, 10) << "one of four failed";
  EXPECT_THAT(run.err, HasSubstr(table + ": 3 rows\n"));
  const Ended judged = run_thorax({"evaluate", table, "--json", "--resamples", "10"});
  ASSERT_EQ(judged.exit_code, 0) << judged.err;
  const auto metrics = nlohmann::json::parse(judged.out)["metrics"];
  EXPECT_EQ(metrics["cases"], 3);
  EXPECT_EQ(metrics["patients"], 2);
  EXPECT_NEAR(metrics["accuracy"]["value"].get<double>(), 2.0 / 3, 1e-9);

  folder.write("labels.csv",
               "path,class,patient_id\nbright/p1_1.png,bright,a\ndark/p2_1.png,grey,b\n");
  std::vector<std::string> listed = asked;
  listed.insert(listed.end(), {"--labels", (folder / "labels.csv").string()});
  EXPECT_THAT(call(listed).err,
              HasSubstr("2 rows, not listed among the labels: 1, of no class of the model: 1"));
  EXPECT_EQ(run_thorax({"evaluate", table}).exit_code, 64) << "a row without a class";

  EXPECT_EQ(call({"infer", picture("a.png"), "--model", "tone", "--labels", "x.csv"}).exit_code, 64)
      << "no table to write them to";
  const Ended nowhere =
      call({"infer", in(), "--model", "tone", "--table", (folder / "absent/a.csv").string()});
  EXPECT_THAT(nowhere.err, HasSubstr("CANNOT_WRITE"));
  EXPECT_EQ(nowhere.out, "") << "said before the answers";
  const Ended wrong = call({"infer", in(), "--model", "tone", "--table", table, "--patient", "("});
  EXPECT_EQ(wrong.exit_code, 64);
  EXPECT_THAT(wrong.err, HasSubstr("--patient"));
}

TEST_F(LearnedCommands, EmbedWritesAnIndexThatIsSearched) {
  const Ended made = call({"embed", in(), "--model", "tone", "--no-gate", "--out", index()});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("3 × 4"));
  const auto file = weights::read_safetensors(index());
  EXPECT_EQ(file.metadata.at("normalised"), "true");
  EXPECT_EQ(file.metadata.at("model"), "tone");
  EXPECT_EQ(nlohmann::json::parse(file.metadata.at("ids")),
            (nlohmann::json{picture("a.png"), picture("b.png"), picture("c.png")}));
  const std::vector<float> rows = file.tensors.at("embeddings").to_float();
  EXPECT_NEAR(rows[0], 0.8660, 1e-4);
  EXPECT_NEAR(rows[4], -0.8660, 1e-4);

  // The queries' file stands where no picture of that name does, so the ids are the index's.
  fs::rename(folder / "in", folder / "moved");
  const Ended by_id = call({"similar", index(), picture("a.png"), "--json"});
  EXPECT_EQ(by_id.exit_code, 0) << by_id.err;
  const auto answer = lines(by_id.out).at(0);
  ASSERT_EQ(answer["nearest"].size(), 2u) << "not itself";
  EXPECT_EQ(answer["nearest"][0]["id"], picture("c.png"));
  EXPECT_NEAR(answer["nearest"][0]["similarity"].get<double>(), 1, 1e-6);
  EXPECT_NEAR(answer["nearest"][1]["similarity"].get<double>(), -1, 1e-6);

  const Ended by_file = call({"similar", index(), index(), "-k", "1"});
  EXPECT_THAT(by_file.out, AllOf(HasSubstr(picture("b.png")), HasSubstr("    1  1.0000")));
  EXPECT_EQ(call({"similar", index()}).exit_code, 64);
}

TEST_F(LearnedCommands, AQueryIsEmbeddedWithTheModelOfTheIndex) {
  ASSERT_EQ(call({"embed", in(), "--model", "tone", "--no-gate", "--out", index()}).exit_code, 0);
  const Ended refused = call({"similar", index(), picture("b.png")});
  EXPECT_EQ(refused.exit_code, 65) << "a blank picture is no chest";
  const Ended run = call({"similar", index(), picture("b.png"), "--no-gate", "--json"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto answer = lines(run.out).at(0);
  EXPECT_EQ(answer["query"], picture("b.png"));
  EXPECT_EQ(answer["nearest"][0]["id"], picture("b.png"));
  EXPECT_EQ(answer["nearest"].size(), 3u);
}

TEST_F(LearnedCommands, NothingIsWrittenWhenNoCaseIsLeft) {
  const Ended run = call({"embed", in(), "--model", "tone", "--out", index()});
  EXPECT_EQ(run.exit_code, 11) << "blank pictures are no chests";
  EXPECT_THAT(run.out, IsEmpty());
  EXPECT_FALSE(fs::exists(index()));
}

TEST_F(LearnedCommands, AnIndexOfAnotherModelIsRefused) {
  const Ended made = call({"embed", in(), "--model", "tone", "--no-gate", "--out", index()});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  auto file = weights::read_safetensors(index());
  file.metadata["model_sha256"] = "another";
  const std::string other = (folder / "other.safetensors").string();
  weights::write_safetensors(other, file.tensors, file.metadata);
  const Ended run = call({"similar", index(), other});
  EXPECT_EQ(run.exit_code, 65);
  EXPECT_THAT(run.err, HasSubstr("BAD_INDEX"));
}

TEST_F(LearnedCommands, TheServicesWorkerSaysTheEmbeddingThatEmbedWrites) {
  const std::string film = (folder / "film.dcm").string();
  intake::PhantomXrayOptions detector;
  detector.columns = 256;
  folder.write("film.dcm", intake::encode_xray_dicom(intake::project_xray(
                               painted(small_chest()), small_chest(), detector)));
  weights::write_safetensors(folder / "vit.safetensors", tiny_vit());
  ASSERT_EQ(call({"model", "import", "judge", (folder / "vit.safetensors").string(), "--licence",
                  "CC0-1.0", "--labels", "NORMAL,PNEUMONIA", "--manifest", "normal=\"NORMAL\""})
                .exit_code,
            0);
  ASSERT_EQ(call({"embed", film, "--model", "judge", "--out", index()}).exit_code, 0);
  const Ended run =
      run_thorax({"work", "--file", film, "--name", "film.dcm", "--out", (folder / "work").string(),
                  "models.folder=" + models(), "models.xray=judge"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  nlohmann::json said;
  for (const nlohmann::json& line : lines(run.out))
    if (line.contains("study")) said = line;
  ASSERT_TRUE(said.contains("embedding")) << run.out;
  EXPECT_EQ(said["embedding"]["model"], "judge");
  const weights::Safetensors written = weights::read_safetensors(index());
  EXPECT_EQ(said["embedding"]["model_sha256"], written.metadata.at("model_sha256"));
  EXPECT_EQ(said["embedding"]["values"].get<std::vector<float>>(),
            written.tensors.at("embeddings").to_float());
}

}  // namespace
}  // namespace thorax

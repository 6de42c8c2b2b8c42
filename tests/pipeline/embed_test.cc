#include "pipeline/embed.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/parallel.h"
#include "intake/child_main.h"
#include "pipeline/drawn_model.h"
#include "support/code_of.h"
#include "support/drawn_pictures.h"
#include "support/drawn_studies.h"
#include "support/temporary_folder.h"
#include "weights/safetensors.h"

namespace thorax::pipeline {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::FloatNear;
using namespace testing_support;

std::vector<float> row_of(float mean) {
  return {3 + mean, 4, 0};
}

LearnedModel volumes() {
  return drawn_model("ct-embedding",
                     std::make_unique<MeanRunner>(std::vector<std::int64_t>{-1, 1, 8, 16, 12},
                                                  "embedding", row_of));
}
LearnedModel pictures() {
  return drawn_model(
      "xray-embedding",
      std::make_unique<MeanRunner>(std::vector<std::int64_t>{-1, 3, 4, 4}, "embedding", row_of));
}

std::vector<std::string> codes(const EmbeddingIndex& index) {
  std::vector<std::string> out;
  for (const LostCase& one : index.lost) out.push_back(one.reason.id());
  return out;
}

class EmbedTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { intake::set_child_executable(THORAX_BINARY); }

  EmbeddingIndex embed(const LearnedModel& model, const EmbedOptions& wanted = {}) {
    return embed_cases(expand_inputs({folder.path()}), model, wanted, Options{});
  }

  TemporaryFolder folder;
};

TEST_F(EmbedTest, EveryCtThatCanBeReadHasARow) {
  draw_series(folder / "a.zip", small_chest());
  folder.write("b.zip", "no zip");
  draw_nifti(folder / "c.nii.gz", small_chest());
  const EmbeddingIndex index = embed(volumes());
  ASSERT_EQ(index.ids.size(), 2u);
  EXPECT_THAT(index.ids[0], testing::StartsWith("2.25.")) << "the StudyInstanceUID";
  EXPECT_EQ(index.ids[1], (folder / "c.nii.gz").string()) << "NIfTI has no UID";
  ASSERT_EQ(index.width, 3u);
  for (std::size_t i = 0; i < 2; ++i) {
    double squares = 0;
    for (const float value : index.row(i)) squares += static_cast<double>(value * value);
    EXPECT_NEAR(squares, 1, 1e-6);
  }
  ASSERT_EQ(index.lost.size(), 1u);
  EXPECT_EQ(index.lost[0].id, (folder / "b.zip").string());
}

TEST_F(EmbedTest, OnlyChestsPassTheGate) {
  draw_picture(folder / "blank.png", 200, 512);
  const EmbeddingIndex gated = embed(pictures());
  EXPECT_TRUE(gated.ids.empty());
  EXPECT_EQ(gated.lost.size(), 1u);
  const EmbeddingIndex open = embed(pictures(), {.normalise = false, .gate = Gate::off});
  EXPECT_THAT(open.ids, ElementsAre((folder / "blank.png").string()));
  // 200 / 255 -> (0.7843 - 0.5) / 0.5
  EXPECT_THAT(std::vector<float>(open.values.begin(), open.values.end()),
              ElementsAre(FloatNear(3.56863F, 1e-5F), FloatEq(4), FloatEq(0)));
  EXPECT_FALSE(open.normalised);
}

TEST_F(EmbedTest, ARadiographIsTheSameAsDicomAndAsAPicture) {
  intake::PhantomXrayOptions xray;
  xray.columns = 512;
  const volume::Image image = intake::project_xray(painted(small_chest()), small_chest(), xray);
  folder.write("a.dcm", intake::encode_xray_dicom(image));
  const TemporaryFolder other;
  other.write("a.png", intake::encode_xray_png(image));
  const EmbeddingIndex dicom = embed(pictures());
  const EmbeddingIndex picture =
      embed_cases(expand_inputs({other.path()}), pictures(), {}, Options{});
  EXPECT_THAT(dicom.ids, ElementsAre((folder / "a.dcm").string()));
  ASSERT_EQ(picture.ids.size(), 1u);
  // DICOM's values are stretched to the levels of the picture; this one spans nearly all of them.
  EXPECT_NEAR(dicom.row(0)[0], picture.row(0)[0], 0.01);
}

TEST_F(EmbedTest, StudiesOfTheOtherKindAreLost) {
  draw_picture(folder / "xray.png", 200, 512);
  EXPECT_THAT(codes(embed(volumes())), ElementsAre("RADIOGRAPH_GIVEN_AS_CT"));
  const TemporaryFolder other;
  draw_nifti(other / "ct.nii.gz", small_chest());
  const EmbeddingIndex index =
      embed_cases(expand_inputs({other.path()}), pictures(), {}, Options{});
  EXPECT_THAT(codes(index), ElementsAre("CT_GIVEN_AS_RADIOGRAPH"));
}

TEST_F(EmbedTest, ARowWithoutLengthIsNoRow) {
  draw_picture(folder / "a.png", 0);
  const EmbeddingIndex index = embed(
      drawn_model("xray-embedding",
                  std::make_unique<MeanRunner>(std::vector<std::int64_t>{-1, 3, 4, 4}, "embedding",
                                               [](float) {
                                                 return std::vector<float>{0, 0};
                                               })),
      {.gate = Gate::off});
  EXPECT_TRUE(index.ids.empty());
  EXPECT_THAT(codes(index), ElementsAre("NO_NUMBERS"));
}

TEST_F(EmbedTest, ModelsWithoutAnEmbeddingAreRefused) {
  EXPECT_THROW(embed(drawn_model("xray-classification",
                                 std::make_unique<MeanRunner>(
                                     std::vector<std::int64_t>{-1, 3, 4, 4}, "logits", row_of))),
               Error);
}

EmbeddingIndex index_of(std::vector<std::string> ids, const std::vector<float>& values,
                        bool normalised) {
  const auto kept = std::make_shared<std::vector<float>>(values);
  EmbeddingIndex index;
  index.width = values.size() / ids.size();
  index.ids = std::move(ids);
  index.values = *kept;
  index.owner = kept;
  index.normalised = normalised;
  index.model = "drawn";
  index.model_sha256 = "00";
  return index;
}

TEST(EmbeddingIndex, IsReadAsWritten) {
  const TemporaryFolder folder;
  EmbeddingIndex index = index_of({"1.2.3", "снимок.png"}, {1, 0, 0.6F, 0.8F}, true);
  index.lost = {{"bad.zip", {"no_such_input"_code, {}}}};
  write_index(folder / "index.safetensors", index);
  const EmbeddingIndex read = read_index(folder / "index.safetensors");
  EXPECT_EQ(read.ids, index.ids);
  EXPECT_EQ(read.width, 2u);
  EXPECT_THAT(std::vector<float>(read.values.begin(), read.values.end()),
              ElementsAre(1, 0, 0.6F, 0.8F));
  EXPECT_TRUE(read.normalised);
  EXPECT_EQ(read.model, "drawn");
  const auto file = weights::read_safetensors(folder / "index.safetensors");
  EXPECT_EQ(file.metadata.at("lost"), R"([{"code":"NO_SUCH_INPUT","id":"bad.zip"}])");
}

TEST(EmbeddingIndex, OtherTensorsAreRefused) {
  const TemporaryFolder folder;
  const auto refused = [&](const weights::StateDict& tensors, const std::string& ids) {
    weights::write_safetensors(folder / "x.safetensors", tensors, {{"ids", ids}});
    return code_of([&] { read_index(folder / "x.safetensors"); }) == "bad_index"_code;
  };
  const auto rows = weights::make_tensor({1, 2}, {1, 0});
  EXPECT_TRUE(refused({{"weights", rows}}, R"(["a"])"));
  EXPECT_TRUE(refused({{"embeddings", weights::make_tensor({2}, {1, 0})}}, R"(["a","b"])"));
  EXPECT_TRUE(refused({{"embeddings", rows}}, R"(["a","b"])"));
  EXPECT_TRUE(refused({{"embeddings", rows}}, R"([1])"));
  EXPECT_TRUE(refused({{"embeddings", rows}}, "no json"));
  EXPECT_FALSE(refused({{"embeddings", rows}}, R"(["a"])"));
}

TEST(Nearest, RanksByCosineWithTiesInOrder) {
  const EmbeddingIndex index =
      index_of({"a", "b", "c", "zero", "e"}, {0, 2, 3, 4, 0, 7, 0, 0, -1, 0}, false);
  const auto found = nearest(index, {{0, 1}, {1, 0}}, 4);
  ASSERT_EQ(found.size(), 2u);
  std::vector<std::string> ids;
  for (const Neighbour& one : found[0]) ids.push_back(index.ids[one.row]);
  EXPECT_THAT(ids, ElementsAre("a", "c", "b", "e")) << "a row without a direction is left out";
  EXPECT_FLOAT_EQ(found[0][2].similarity, 0.8F);
  EXPECT_FLOAT_EQ(found[1][0].similarity, 0.6F);
  EXPECT_FLOAT_EQ(found[1][3].similarity, -1);
}

TEST(Nearest, IsTheSameForAnyNumberOfThreads) {
  constexpr std::size_t kRows = 9000, kWidth = 19;
  std::vector<std::string> ids;
  std::vector<float> values;
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < kRows; ++i) {
    ids.push_back(std::to_string(i));
    for (std::size_t k = 0; k < kWidth; ++k) {
      state = state * 1664525u + 1013904223u;
      values.push_back(static_cast<float>(state >> 20) / 4096 - 0.5F);
    }
  }
  const EmbeddingIndex index = index_of(std::move(ids), values, false);
  std::vector<float> query(index.row(4711).begin(), index.row(4711).end());
  ASSERT_TRUE(normalise(query));
  set_thread_count(1);
  const auto one = nearest(index, {query}, 30);
  set_thread_count(4);
  const auto four = nearest(index, {query}, 30);
  set_thread_count(0);
  ASSERT_EQ(one[0].size(), 30u);
  EXPECT_EQ(one[0][0].row, 4711u);
  EXPECT_NEAR(one[0][0].similarity, 1, 1e-6);
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(one[0][i].row, four[0][i].row);
    EXPECT_EQ(one[0][i].similarity, four[0][i].similarity);
  }
}

}  // namespace
}  // namespace thorax::pipeline

#include "pipeline/model_novelty.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "support/temporary_folder.h"

namespace thorax::pipeline {
namespace {

using thorax::testing_support::TemporaryFolder;

ModelNovelty drawn() {
  ModelNovelty novelty;
  novelty.cloud = {{1, 2}, {2, 0, 1}};
  novelty.limit = 1.5;
  novelty.false_alarm_rate = 0.05;
  return novelty;
}

TEST(ModelNovelty, ComesBackFromItsFolder) {
  const TemporaryFolder folder;
  weights::Manifest manifest;
  manifest.json = nlohmann::json::object();
  EXPECT_FALSE(ModelNovelty::load(folder.path(), manifest));
  drawn().save(folder.path(), manifest);
  drawn().save(folder.path(), manifest);  // again: still one file
  ASSERT_EQ(manifest.files.size(), 1u);
  EXPECT_TRUE(weights::altered_files(folder.path(), manifest).empty());
  const auto found = ModelNovelty::load(folder.path(), manifest);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->cloud.mean, drawn().cloud.mean);
  EXPECT_EQ(found->cloud.factor, drawn().cloud.factor);
  const std::vector<float> features{9, 4};  // roots 3 and 2: 1 deviation and 0
  const findings::Novelty novelty = found->of(features);
  EXPECT_NEAR(novelty.distance, std::sqrt(0.5), 1e-6);
  EXPECT_EQ(novelty.limit, 1.5);
  EXPECT_FALSE(novelty.outside());
  EXPECT_THROW(found->of(std::span(features).first(1)), Error);
}

TEST(ModelNovelty, OpensOnlyFilesOfTheManifest) {
  const TemporaryFolder folder;
  weights::Manifest manifest;
  manifest.json = nlohmann::json::object();
  drawn().save(folder.path(), manifest);
  manifest.json["novelty"]["file"] = "../novelty.safetensors";
  EXPECT_THROW(ModelNovelty::load(folder.path(), manifest), Error);
  manifest.json["novelty"] = 3;
  EXPECT_THROW(ModelNovelty::load(folder.path(), manifest), Error);
}

}  // namespace
}  // namespace thorax::pipeline

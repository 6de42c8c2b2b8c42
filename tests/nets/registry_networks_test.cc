// Checkpoints of every volume and text network are recognised by their keys, built, filled and run.
#include <gtest/gtest.h>

#include "base/error.h"
#include "nets/load.h"
#include "nets/registry.h"
#include "torch_golden.h"

namespace thorax::nets {
namespace {

Shapes shapes_of(const std::string& network, const std::string& config,
                 const std::string& prefix = {}) {
  Shapes shapes;
  for (const auto& entry : golden::Golden(network, config).state_dict()) {
    shapes[prefix + entry.key] = entry.shape;
  }
  return shapes;
}

// The state dict of the built network has the checkpoint's keys and shapes, renamed and dropped
// ones aside.
void expect_fits(const Network& network, const Recognised& found, Shapes shapes) {
  for (const auto& key : found.dropped) shapes.erase(key);
  Shapes expected;
  for (const auto& [key, shape] : shapes) {
    const auto renamed = found.renamed.find(key);
    expected[renamed == found.renamed.end() ? key : renamed->second] = shape;
  }
  Shapes actual;
  for (const auto& [key, tensor] : state_dict(*network.module)) actual[key] = tensor.sizes().vec();
  EXPECT_EQ(actual, expected);
}

void check(const std::string& id, const Shapes& shapes) {
  SCOPED_TRACE(id);
  const Recognised found = recognise(shapes, "file");
  EXPECT_EQ(found.network, id);
  expect_fits(make_network(found.network, found.config), found, shapes);
}

TEST(Registry, KnowsSwinUnetr) {
  check("swin_unetr", shapes_of("swin_unetr", "tiny_v1_merging_monai132"));
  check("swin_unetr", shapes_of("swin_unetr", "tiny_v2_merging_monai132"));
  check("swin_unetr", shapes_of("s4_sliding", "tiny"));
}

TEST(Registry, ASwinUnetrHasFourStages) {
  const nlohmann::json config{{"classes", 2}, {"patch_merging", "monai_1_4"}};
  for (const char* list : {"depths", "heads"}) {
    nlohmann::json wrong = config;
    wrong[list] = {1, 1, 1, 1, 1};
    EXPECT_THROW(make_network("swin_unetr", wrong), Error) << list;
  }
}

TEST(Registry, KnowsResidualNetworksOverVolumes) {
  check("resnet3d", shapes_of("r3d_18", "tiny"));
  check("resnet3d", shapes_of("monai_resnet18", "tiny"));
  check("resnet3d", shapes_of("monai_resnet18_stride2_A", "tiny"));
  check("medicalnet", shapes_of("medicalnet_resnet18_A", "tiny"));
  check("medicalnet", shapes_of("medicalnet_resnet18_B", "tiny"));
}

// Strides and poolings have no keys: what is assumed gives the numbers of the originals.
TEST(Registry, ResidualNetworksOverVolumesGiveTheirNumbers) {
  const c10::InferenceMode inference;
  for (const char* name : {"r3d_18", "monai_resnet18", "monai_resnet18_stride2_A"}) {
    SCOPED_TRACE(name);
    golden::Golden golden(name, "tiny");
    const Recognised found = recognise(shapes_of(name, "tiny"), "file");
    Network network = make_network(found.network, found.config);
    network.module->eval();
    golden::fill(*network.module);
    const auto out = network.functions[0].call({golden::input(golden.facts().at("input"))});
    golden::check(golden, "output", out.at(0));
    golden::check(golden, "pooled", out.at(1));
  }
}

TEST(Registry, KnowsSlabNetworksAndBodyPartRegression) {
  for (const char* name : {"s3_ResNetWithChAttn", "s3_ResNetWithSqueeze", "s3_ResNetMultiIn"}) {
    check("slab_resnet", shapes_of(name, "tiny"));
  }
  check("slab_cnn", shapes_of("s3_service_cnn", "tiny"));
  check("body_part_regression", shapes_of("bpr", "tiny"));
}

TEST(Registry, KnowsBartWithAndWithoutItsOutputLayer) {
  check("bart", shapes_of("bart", "full"));
  Shapes bare;
  for (const auto& [key, shape] : shapes_of("bart", "full")) {
    if (key.starts_with("model.")) bare[key.substr(6)] = shape;
  }
  const Recognised found = recognise(bare, "file");
  EXPECT_EQ(found.network, "bart");
  EXPECT_EQ(found.config.at("output_bias"), false);
  EXPECT_EQ(found.renamed.at("shared.weight"), "model.shared.weight");
}

TEST(Registry, KnowsTheReportWriterAloneAndInItsModel) {
  Shapes head = shapes_of("s4_head", "bart768");
  head.merge(shapes_of("bart", "full", "bart."));
  check("report_writer", head);
  Shapes whole;
  for (const auto& [key, shape] : head) whole["head." + key] = shape;
  whole["backbone.out.conv.conv.bias"] = {43};
  check("report_writer", whole);
}

TEST(Registry, WeightWithSeveralNamesIsStoredAndLoadedOnce) {
  const c10::InferenceMode inference;
  const nlohmann::json config = {
      {"vocabulary", 20},   {"size", 8},          {"encoder_layers", 1}, {"decoder_layers", 1},
      {"encoder_heads", 2}, {"decoder_heads", 2}, {"encoder_hidden", 8}, {"decoder_hidden", 8},
      {"positions", 12},    {"max_length", 10}};
  Network source = make_network("bart", config), target = make_network("bart", config);
  golden::fill(*source.module);
  source.module->eval();
  const weights::StateDict stored = stored_weights(source);
  EXPECT_TRUE(stored.contains("model.shared.weight"));
  EXPECT_FALSE(stored.contains("lm_head.weight"));
  load_weights(target, stored, at::kFloat, "file");
  const at::Tensor ids = at::ones({1, 3}, at::kLong);
  const auto run = [&](Network& network, std::size_t function) {
    return network.functions[function].call({ids, ids})[0];
  };
  EXPECT_TRUE(run(source, 0).equal(run(target, 0)));
  EXPECT_TRUE(run(source, 1).equal(run(target, 1)));
  EXPECT_LE(run(target, 1).size(1), 10);
}

}  // namespace
}  // namespace thorax::nets

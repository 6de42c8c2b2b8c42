// Networks on pictures that look at mirror images too.
#include <gtest/gtest.h>

#include "nets/network.h"
#include "torch_golden.h"

namespace thorax::nets {
namespace {

void check(const std::string& id, nlohmann::json config) {
  SCOPED_TRACE(id);
  const c10::InferenceMode inference;
  const auto made = [&](bool mirrored) {
    config["mirrored"] = mirrored;
    Network network = make_network(id, config);
    network.module->eval();
    golden::fill(*network.module);
    return network;
  };
  const Network plain = made(false), both = made(true);
  const auto of = [](const Network& network, std::size_t function, const at::Tensor& pictures) {
    return network.functions.at(function).call({pictures}).front();
  };
  at::manual_seed(1);
  const at::Tensor pictures = at::randn({2, 3, 32, 32}), mirrors = pictures.flip({3});
  const at::Tensor answer = of(plain, 0, pictures), other = of(plain, 0, mirrors);
  ASSERT_FALSE(at::allclose(answer, other, 1e-3, 1e-3)) << "sees no difference anyhow";
  EXPECT_TRUE(at::allclose(of(both, 0, pictures), (answer + other) / 2, 1e-4, 1e-5));
  EXPECT_TRUE(at::allclose(of(both, 0, mirrors), (answer + other) / 2, 1e-4, 1e-5));
  EXPECT_TRUE(at::allclose(of(both, 1, pictures), of(plain, 1, pictures), 1e-4, 1e-5))
      << "features are those of the picture as it is";
}

TEST(Mirrored, LogitsAreTheMeanForAPictureAndItsMirrorImage) {
  check("resnet", {{"classes", 2}, {"blocks", {1, 1, 1, 1}}});
  check("vit", {{"hidden", 32},
                {"layers", 2},
                {"heads", 4},
                {"intermediate", 64},
                {"image_size", 32},
                {"patch_size", 8},
                {"labels", 2}});
}

}  // namespace
}  // namespace thorax::nets

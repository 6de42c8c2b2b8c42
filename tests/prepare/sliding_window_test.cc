#include "prepare/sliding_window.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "prepare/window_blender.h"
#include "support/golden.h"

namespace thorax::prepare {
namespace {

using golden::Golden;
using Starts = std::vector<Grid>;

// The predictor of the golden: channel 0 = w * ramp, channel 1 = w * w + ramp.
std::vector<float> predict(const std::vector<float>& window, const Grid& size) {
  std::vector<float> out(2 * window.size());
  std::size_t i = 0;
  for (std::int64_t d = 0; d < size[0]; ++d) {
    for (std::int64_t h = 0; h < size[1]; ++h) {
      for (std::int64_t w = 0; w < size[2]; ++w, ++i) {
        const float ramp = 0.01F * static_cast<float>(d) + 0.02F * static_cast<float>(h) +
                           0.03F * static_cast<float>(w);
        out[i] = window[i] * ramp;
        out[window.size() + i] = window[i] * window[i] + ramp;
      }
    }
  }
  return out;
}

std::vector<float> pool2(const std::vector<float>& values, const Grid& size) {
  std::vector<float> out;
  const auto count = static_cast<std::size_t>(count_of(size));
  for (std::size_t c = 0; c < values.size() / count; ++c) {
    for (std::int64_t d = 0; d < size[0]; d += 2) {
      for (std::int64_t h = 0; h < size[1]; h += 2) {
        for (std::int64_t w = 0; w < size[2]; w += 2) {
          float sum = 0;
          for (std::int64_t k = 0; k < 8; ++k) {
            const std::int64_t at =
                ((d + (k >> 2 & 1)) * size[1] + h + (k >> 1 & 1)) * size[2] + w + (k & 1);
            sum += values[c * count + static_cast<std::size_t>(at)];
          }
          out.push_back(sum / 8);
        }
      }
    }
  }
  return out;
}

// [channels, volume] of the whole volume; counts how often each voxel came.
struct Assembled {
  Assembled(const Grid& volume, std::int64_t channel_count)
      : size(volume),
        channels(channel_count),
        values(static_cast<std::size_t>(channels * count_of(size)), -1.F),
        times(static_cast<std::size_t>(count_of(size)), 0) {}
  void operator()(const BlendedBox& box) {
    std::size_t from = 0;
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t z = 0; z < box.size[0]; ++z) {
        for (std::int64_t y = 0; y < box.size[1]; ++y) {
          for (std::int64_t x = 0; x < box.size[2]; ++x, ++from) {
            const std::int64_t at =
                ((box.first[0] + z) * size[1] + box.first[1] + y) * size[2] + box.first[2] + x;
            values[static_cast<std::size_t>(c * count_of(size) + at)] = box.values[from];
            if (c == 0) ++times[static_cast<std::size_t>(at)];
          }
        }
      }
    }
  }
  Grid size;
  std::int64_t channels;
  std::vector<float> values;
  std::vector<int> times;
};

std::vector<float> slide(std::span<const float> volume, const SlidingPlan& plan,
                         bool half = false) {
  const Grid window = plan.window(), half_window{window[0] / 2, window[1] / 2, window[2] / 2};
  const SlidingPlan output = half ? plan.scaled(half_window) : plan;
  Assembled all(output.volume(), 2);
  WindowBlender blender(output, 2, [&](const BlendedBox& box) { all(box); });
  std::vector<float> input(static_cast<std::size_t>(count_of(window)));
  for (const Window& place : plan.windows()) {
    plan.extract(volume, place, 0, input);
    std::vector<float> prediction = predict(input, window);
    if (half) prediction = pool2(prediction, window);
    blender.add(prediction);
  }
  EXPECT_TRUE(std::all_of(all.times.begin(), all.times.end(), [](int n) { return n == 1; }));
  return all.values;
}

TEST(GoldenSlidingWindow, BlendsAsTheReference) {
  Golden golden("swin_unetr", "sliding_window");
  int number = 0;
  for (const auto& facts : golden.facts().at("cases")) {
    const std::string name = "case" + std::to_string(number++);
    const auto shape = facts.at("shape").get<golden::Shape>();
    const Grid size{shape[2], shape[3], shape[4]};
    const auto count = static_cast<std::size_t>(count_of(size));
    const std::vector<float> input = golden::input(facts.at("key").get<std::string>(),
                                                   static_cast<std::size_t>(shape[0]) * count);
    for (const auto& [suffix, blend, half] :
         {std::tuple{"_constant", WindowBlend::constant, false},
          std::tuple{"_gaussian", WindowBlend::gaussian, false},
          std::tuple{"_halfres_gaussian", WindowBlend::gaussian, true}}) {
      if (!golden.facts().at("tensors").contains(name + suffix)) continue;
      const SlidingPlan plan(size, {.window = facts.at("roi").get<Grid>(),
                                    .overlap = facts.at("overlap").get<double>(),
                                    .blend = blend});
      EXPECT_EQ(plan.visits(), facts.at("starts").get<Starts>()) << name;
      std::vector<float> blended;
      for (std::int64_t b = 0; b < shape[0]; ++b) {
        const auto one =
            slide(std::span(input).subspan(static_cast<std::size_t>(b) * count, count), plan, half);
        blended.insert(blended.end(), one.begin(), one.end());
      }
      golden.check(name + suffix,
                   golden.facts().at("tensors").at(name + suffix).at("shape").get<golden::Shape>(),
                   blended);
    }
  }
}

TEST(GoldenSlidingWindow, ImportanceMaps) {
  Golden golden("swin_unetr", "sliding_window");
  for (const Grid& window : {Grid{16, 20, 24}, Grid{96, 96, 96}}) {
    golden.check("importance_" + std::to_string(window[0]) + "x" + std::to_string(window[1]) + "x" +
                     std::to_string(window[2]),
                 {window[0], window[1], window[2]}, importance_map(window, WindowBlend::gaussian),
                 1e-6);
  }
}

TEST(GoldenSlidingWindow, PositionsThatVisitTheEndAgain) {
  Golden golden("s4_sliding", "positions_96_overlap025");
  for (const auto& [size, starts] : golden.facts().at("per_axis").items()) {
    const SlidingPlan plan({std::stoll(size), 96, 96}, {.repeat_last = true});
    // The other two axes are visited twice each.
    std::vector<std::int64_t> first_axis;
    const auto visits = plan.visits();
    for (std::size_t i = 0; i < visits.size(); i += 4) first_axis.push_back(visits[i][0]);
    EXPECT_EQ(first_axis, starts.get<std::vector<std::int64_t>>()) << size;
  }
  EXPECT_EQ(SlidingPlan({512, 512, 512}, {.repeat_last = true}).visits().size(),
            golden.facts().at("windows_512").get<std::size_t>());
}

TEST(SlidingWindow, PlaceVisitedTwiceCountsTwice) {
  // Places 0, 2, 4, 4 of a window of four voxels on an axis of eight.
  const SlidingPlan plan(
      {1, 1, 8},
      {.window = {1, 1, 4}, .overlap = 0.5, .blend = WindowBlend::constant, .repeat_last = true});
  ASSERT_EQ(plan.windows().size(), 3u);
  Assembled all({1, 1, 8}, 1);
  WindowBlender blender(plan, 1, [&](const BlendedBox& box) { all(box); });
  for (float value : {0.F, 3.F, 6.F}) {
    std::vector<float> prediction(4, value);
    blender.add(prediction);
  }
  EXPECT_EQ(all.values, (std::vector<float>{0, 0, 1.5F, 1.5F, 5, 5, 6, 6}));
}

TEST(SlidingWindow, MemoryDoesNotGrowWithTheLengthOfTheVolume) {
  const auto bytes = [](std::int64_t slices) {
    return WindowBlender::bytes(SlidingPlan({slices, 512, 512}, {}), 48);
  };
  // Starts 72 apart, the last one too.
  EXPECT_EQ(bytes(96 + 3 * 72), bytes(96 + 30 * 72));
}

TEST(SlidingWindow, PermutedPlanHasTheSameWindows) {
  const SlidingPlan plan({37, 18, 50}, {.window = {16, 20, 24}});
  const SlidingPlan turned = plan.permuted({2, 0, 1});
  EXPECT_EQ(turned.volume(), (Grid{50, 37, 18}));
  EXPECT_EQ(turned.window(), (Grid{24, 16, 20}));
  EXPECT_EQ(turned.windows().size(), plan.windows().size());
  EXPECT_EQ(turned.windows()[1].start, (Grid{0, 12, 0}));  // the short axis has one place
  // Voxel (3, 5, 7) of a window is voxel (7, 3, 5) of the turned one.
  EXPECT_EQ(turned.importance()[(7 * 16 + 3) * 20 + 5], plan.importance()[(3 * 20 + 5) * 24 + 7]);
}

TEST(SlidingWindow, RefusesWhatHasNoPlan) {
  EXPECT_THROW(SlidingPlan({8, 8, 8}, {.overlap = 1}), Error);
  EXPECT_THROW(SlidingPlan({8, 8, 8}, {.overlap = -0.1}), Error);
  EXPECT_THROW(SlidingPlan({8, 8, 8}, {.window = {0, 1, 1}}), Error);
  EXPECT_THROW(SlidingPlan({0, 8, 8}, {.window = {4, 4, 4}}), Error);
  const SlidingPlan odd({7, 8, 8}, {.window = {4, 4, 4}, .overlap = 0.25});
  EXPECT_THROW(odd.scaled({2, 2, 2}), Error);
}

TEST(SlidingWindow, RefusesWindowsBeyondThePlan) {
  const SlidingPlan plan({4, 4, 4}, {.window = {4, 4, 4}});
  WindowBlender blender(plan, 1, [](const BlendedBox&) {});
  std::vector<float> wrong(63), right(64, 1.F);
  EXPECT_THROW(blender.add(wrong), Error);
  blender.add(right);
  EXPECT_THROW(blender.add(right), Error);
}

}  // namespace
}  // namespace thorax::prepare

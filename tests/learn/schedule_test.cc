#include "learn/schedule.h"

#include <gtest/gtest.h>

#include "learn/reference.h"

namespace thorax::learn {
namespace {

using testing_support::reference;

constexpr double kBound = 1e-12;

TEST(Schedule, CyclicIsTheFirstSystems) {
  const nlohmann::json golden = reference("s1_cyclic_lr");
  TrainingOptions training;
  training.schedule = "cyclic";
  training.rate = golden["max_lr"];
  training.base_rate = golden["base_lr"];
  training.warm_up_steps = golden["step_size_up"];
  for (const auto& [step, rate] : golden["lr_at_step"].items())
    EXPECT_NEAR(pace_at(training, std::stoll(step), 10'000, 100).rate, rate.get<double>(), kBound)
        << step;
  training.warm_up_steps = 0;  // 2000 by itself
  EXPECT_NEAR(pace_at(training, 2000, 10'000, 100).rate, training.rate, kBound);
}

TEST(Schedule, OneCycleIsTheFifthSystems) {
  const nlohmann::json golden = reference("s5_onecycle");
  TrainingOptions training;
  training.schedule = "one_cycle";
  training.rate = golden["max_lr"];
  const std::int64_t steps = golden["total_steps"];
  training.warm_up_steps =
      static_cast<int>(golden["pct_start"].get<double>() * static_cast<double>(steps));
  const nlohmann::json& paces = golden["lr_beta1_at_step"];
  ASSERT_EQ(paces.size(), static_cast<std::size_t>(steps));
  for (std::int64_t step = 0; step < steps; ++step) {
    const Pace pace = pace_at(training, step, steps, steps);
    const nlohmann::json& expected = paces[static_cast<std::size_t>(step)];
    EXPECT_NEAR(pace.rate, expected[0].get<double>(), kBound) << step;
    EXPECT_NEAR(pace.beta1, expected[1].get<double>(), kBound) << step;
  }
}

TEST(Schedule, LinearIsTheSecondSystems) {
  const nlohmann::json golden = reference("s2_schedule");
  TrainingOptions training;
  training.schedule = "linear";
  training.rate = golden["base_lr"];
  training.warm_up_steps = golden["warmup_steps"];
  const std::int64_t steps = golden["total_steps"];
  const nlohmann::json& rates = golden["lr_at_step"];
  for (std::int64_t step = 0; step < steps; ++step)
    EXPECT_NEAR(pace_at(training, step, steps, 22).rate,
                rates[static_cast<std::size_t>(step)].get<double>(), kBound)
        << step;
}

TEST(Schedule, CosineRisesOverTheWarmUpAndEndsNearZero) {
  TrainingOptions training;
  training.rate = 2;
  training.warm_up = 2;
  EXPECT_DOUBLE_EQ(pace_at(training, 0, 100, 5).rate, 0.2);
  EXPECT_DOUBLE_EQ(pace_at(training, 9, 100, 5).rate, 2);
  EXPECT_DOUBLE_EQ(pace_at(training, 10, 100, 5).rate, 2);
  EXPECT_NEAR(pace_at(training, 55, 100, 5).rate, 1, kBound);
  EXPECT_LT(pace_at(training, 99, 100, 5).rate, 0.001);
  EXPECT_EQ(pace_at(training, 50, 100, 5).beta1, 0.9);
  training.schedule = "constant";
  EXPECT_DOUBLE_EQ(pace_at(training, 4, 100, 5).rate, 1);
  EXPECT_DOUBLE_EQ(pace_at(training, 99, 100, 5).rate, 2);
}

}  // namespace
}  // namespace thorax::learn

#include "pipeline/memory_gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace thorax::pipeline {
namespace {

TEST(MemoryGate, GivesBackWhatItLent) {
  MemoryGate gate(100);
  {
    const MemoryGate::Share a = gate.take(60);
    const MemoryGate::Share b = gate.take(40);
    EXPECT_EQ(gate.taken(), 100u);
  }
  EXPECT_EQ(gate.taken(), 0u);
}

TEST(MemoryGate, LetsASingleStudyInHoweverLarge) {
  MemoryGate gate(100);
  const MemoryGate::Share share = gate.take(1'000'000);
  EXPECT_EQ(gate.taken(), 1'000'000u);
}

TEST(MemoryGate, NeverLendsMoreThanItHasToSeveral) {
  MemoryGate gate(100);
  std::atomic<int> inside{0}, most{0};
  {
    std::vector<std::jthread> studies;
    for (int i = 0; i < 8; ++i)
      studies.emplace_back([&] {
        for (int k = 0; k < 50; ++k) {
          const MemoryGate::Share share = gate.take(40);
          const int now = ++inside;
          for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
          }
          std::this_thread::yield();
          --inside;
        }
      });
  }
  EXPECT_LE(most, 2);
  EXPECT_EQ(gate.taken(), 0u);
}

}  // namespace
}  // namespace thorax::pipeline

// GoogleTest's main for tests that compare with goldens. With --parity it runs those alone (or what
// --gtest_filter names) and prints what they measured as a table.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <iostream>

#include "support/golden.h"

int main(int argc, char** argv) {
  // OpenMP's threads spin while they wait unless told otherwise before they are loaded; where other
  // programs run too, that costs more than the work itself.
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) {
    setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
    execv("/proc/self/exe", argv);
  }
  testing::InitGoogleTest(&argc, argv);
  const bool parity = argc > 1 && std::strcmp(argv[1], "--parity") == 0;
  if (parity) {
    if (testing::GTEST_FLAG(filter) == "*") testing::GTEST_FLAG(filter) = "Golden*";
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
  }
  const int status = RUN_ALL_TESTS();
  if (parity) std::cout << thorax::golden::parity_table();
  const bool nothing = testing::UnitTest::GetInstance()->test_to_run_count() == 0;
  return parity && nothing ? 1 : status;
}

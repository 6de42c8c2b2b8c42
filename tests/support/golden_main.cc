// GoogleTest's main for tests that compare with goldens. With --parity it runs those alone (or what
// --gtest_filter names) and prints what they measured as a table.
#include <gtest/gtest.h>

#include <cstring>
#include <iostream>

#include "support/golden.h"

int main(int argc, char** argv) {
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

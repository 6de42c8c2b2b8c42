// GoogleTest's main for rooms that open a Source: the test program is its own decoding child.
#include <gtest/gtest.h>

#include "intake/child_main.h"

int main(int argc, char** argv) {
  if (int status = 0; thorax::intake::run_decode_child(argc, argv, status)) return status;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

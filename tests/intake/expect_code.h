// Expects that something is refused with a certain code.
#pragma once

#include <gtest/gtest.h>

#include "base/error.h"

namespace thorax::intake {

template <class Work>
void expect_code(Code code, Work&& work) {
  try {
    work();
    ADD_FAILURE() << "expected " << catalogue(code).id;
  } catch (const Error& error) {
    EXPECT_EQ(error.notice().id(), catalogue(code).id) << error.what();
  }
}

}  // namespace thorax::intake

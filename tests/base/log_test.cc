#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thorax {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Log, DropsWhatIsBelowItsLevelAndWritesToStandardError) {
  testing::internal::CaptureStderr();
  log::info("quiet");
  log::warning("loud");
  log::set_level(log::Level::debug);
  log::debug("everything");
  log::set_level(log::Level::off);
  log::error("nothing");
  log::set_level(log::Level::warning);
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_THAT(written, HasSubstr("warning loud"));
  EXPECT_THAT(written, HasSubstr("debug everything"));
  EXPECT_THAT(written, Not(HasSubstr("quiet")));
  EXPECT_THAT(written, Not(HasSubstr("nothing")));
}

}  // namespace
}  // namespace thorax

#include "intake/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "shared_data.h"

namespace thorax::intake {
namespace {

TEST(Source, MissingPathIsRefusedByCode) {
  try {
    Source::open("/no/such/study.zip", {});
    FAIL() << "opened what is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::no_such_input);
  }
}

TEST(Source, ReadsAWholeChestCtFromItsZip) {
  THORAX_NEEDS_SHARED("ct/LIDC-IDRI-0001.zip");
  Source source = Source::open(shared_data() / "ct" / "LIDC-IDRI-0001.zip", {});
  ASSERT_EQ(source.studies().size(), 1u);
  const Study& study = source.studies().front();
  ASSERT_NE(study.chosen(), nullptr);
  EXPECT_EQ(study.chosen()->instances.size(), 133u);
  const LoadedVolume ct = source.load_volume(*study.chosen());
  EXPECT_EQ(ct.hu.shape(), (volume::Shape{133, 512, 512}));
  EXPECT_NEAR(ct.hu.grid().spacing.z, 2.5, 1e-6);
  EXPECT_EQ(source.content_hash(*study.chosen()).size(), 64u);
}

}  // namespace
}  // namespace thorax::intake

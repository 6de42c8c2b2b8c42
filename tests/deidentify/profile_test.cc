// The table of the profile, and what stands for what it removes.
#include "deidentify/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "deidentify/pseudonyms.h"
#include "support/temporary_folder.h"

namespace thorax::deidentify {
namespace {

using testing::AllOf;
using testing::MatchesRegex;
using testing::Ne;
using testing_support::TemporaryFolder;

TEST(ProfileTest, DoesWhatTheStandardsTableSays) {
  EXPECT_EQ(action_of(0x00080050, Kind::text), Action::empty) << "AccessionNumber: Z";
  EXPECT_EQ(action_of(0x00080080, Kind::text), Action::dummy) << "InstitutionName: X/Z/D";
  EXPECT_EQ(action_of(0x00080081, Kind::text), Action::remove) << "InstitutionAddress: X";
  EXPECT_EQ(action_of(0x00080090, Kind::name), Action::empty) << "ReferringPhysicianName: Z";
  EXPECT_EQ(action_of(0x00101010, Kind::text), Action::remove) << "PatientAge: X";
  EXPECT_EQ(action_of(0x00181030, Kind::text), Action::dummy) << "ProtocolName: X/D";
  EXPECT_EQ(action_of(0x00081110, Kind::sequence), Action::empty) << "ReferencedStudySequence: X/Z";
  EXPECT_EQ(action_of(0x00081140, Kind::sequence), Action::inside) << "ReferencedImageSequence";
  EXPECT_EQ(action_of(0x00080018, Kind::uid), Action::uid);
  EXPECT_EQ(action_of(0x00280010, Kind::number), Action::keep) << "Rows";
  EXPECT_EQ(action_of(0x00181210, Kind::text), Action::keep) << "ConvolutionKernel";
  EXPECT_EQ(action_of(0x7FE00010, Kind::number), Action::keep);
}

TEST(ProfileTest, RemovesWhatNobodyCanTellAnythingAbout) {
  EXPECT_EQ(action_of(0x00091001, Kind::text), Action::remove) << "private";
  EXPECT_EQ(action_of(0x00091002, Kind::uid), Action::remove) << "private";
  EXPECT_EQ(action_of(0x00280099, Kind::unknown), Action::remove) << "not in the dictionary";
  EXPECT_EQ(action_of(0x60023000, Kind::number), Action::remove) << "OverlayData";
  EXPECT_EQ(action_of(0x50103000, Kind::number), Action::remove) << "CurveData";
  EXPECT_EQ(action_of(0x00089999, Kind::name), Action::remove) << "a name of any kind";
}

TEST(ProfileTest, DatesAreAskedForAndThoseOfALifeStayOut) {
  EXPECT_EQ(action_of(0x00080020, Kind::date), Action::date);
  EXPECT_EQ(removed_date(0x00080020), Action::empty) << "StudyDate: Z";
  EXPECT_EQ(removed_date(0x00080023), Action::dummy) << "ContentDate: Z/D";
  EXPECT_EQ(removed_date(0x00400244), Action::remove) << "PerformedProcedureStepStartDate: X";
  EXPECT_TRUE(may_keep_date(0x00080020));
  EXPECT_FALSE(may_keep_date(0x00100030)) << "PatientBirthDate";
}

TEST(PseudonymsTest, AUidBecomesTheSameOtherOneWithAKey) {
  const Pseudonyms one("key"), other("other key");
  const std::string uid = one.uid("1.2.826.0.1.3680043.2.1125.1");
  EXPECT_THAT(uid, MatchesRegex("2\\.25\\.[1-9][0-9]*"));
  EXPECT_LE(uid.size(), 64u);
  EXPECT_EQ(uid, Pseudonyms("key").uid("1.2.826.0.1.3680043.2.1125.1"));
  EXPECT_THAT(uid, AllOf(Ne(other.uid("1.2.826.0.1.3680043.2.1125.1")),
                         Ne(one.uid("1.2.826.0.1.3680043.2.1125.2"))));
  EXPECT_EQ(one.uid("1.2.840.10008.5.1.4.1.1.2"), "1.2.840.10008.5.1.4.1.1.2")
      << "CT Image Storage";
  EXPECT_EQ(one.uid(""), "");
  EXPECT_THAT(one.patient("12"), MatchesRegex("P-[0-9a-f]{12}"));
  EXPECT_NE(one.patient("12"), one.patient("13"));
}

TEST(PseudonymsTest, DatesMoveAcrossMonthsAndLeapYears) {
  EXPECT_EQ(Pseudonyms::shifted("20240301", 1), "20240229");
  EXPECT_EQ(Pseudonyms::shifted("20230301", 1), "20230228");
  EXPECT_EQ(Pseudonyms::shifted("20240101", 366), "20221231");
  EXPECT_EQ(Pseudonyms::shifted("20240301235959.5+0300", 1), "20240229235959.5+0300");
  for (const char* none : {"", "2024", "20241301", "20230229", "yesterday", "2024.03.01"})
    EXPECT_EQ(Pseudonyms::shifted(none, 1), "") << none;
  const Pseudonyms one("key");
  EXPECT_EQ(one.days("12"), one.days("12"));
  EXPECT_GE(one.days("12"), 1);
}

TEST(PseudonymsTest, AKeyIsMadeOnceForItsOwnerAlone) {
  const TemporaryFolder folder;
  const auto file = folder / "export.key";
  const std::string key = read_key(file);
  EXPECT_THAT(key, MatchesRegex("[0-9a-f]{64}"));
  EXPECT_EQ(read_key(file), key);
  EXPECT_NE(new_key(), key);
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_THROW(read_key(folder.write("empty.key", "")), Error);
}

}  // namespace
}  // namespace thorax::deidentify

#include "pipeline/inputs.h"

#include <gmock/gmock.h>

#include "support/temporary_folder.h"

namespace thorax::pipeline {
namespace {

using testing::ElementsAre;
using testing_support::TemporaryFolder;

std::vector<std::string> names(const std::vector<Input>& inputs) {
  std::vector<std::string> out;
  for (const Input& input : inputs) out.push_back(input.name);
  return out;
}

TEST(ExpandInputs, AFolderOfArchivesIsABatchInTheOrderOfNames) {
  const TemporaryFolder folder;
  for (const char* name : {"c.zip", "a.TAR.GZ", "b.tgz", "list.csv", ".hidden", "d/1.dcm", "e.tar"})
    folder.write(name);
  EXPECT_THAT(names(expand_inputs({folder.path()})), ElementsAre("a", "b", "c", "d", "e"));
}

TEST(ExpandInputs, NiftiVolumesMakeABatchToo) {
  const TemporaryFolder folder;
  folder.write("two.nii.gz");
  folder.write("one.nii");
  EXPECT_THAT(names(expand_inputs({folder.path()})), ElementsAre("one", "two"));
}

TEST(ExpandInputs, AFolderWithLooseImagesIsOneStudyWhateverLiesBeside) {
  const TemporaryFolder folder;
  folder.write("IM0001");
  folder.write("IM0002.dcm");
  folder.write("scan.zip");
  const std::vector<Input> inputs = expand_inputs({folder.path()});
  ASSERT_EQ(inputs.size(), 1u);
  EXPECT_EQ(inputs[0].path, folder.path());
}

// What a colleague leaves in a folder: archives, an X-ray picture, notes of any kind.
TEST(ExpandInputs, PicturesBesideArchivesAreInputsAndNotesAreNot) {
  const TemporaryFolder folder;
  for (const char* name : {"ct.zip", "xray.JPEG", "xray2.png"}) folder.write(name);
  folder.write("letter.docx", std::string("PK\3\4\0\0", 6));
  folder.write("README", "the studies of March");
  EXPECT_THAT(names(expand_inputs({folder.path()})), ElementsAre("ct", "xray", "xray2"));
}

TEST(ExpandInputs, AFolderOfPicturesIsABatchUnlessItHoldsFolders) {
  const TemporaryFolder folder;
  folder.write("a/1.png");
  folder.write("a/2.jpg");
  EXPECT_THAT(names(expand_inputs({folder / "a"})), ElementsAre("1", "2"));
  folder.write("a/dicom/IM1");
  EXPECT_EQ(expand_inputs({folder / "a"}).size(), 1u);
}

TEST(ExpandInputs, DicomFilesOfAnyNameMakeTheFolderOneStudy) {
  const std::string preamble = std::string(128, '\0') + "DICM";
  const std::string bare("\x08\x00\x05\x00", 4);
  for (const auto& [name, bytes] : {std::pair<std::string, std::string>{"1.2.840.1", bare},
                                    {"slice.scan", preamble},
                                    {"IM0001", bare}}) {
    const TemporaryFolder folder;
    folder.write("scan.zip");
    folder.write(name, bytes);
    EXPECT_EQ(expand_inputs({folder.path()}).front().path, folder.path()) << name;
  }
}

TEST(ExpandInputs, AFolderOfFoldersIsOneSource) {
  const TemporaryFolder folder;
  folder.write("a/1.dcm");
  folder.write("b/1.dcm");
  EXPECT_EQ(expand_inputs({folder.path()}).size(), 1u);
}

TEST(ExpandInputs, AnEmptyFolderAndAMissingPathStayInputs) {
  const TemporaryFolder folder;
  EXPECT_EQ(expand_inputs({folder.path(), folder / "missing.zip"}).size(), 2u);
}

// The trap of flat copies: equal names from different folders must not overwrite each other.
TEST(ExpandInputs, EqualNamesFromDifferentFoldersStayApart) {
  const TemporaryFolder folder;
  const auto a = folder.write("a/study.zip");
  const auto b = folder.write("b/study.zip");
  const auto c = folder.write("c/STUDY.tar");
  const auto d = folder.write("d/study-2.zip");
  EXPECT_THAT(names(expand_inputs({a, b, c, d})),
              ElementsAre("study", "study-2", "STUDY-3", "study-2-2"));
}

TEST(ExpandInputs, NamesAreSafeAsFolders) {
  const TemporaryFolder folder;
  const auto odd = folder.write("a b:c*?.zip");
  const auto russian = folder.write("Иванов.nii.gz");
  const auto hidden = folder.write("h/.zip");
  EXPECT_THAT(names(expand_inputs({odd, russian, hidden, folder.path() / "h" / ""})),
              ElementsAre("a_b_c__", "Иванов", "study.zip", "study.zip-2"));
}

TEST(ArchiveNames, AreKnownByTheirEnding) {
  EXPECT_TRUE(is_archive_name("x.tar.gz"));
  EXPECT_TRUE(is_archive_name("X.ZIP"));
  EXPECT_FALSE(is_archive_name("x.nii.gz"));
  EXPECT_TRUE(is_nifti_name("x.nii.gz"));
  EXPECT_FALSE(is_nifti_name("x.gz"));
}

}  // namespace
}  // namespace thorax::pipeline

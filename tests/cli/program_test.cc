// The commands that need no study.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "cli/run_thorax.h"
#include "support/temporary_folder.h"

namespace thorax {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing_support::Ended;
using testing_support::run_thorax;
using testing_support::TemporaryFolder;

constexpr const char* kCommands[] = {"analyze", "doctor",     "verify", "version",
                                     "config",  "completion", "phantom"};

TEST(Version, IsPrinted) {
  const Ended run = run_thorax({"version"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, StartsWith("thorax 0."));
  EXPECT_THAT(run.err, IsEmpty());
}

TEST(Help, EveryCommandHasItWithExamplesInBothLanguages) {
  for (const char* command : kCommands) {
    SCOPED_TRACE(command);
    const Ended english = run_thorax({command, "--help"});
    EXPECT_EQ(english.exit_code, 0);
    EXPECT_THAT(english.out, AllOf(HasSubstr("Usage: "), HasSubstr("Examples:"),
                                   HasSubstr(std::string("  thorax ") + command)));
    EXPECT_THAT(run_thorax({command, "--help"}, {{"LANG", "ru_RU.UTF-8"}}).out,
                AllOf(HasSubstr("Использование: "), HasSubstr("Примеры:")));
  }
}

TEST(Help, ComesWhenNothingIsAskedFor) {
  const Ended run = run_thorax({});
  EXPECT_EQ(run.exit_code, 64);
  EXPECT_THAT(run.err, HasSubstr("analyze"));
  EXPECT_THAT(run.out, IsEmpty());
}

TEST(Usage, UnknownWordsEndWithTheUsageCode) {
  EXPECT_EQ(run_thorax({"analyse"}).exit_code, 64);
  EXPECT_EQ(run_thorax({"version", "--fast"}).exit_code, 64);
  EXPECT_EQ(run_thorax({"analyze"}).exit_code, 64);
}

TEST(Config, PrintsWhatItReads) {
  const TemporaryFolder folder;
  const Ended changed = run_thorax({"config", "intake.max_entries=7"});
  EXPECT_THAT(changed.out, HasSubstr("  max_entries: 7\n"));
  const auto file = folder.write("thorax.yaml", changed.out);
  EXPECT_EQ(run_thorax({"config", "--config", file.string()}).out, changed.out);
}

TEST(Config, SpeaksTheLanguageOfTheUser) {
  EXPECT_THAT(run_thorax({"config", "--lang", "ru"}).out, HasSubstr("# Язык сообщений"));
  EXPECT_THAT(run_thorax({"config", "language=ru"}).out, HasSubstr("# Язык сообщений"));
  EXPECT_THAT(run_thorax({"config"}, {{"LANG", "ru_RU.UTF-8"}}).out, HasSubstr("# Язык сообщений"));
  EXPECT_THAT(run_thorax({"config", "--lang", "en"}, {{"LANG", "ru_RU.UTF-8"}}).out,
              HasSubstr("# Language"));
}

TEST(Config, ATypoNamesTheNearestSetting) {
  const Ended run = run_thorax({"config", "intake.max_enties=7"});
  EXPECT_EQ(run.exit_code, 64);
  EXPECT_THAT(run.err, AllOf(HasSubstr("UNKNOWN_SETTING"), HasSubstr("intake.max_entries")));
  EXPECT_THAT(run_thorax({"config", "intake.max_enties=7", "--lang", "ru"}).err,
              HasSubstr("Возможно, имелся в виду intake.max_entries"));
}

TEST(Config, BadValuesAndFilesHaveTheirOwnCodes) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_thorax({"config", "intake.max_entries=lots"}).exit_code, 64);
  EXPECT_EQ(run_thorax({"config", "--lang", "fr"}).exit_code, 64);
  EXPECT_EQ(run_thorax({"config", "--config", (folder / "no.yaml").string()}).exit_code, 66);
  const auto broken = folder.write("broken.yaml", "a: [1");
  EXPECT_EQ(run_thorax({"config", "--config", broken.string()}).exit_code, 78);
  EXPECT_EQ(run_thorax({"config", "verdict.band_low=0.9", "verdict.band_high=0.1"}).exit_code, 64);
}

TEST(Completion, NamesEveryCommandForEveryShell) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Ended run = run_thorax({"completion", shell});
    EXPECT_EQ(run.exit_code, 0);
    for (const char* command : kCommands) EXPECT_THAT(run.out, HasSubstr(command)) << shell;
    EXPECT_THAT(run.out, HasSubstr("verdict.band_low=")) << shell;
  }
  EXPECT_EQ(run_thorax({"completion", "tcsh"}).exit_code, 64);
}

TEST(Completion, BashUnderstandsIt) {
  const TemporaryFolder folder;
  const auto script = folder.write("thorax.bash", run_thorax({"completion", "bash"}).out);
  const std::string check =
      "bash -c '. " + script.string() +
      "; COMP_WORDS=(thorax an); COMP_CWORD=1; _thorax; [ \"${COMPREPLY[*]}\" = analyze ] &&"
      " COMP_WORDS=(thorax analyze --ser); COMP_CWORD=2; _thorax;"
      " [ \"${COMPREPLY[*]}\" = --series ]'";
  EXPECT_EQ(std::system(check.c_str()), 0);
}

TEST(Completion, BashKnowsSubcommandsOfSubcommands) {
  const TemporaryFolder folder;
  const auto script = folder.write("thorax.bash", run_thorax({"completion", "bash"}).out);
  const std::string check =
      "bash -c '. " + script.string() +
      "; COMP_WORDS=(thorax model im); COMP_CWORD=2; _thorax; [ \"${COMPREPLY[*]}\" = import ] &&"
      " COMP_WORDS=(thorax model verify --eng); COMP_CWORD=3; _thorax;"
      " [ \"${COMPREPLY[*]}\" = --engine ] &&"
      " COMP_WORDS=(thorax completion z); COMP_CWORD=2; _thorax; [ \"${COMPREPLY[*]}\" = zsh ]'";
  EXPECT_EQ(std::system(check.c_str()), 0);
}

/// What fish offers for a command line, one word a line.
std::string fish_offers(const std::filesystem::path& script, const std::string& line) {
  const std::string check = "HOME=" + script.parent_path().string() +
                            " fish --no-config -c 'source " + script.string() + "; complete -C \"" +
                            line + "\"' | cut -f1 > " + script.string() + ".out";
  EXPECT_EQ(std::system(check.c_str()), 0);
  return read_file(script.string() + ".out");
}

TEST(Completion, FishUnderstandsIt) {
  const TemporaryFolder folder;
  const auto script = folder.write("thorax.fish", run_thorax({"completion", "fish"}).out);
  EXPECT_EQ(fish_offers(script, "thorax an"), "analyze\n");
  EXPECT_EQ(fish_offers(script, "thorax analyze --ser"), "--series\n");
  EXPECT_EQ(fish_offers(script, "thorax model im"), "import\n");
  EXPECT_EQ(fish_offers(script, "thorax model verify --eng"), "--engine\n");
  EXPECT_EQ(fish_offers(script, "thorax verify --eng"), "") << "another command of that name";
  EXPECT_EQ(fish_offers(script, "thorax analyze verdict.band_l"), "verdict.band_low=\n");
}

// Types into a real zsh: a line, the key Tab, the key Enter.
TEST(Completion, ZshUnderstandsIt) {
  const TemporaryFolder folder;
  const auto script = folder.write("_thorax", run_thorax({"completion", "zsh"}).out);
  const auto typing = folder.write("type.zsh",
                                   "zmodload zsh/zpty\n"
                                   "zpty z zsh -f -i\n"
                                   "zpty -w z \"autoload -U compinit; compinit -D -u; source $1;"
                                   " thorax() { print \\\"<\\$*>\\\" }; print REA''DY\"\n"
                                   "zpty -r z out '*READY*'\n"
                                   "zpty -w -n z \"$2\"$'\\t\\n'\n"
                                   "zpty -r z out '*<*>*'\n"
                                   "print -r -- ${${out##*<}%%>*}\n");
  for (const auto& [line, whole] : {std::pair{"an", "analyze"},
                                    {"analyze --ser", "analyze --series"},
                                    {"model im", "model import"},
                                    {"model verify --eng", "model verify --engine"},
                                    {"analyze verdict.band_l", "analyze verdict.band_low="},
                                    {"completion z", "completion zsh"}}) {
    const auto out = folder / "out";
    const std::string check = "timeout 60 zsh -f " + typing.string() + " " + script.string() +
                              " 'thorax " + line + "' > " + out.string();
    EXPECT_EQ(std::system(check.c_str()), 0);
    std::ifstream file(out);
    std::string completed;
    std::getline(file, completed);
    EXPECT_EQ(completed, whole);
  }
}

}  // namespace
}  // namespace thorax

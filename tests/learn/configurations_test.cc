// The configurations that ship.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "learn/listed.h"
#include "learn/options.h"

namespace thorax::learn {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(THORAX_SOURCE_DIR) / "configs";

Options read(const fs::path& file) {
  Options options;
  Settings settings;
  add_settings(settings, options);
  settings.load_file(file);
  return options;
}

TEST(Configurations, EveryOneIsUnderstood) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    SCOPED_TRACE(entry.path());
    EXPECT_NO_THROW(read(entry.path()));
    ++count;
  }
  EXPECT_GT(count, 0);
}

TEST(Configurations, ThePneumoniaNetworkStartsFromOneOfItsTeachersWhichHaveNone) {
  const Options pupil = read(kFolder / "xray-pneumonia.yaml");
  const std::vector<std::string> teachers = listed(pupil.training.teachers);
  EXPECT_EQ(std::ranges::count(teachers, pupil.network.start), 1);
  for (const std::string& name : teachers) {
    SCOPED_TRACE(name);
    const Options teacher = read(kFolder / name);
    EXPECT_EQ(teacher.training.teachers, "");
    EXPECT_EQ(teacher.network.start, "");
    EXPECT_FALSE(teacher.run.mirrored);
    EXPECT_NE(teacher.run.name, pupil.run.name);
  }
}

}  // namespace
}  // namespace thorax::learn

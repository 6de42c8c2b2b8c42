// The configurations that ship.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

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

/// The configurations that these options name; `known` gets those below them too.
void follow(const Options& options, std::set<std::string>& known) {
  std::vector<std::string> named = listed(options.training.teachers);
  for (std::string& start : listed(options.network.start)) named.push_back(std::move(start));
  for (const std::string& name : named)
    if (known.insert(name).second) follow(read(kFolder / name), known);
}

TEST(Configurations, ThePneumoniaNetworkIsTheMeanOfTwoThatAreTrainedFirst) {
  const Options shipped = read(kFolder / "xray-pneumonia.yaml");
  EXPECT_EQ(listed(shipped.network.start).size(), 2u);
  EXPECT_EQ(shipped.training.rate, 0);
  EXPECT_EQ(shipped.training.teachers, "");
  std::set<std::string> before, names{shipped.run.name}, from_nothing;
  follow(shipped, before);
  EXPECT_FALSE(before.contains("xray-pneumonia.yaml")) << "it comes before itself";
  for (const std::string& name : before) {
    SCOPED_TRACE(name);
    const Options earlier = read(kFolder / name);
    EXPECT_FALSE(earlier.run.mirrored);
    EXPECT_TRUE(names.insert(earlier.run.name).second);
    if (earlier.network.start.empty()) {
      EXPECT_EQ(earlier.training.teachers, "");
      from_nothing.insert(earlier.run.name);
    }
  }
  EXPECT_EQ(before.size(), 7u);
  EXPECT_EQ(from_nothing, (std::set<std::string>{"geometry", "long", "plain"}));
}

}  // namespace
}  // namespace thorax::learn

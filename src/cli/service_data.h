// The service's folder, as the commands about its people open it: while it runs, too.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cli/program.h"
#include "store/audit.h"
#include "store/people.h"

namespace thorax::cli {

/// `asked` (--data), else the setting serve.data, else thorax/service in $XDG_DATA_HOME or in
/// ~/.local/share; in this folder when there is no home.
std::filesystem::path service_folder(const Program& program, const std::string& asked);

/// Makes the folder and the database when they are not there.
/// Throws Error: cannot_write, database_failed, database_newer.
class ServiceData {
 public:
  explicit ServiceData(const std::filesystem::path& folder);

  /// Writes down what whoever runs this command did.
  void record(const std::string& action, const std::string& target,
              const std::map<std::string, std::string>& details = {});

  store::Database database;
  store::People people;
  store::Audit audit;
};

/// What the commands about people share.
struct ServiceArguments {
  std::string data;

  /// Applies the settings; throws Error as apply_settings does.
  std::filesystem::path folder(Program& program) const;
};

/// --data, --config, --lang.
void add_service_options(CLI::App& command, Program& program, ServiceArguments& arguments);

/// A table of texts with a line of headings, columns as wide as their widest text.
void print_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace thorax::cli

#include "cli/service_data.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "cli/terminal.h"
#include "store/schema.h"
#include "store/store.h"

namespace thorax::cli {
namespace fs = std::filesystem;

fs::path service_folder(const Program& program, const std::string& asked) {
  if (!asked.empty()) return asked;
  if (!program.serve.data.empty()) return program.serve.data;
  if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data)
    return fs::path(data) / "thorax/service";
  const char* home = std::getenv("HOME");
  return home && *home ? fs::path(home) / ".local/share/thorax/service" : "thorax-service";
}

ServiceData::ServiceData(const fs::path& folder)
    : database(store::make_data_folder(folder) / store::kDatabaseName),
      people(database),
      audit(database, folder) {
  store::migrate(database);
}

void ServiceData::record(const std::string& action, const std::string& target,
                         const std::map<std::string, std::string>& details) {
  const passwd* user = getpwuid(getuid());
  audit.append({std::string("cli:") + (user ? user->pw_name : std::to_string(getuid()).c_str()), "",
                action, target, details});
}

fs::path ServiceArguments::folder(Program& program) const {
  apply_settings(program, {});
  return service_folder(program, data);
}

void add_service_options(CLI::App& command, Program& program, ServiceArguments& arguments) {
  add_option(command, program, "--data", arguments.data,
             {"Folder of the service", "Папка данных сервиса"}, "DIR");
  add_settings_options(command, program);
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<int> widths;
  for (const std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], display_width(row[i]));
  }
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += i + 1 < row.size() ? fit(row[i], widths[i]) + "  " : row[i];
    std::cout << line << '\n';
  }
}

}  // namespace thorax::cli

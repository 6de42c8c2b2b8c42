// thorax evaluate: how good a model's answers are, from a table of answers and truth.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "cli/program.h"
#include "evaluate/kept_calibration.h"
#include "report/evaluation_report.h"
#include "weights/manifest.h"

namespace thorax::cli {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string table, where, fit, calibration, goal, positive, out, into;
  std::vector<std::string> slices;
  evaluate::TableColumns columns;
  int resamples = 1000;
  bool as_json = false;
};

[[noreturn]] void refuse(const std::string& option, const std::string& value,
                         const std::string& hint) {
  throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
}

evaluate::AnswerTable rows_where(const evaluate::AnswerTable& table, const std::string& option,
                                 const std::string& condition) {
  const std::size_t equals = condition.find('=');
  if (equals == 0 || equals == std::string::npos) refuse(option, condition, "COLUMN=VALUE");
  return table.where(condition.substr(0, equals), condition.substr(equals + 1));
}

std::size_t positive_class(const std::vector<std::string>& classes, const std::string& name) {
  if (name.empty()) return classes.size() - 1;
  const auto found = std::ranges::find(classes, name);
  if (found != classes.end()) return static_cast<std::size_t>(found - classes.begin());
  std::string known;
  for (const std::string& each : classes) known += (known.empty() ? "" : " | ") + each;
  refuse("--positive", name, known);
}

std::optional<evaluate::ThresholdGoal> goal_of(const std::string& text) {
  if (text.empty()) return {};
  try {
    return evaluate::parse_goal(text);
  } catch (const std::invalid_argument&) {
    refuse("--goal", text, "f1 | youden | sensitivity>=0.95 | specificity>=0.95");
  }
}

weights::Manifest manifest_of(const fs::path& folder, const std::vector<std::string>& classes) {
  weights::Manifest manifest = weights::load_manifest(folder);
  if (manifest.labels != classes)
    throw Error("bad_model"_code, {{"path", (folder / "model.json").string()},
                                   {"detail", "labels are not the classes of the table"}});
  return manifest;
}

/// Writes what was fitted into a model's manifest, so that `analyze` calibrates with it.
void save(const fs::path& folder, const evaluate::Evaluation& evaluation) {
  weights::Manifest manifest = manifest_of(folder, evaluation.classes);
  manifest.json["calibration"] = evaluate::calibration_json(*evaluation.fitted, evaluation.classes);
  weights::write_manifest(folder, manifest);
}

/// What the model's manifest holds, so that the answers are judged as `analyze` gives them.
evaluate::Fitted calibration_of(const fs::path& folder, const evaluate::AnswerTable& table) {
  if (table.logits.empty() || !table.cases.exclusive)
    refuse("--calibration", folder.string(), "no columns logit_CLASS of exclusive classes");
  const weights::Manifest manifest = manifest_of(folder, table.cases.classes);
  try {
    return evaluate::read_calibration(manifest.json.at("calibration"), manifest.labels);
  } catch (const std::exception& wrong) {
    throw Error("bad_model"_code, {{"path", (folder / "model.json").string()},
                                   {"detail", std::string("calibration: ") + wrong.what()}});
  }
}

void write_report(const Arguments& arguments, const evaluate::Evaluation& evaluation,
                  const report::EvaluationTitle& title, Language language) {
  const fs::path folder = arguments.out;
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem)
    throw Error("cannot_write"_code, {{"path", folder.string()}, {"detail", problem.message()}});
  write_file(folder / "evaluation.json", report::evaluation_json(evaluation, title));
  write_file(folder / "evaluation.html", report::evaluation_page(evaluation, title, language));
}

void evaluate_answers(Program& program, const Arguments& arguments) {
  apply_settings(program, {});
  const Language language = program.options.language;
  const auto goal = goal_of(arguments.goal);
  for (const auto& [option, value] :
       {std::pair<std::string, std::string>{"--goal", arguments.goal}, {"--into", arguments.into}})
    if (!value.empty() && arguments.fit.empty()) refuse(option, value, "--fit COLUMN=VALUE");
  if (!arguments.fit.empty() && !arguments.calibration.empty())
    refuse("--calibration", arguments.calibration, "--fit");
  const evaluate::AnswerTable table = evaluate::read_answers(arguments.table, arguments.columns);
  evaluate::EvaluationOptions options;
  options.slices = arguments.slices;
  options.positive = positive_class(table.cases.classes, arguments.positive);
  options.bootstrap.resamples = arguments.resamples;
  std::optional<evaluate::Fitted> fitted;
  if (!arguments.fit.empty())
    fitted = evaluate::fit(rows_where(table, "--fit", arguments.fit), options.positive, goal);
  if (!arguments.calibration.empty()) fitted = calibration_of(arguments.calibration, table);
  const report::EvaluationTitle title{fs::path(arguments.table).filename().string(),
                                      arguments.where};
  const evaluate::Evaluation evaluation = evaluate::evaluate_table(
      arguments.where.empty() ? table : rows_where(table, "--where", arguments.where), fitted,
      options);
  if (!arguments.out.empty()) write_report(arguments, evaluation, title, language);
  if (!arguments.into.empty()) save(arguments.into, evaluation);
  std::cout << (arguments.as_json ? report::evaluation_json(evaluation, title)
                                  : report::evaluation_lines(evaluation, language));
}

}  // namespace

void add_evaluate_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, program, "evaluate",
      {"Say how good answers are: metrics with 95 % intervals, curves, calibration",
       "Оценить ответы модели: показатели с 95 % интервалами, кривые, калибровка"},
      {"thorax evaluate predictions.csv --where split=test --by shift --out evaluation",
       "thorax evaluate predictions.csv --fit split=validation --where split=test "
       "--goal 'sensitivity>=0.98' --into models/xray-pneumonia",
       "thorax infer /data/xrays --model xray-pneumonia --table answers.csv && "
       "thorax evaluate answers.csv --calibration models/xray-pneumonia",
       "",
       program.say(
           {"The table holds a row a case: the true class (column class), the patient "
            "(patient_id), and logit_CLASS or probability_CLASS for every class. With "
            "columns truth_CLASS (0 or 1) several classes may hold at once.",
            "Таблица содержит строку на случай: истинный класс (столбец class), пациента "
            "(patient_id) и logit_КЛАСС или probability_КЛАСС для каждого класса. Если есть "
            "столбцы truth_КЛАСС (0 или 1), верны могут быть сразу несколько классов."})});
  auto arguments = std::make_shared<Arguments>();
  add_option(*command, program, "table", arguments->table,
             {"Table of answers and truth", "Таблица ответов и истинных классов"}, "TABLE.csv")
      ->required();
  add_option(*command, program, "--where", arguments->where,
             {"Evaluate these rows only", "Оценить только эти строки"}, "COLUMN=VALUE");
  add_option(*command, program, "--fit", arguments->fit,
             {"Fit temperature, conformal scores and threshold on these rows first",
              "Сначала подобрать на этих строках температуру, конформные оценки и порог"},
             "COLUMN=VALUE");
  add_option(*command, program, "--calibration", arguments->calibration,
             {"Model folder whose temperature and conformal scores are used, instead of fitting",
              "Папка модели, чьи температура и конформные оценки берутся вместо подбора"},
             "DIR");
  add_option(*command, program, "--goal", arguments->goal,
             {"What the threshold is chosen for", "Цель, по которой выбирается порог"},
             "f1|youden|sensitivity>=X|specificity>=X");
  add_option(*command, program, "--positive", arguments->positive,
             {"Class of the threshold; the last one if not given",
              "Класс, для которого выбирается порог; по умолчанию последний"},
             "CLASS");
  add_option(*command, program, "--by", arguments->slices,
             {"Also by the values of these columns", "Отдельно по значениям этих столбцов"},
             "COLUMN");
  add_option(*command, program, "--truth", arguments->columns.truth,
             {"Column of the true class", "Столбец истинного класса"}, "COLUMN");
  add_option(*command, program, "--patient", arguments->columns.patient,
             {"Column of the patient", "Столбец пациента"}, "COLUMN");
  add_option(*command, program, "--resamples", arguments->resamples,
             {"Resamples of the intervals; 0: none", "Число повторных выборок; 0: без интервалов"},
             "N")
      ->check(CLI::Range(0, 100000));
  add_option(*command, program, "--out", arguments->out,
             {"Folder for evaluation.json and evaluation.html",
              "Папка для evaluation.json и evaluation.html"},
             "DIR");
  add_option(*command, program, "--into", arguments->into,
             {"Model folder whose manifest takes what was fitted",
              "Папка модели, в манифест которой записать подобранное"},
             "DIR");
  add_flag(*command, program, "--json", arguments->as_json,
           {"JSON on standard output", "JSON в стандартный вывод"});
  add_settings_options(*command, program);
  command->callback([&program, arguments] { evaluate_answers(program, *arguments); });
}

}  // namespace thorax::cli

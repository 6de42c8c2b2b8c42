// `thorax doctor`: what is in a source, what was decided about it, and why; nothing is measured.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/terminal.h"
#include "intake/series_model.h"
#include "intake/source.h"
#include "pipeline/ct_body_part.h"
#include "pipeline/study.h"
#include "pipeline/study_rows.h"
#include "quality/gate.h"
#include "quality/trust.h"
#include "report/phrases.h"

namespace thorax::cli {
namespace {

struct Arguments {
  std::vector<std::string> words;
  std::string series;
  bool files = false;
};

class Doctor {
 public:
  Doctor(const Program& program, const std::atomic<bool>& cancelled)
      : language_(program.options.language), options_(program.options), cancelled_(cancelled) {}

  /// Returns the exit code of the first refusal, 0 when every study can be read.
  int examine(const std::filesystem::path& path, bool list_files) {
    intake::Source source =
        intake::Source::open(path, options_.intake, Progress(nullptr, &cancelled_));
    std::uint64_t bytes = 0;
    for (const intake::Entry& entry : source.entries()) bytes += entry.size;
    heading(path.string());
    item({"Files", "Файлов"},
         std::to_string(source.entries().size()) + ", " +
             report::number(static_cast<double>(bytes) / (1 << 20), 1, language_) +
             Text{" MiB", " МиБ"}.in(language_));
    item({"Studies", "Исследований"}, std::to_string(source.studies().size()));
    int code = 0;
    for (intake::Study& study : source.studies()) {
      const int study_code = examine_study(source, study, list_files);
      if (code == 0) code = study_code;
    }
    return code;
  }

 private:
  int examine_study(intake::Source& source, intake::Study& study, bool list_files) {
    std::cout << '\n';
    heading(Text{"Study ", "Исследование "}.in(language_) +
            (study.study_instance_uid.empty() ? "—" : study.study_instance_uid));
    if (!study.study_date.empty())
      item({"Date", "Дата"}, report::date_text(study.study_date, language_));
    item({"Kind", "Вид"}, kind_name(study.kind));
    try {
      if (!options_.series_uid.empty()) intake::choose_series(study, options_.series_uid);
      show_notices(study.notices);
      for (const intake::Series& series : study.series) show_series(source, series, list_files);
      show_files_aside(study);
      if (const auto refusal = intake::study_refusal(study, source.path().string()))
        throw Error(*refusal);
      if (const intake::Series* series = study.chosen()) examine_series(source, study, *series);
    } catch (const std::exception& error) {
      const Notice notice = pipeline::notice_of(error);
      if (notice.code == "cancelled"_code) throw;
      std::cout << terminal_.red("✕ " + notice.id()) << "  " << notice.what(language_) << "\n    "
                << notice.todo(language_) << '\n';
      return catalogue(notice.code).exit_code;
    }
    return 0;
  }

  void show_series(const intake::Source& source, const intake::Series& series, bool list_files) {
    const bool taken = series.role == intake::SeriesRole::taken;
    const std::string mark = taken ? "● " : "○ ";
    const std::string uid = pipeline::series_name(series);
    const std::string title =
        mark + Text{"Series ", "Серия "}.in(language_) + (uid.empty() ? "—" : uid);
    std::cout << (taken ? terminal_.green(title) : title) << '\n';
    std::string facts = series.header.modality;
    const auto add = [&](const std::string& fact) {
      if (!fact.empty()) facts += (facts.empty() ? "" : ", ") + fact;
    };
    add(Text{"images: ", "изображений: "}.in(language_) + std::to_string(series.image_count()));
    if (!series.instances.empty() && series.instances.front().slice_thickness)
      add(report::number(*series.instances.front().slice_thickness, 2, language_) +
          Text{" mm", " мм"}.in(language_));
    if (!series.header.kernel.empty())
      add(Text{"kernel ", "фильтр "}.in(language_) + series.header.kernel);
    add(series.header.series_description);
    std::cout << "    " << facts << '\n';
    show_notices(series.reasons);
    if (!list_files) return;
    for (const intake::Instance& instance : series.instances)
      std::cout << "    " << terminal_.dim(source.entries().at(instance.entry).path) << '\n';
  }

  void show_files_aside(const intake::Study& study) {
    if (study.set_aside.empty()) return;
    heading(Text{"Files set aside", "Отложенные файлы"}.in(language_));
    for (const intake::SetAside& file : study.set_aside)
      std::cout << "  " << terminal_.dim(file.reason.id()) << "  " << with_path(file) << '\n';
  }

  /// Most reasons name the file themselves.
  std::string with_path(const intake::SetAside& file) const {
    const std::string what = file.reason.what(language_);
    return what.find(file.path) == std::string::npos ? file.path + ": " + what : what;
  }

  void examine_series(intake::Source& source, const intake::Study& study,
                      const intake::Series& series) {
    if (study.kind == intake::StudyKind::xray) {
      const intake::LoadedImage image = source.load_image(series);
      heading(Text{"Image", "Изображение"}.in(language_));
      item({"Size", "Размер"},
           std::to_string(image.image.width) + " × " + std::to_string(image.image.height));
      show_notices(image.notices);
      const quality::GateResult gate = quality::check_chest_xray(series.header, image.image);
      show_signs(gate.signs);
      gate.require();
      show_trust(quality::judge_xray(gate));
      return;
    }
    const intake::LoadedVolume ct = source.load_volume(series, Progress(nullptr, &cancelled_));
    show_geometry(ct);
    show_notices(ct.notices);
    quality::GateResult gate = quality::check_chest_ct(series.header, ct);
    show_lungs(gate.lungs);
    show_body_part(gate, ct.hu);
    gate.require();
    const quality::QualityReport quality = quality::measure_quality(series, ct, gate.lungs);
    show_measurements(quality.values);
    show_notices(quality.notices);
    show_trust(quality::judge_ct(gate, ct.geometry, quality));
  }

  void show_geometry(const intake::LoadedVolume& ct) {
    const intake::GeometryReport& geometry = ct.geometry;
    const volume::Grid& grid = ct.hu.grid();
    const std::string mm = Text{" mm", " мм"}.in(language_);
    heading(Text{"Geometry", "Геометрия"}.in(language_));
    item({"Plane", "Плоскость"}, plane_name(geometry.plane));
    item({"Voxels", "Вокселы"},
         std::to_string(grid.shape.x) + " × " + std::to_string(grid.shape.y) + " × " +
             std::to_string(grid.shape.z) + ", " + report::number(grid.spacing.x, 3, language_) +
             " × " + report::number(grid.spacing.y, 3, language_) + " × " +
             report::number(grid.spacing.z, 3, language_) + mm);
    item({"Coverage", "Протяжённость"},
         report::number(grid.spacing.z * (grid.shape.z - 1), 1, language_) + mm);
    item({"Gap between slices", "Шаг срезов"},
         report::number(geometry.spacing_min_mm, 3, language_) + " … " +
             report::number(geometry.spacing_max_mm, 3, language_) + mm);
    item({"Slices", "Срезов"},
         std::to_string(geometry.slices) + " / " + std::to_string(geometry.expected_slices));
    item({"Missing", "Пропущено"}, report::number(geometry.missing_percent, 2, language_) + " %");
    item({"Duplicates", "Повторы"}, std::to_string(geometry.duplicates));
    item({"Gantry tilt", "Наклон гентри"},
         report::number(geometry.tilt_degrees, 1, language_) + "°");
    item({"Turned to the axes by", "Поворот к осям"},
         report::number(geometry.obliquity_degrees, 1, language_) + "°");
  }

  void show_lungs(const quality::LungSurvey& lungs) {
    if (lungs.body.empty()) return;
    const std::string ml = Text{" mL", " мл"}.in(language_);
    heading(Text{"Chest", "Грудная клетка"}.in(language_));
    item({"Aerated lung, left", "Воздушное лёгкое, лев."},
         report::number(lungs.left_ml, 0, language_) + ml);
    item({"Aerated lung, right", "Воздушное лёгкое, прав."},
         report::number(lungs.right_ml, 0, language_) + ml);
    item({"Lungs covered", "Охват лёгких"},
         report::number(100 * lungs.coverage, 0, language_) + " %");
  }

  /// Each sign of a chest with what is asked of it, so that a refusal can be argued with.
  void show_signs(const std::vector<quality::SignCheck>& signs) {
    if (signs.empty()) return;
    heading(Text{"Signs of a chest", "Признаки грудной клетки"}.in(language_));
    int width = kNameWidth;
    for (const quality::SignCheck& sign : signs)
      width = std::max(width, display_width(sign.name.in(language_)));
    for (const quality::SignCheck& sign : signs) {
      constexpr int kDecimals = 3;
      const double limit = sign.low ? *sign.low : sign.high.value_or(0);
      const std::string asked =
          (sign.low ? "≥ " : "≤ ") + report::number(limit, kDecimals, language_);
      item(sign.name,
           report::number(sign.value, kDecimals, language_) + "  " +
               (sign.holds() ? terminal_.green("✓ " + asked) : terminal_.red("✕ " + asked)),
           width);
    }
  }

  /// What differs from a chest's gate is shown with its reasons.
  void show_body_part(quality::GateResult& gate, const volume::CtVolume& hu) {
    if (!body_part_) body_part_ = pipeline::CtBodyPart::load(options_.models);
    const auto opinion = body_part_->look(hu, Progress(nullptr, &cancelled_));
    if (!opinion) return;
    item({"Part, by the network", "Область по сети"}, opinion->part + " (" + opinion->model + ")");
    if (opinion->chest)
      item({"Chest in slices", "Грудная клетка, срезы"},
           std::to_string(opinion->chest->first + 1) + "–" +
               std::to_string(opinion->chest->last + 1));
    const std::vector<Notice> differences = quality::compare(gate, *opinion);
    if (gate.chest)
      gate.reasons.insert(gate.reasons.end(), differences.begin(), differences.end());
    else
      show_notices(differences);
  }

  void show_measurements(const Measurements& values) {
    if (values.all().empty()) return;
    heading(Text{"Quality", "Качество"}.in(language_));
    int width = kNameWidth;
    for (const Measurement& m : values.all())
      width = std::max(width, display_width(m.name.in(language_)));
    for (const Measurement& m : values.all())
      item(m.name, report::quantity(m.value, m.decimals, m.unit, language_), width);
  }

  void show_trust(const quality::TrustVerdict& verdict) {
    heading(Text{"Trust: ", "Доверие: "}.in(language_) +
            report::trust_text(pipeline::trust_of(verdict.trust)).in(language_));
    show_notices(verdict.reasons);
  }

  void show_notices(const std::vector<Notice>& notices) {
    for (const Notice& notice : notices) {
      const std::string id = notice.severity() == Severity::info ? terminal_.dim(notice.id())
                                                                 : terminal_.yellow(notice.id());
      std::cout << "    " << id << "  " << notice.what(language_) << '\n';
    }
  }

  std::string plane_name(const std::string& plane) const {
    if (plane == "axial") return Text{"axial", "аксиальная"}.in(language_);
    if (plane == "coronal") return Text{"coronal", "корональная"}.in(language_);
    if (plane == "sagittal") return Text{"sagittal", "сагиттальная"}.in(language_);
    return plane;
  }

  std::string kind_name(intake::StudyKind kind) const {
    switch (kind) {
      case intake::StudyKind::ct:
        return Text{"CT", "КТ"}.in(language_);
      case intake::StudyKind::xray:
        return Text{"X-ray", "рентгенограмма"}.in(language_);
      case intake::StudyKind::other:
        break;
    }
    return Text{"other", "другое"}.in(language_);
  }

  void heading(const std::string& text) { std::cout << terminal_.bold(text) << '\n'; }

  void item(const Text& name, const std::string& value, int width = kNameWidth) {
    std::cout << "  " << fit(name.in(language_), width) << ' ' << value << '\n';
  }

  static constexpr int kNameWidth = 24;

  const Language language_;
  const pipeline::Options& options_;
  const std::atomic<bool>& cancelled_;
  const Terminal terminal_{stdout};
  std::optional<pipeline::CtBodyPart> body_part_;  ///< loaded for the first CT
};

}  // namespace

void add_doctor_command(CLI::App& app, Program& program) {
  CLI::App* command =
      add_command(app, program, "doctor",
                  {"Explain every file, series and decision, without measuring",
                   "Объяснить каждый файл, серию и решение, без измерений"},
                  {"thorax doctor study.zip", "thorax doctor study/ --files --lang ru",
                   "thorax doctor study/ --series 1.2.840.1"});
  auto arguments = std::make_shared<Arguments>();
  add_option(*command, program, "path", arguments->words,
             {"A folder, archive or file; and settings", "Папка, архив или файл; и параметры"},
             "PATH|key=value")
      ->required();
  add_option(*command, program, "--series", arguments->series,
             {"Examine this series", "Проверить эту серию"}, "UID");
  add_flag(*command, program, "--files", arguments->files,
           {"List the files of every series", "Перечислить файлы каждой серии"});
  add_settings_options(*command, program);
  command->callback([&program, arguments] {
    const std::vector<std::string> paths = apply_settings(program, arguments->words);
    program.options.series_uid = arguments->series;
    const Interrupt interrupt;
    Doctor doctor(program, interrupt.flag());
    for (const std::string& path : paths) {
      const int code = doctor.examine(path, arguments->files);
      if (program.exit_code == 0) program.exit_code = code;
    }
  });
}

}  // namespace thorax::cli

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/progress_line.h"
#include "intake/phantom_dicom.h"
#include "intake/phantom_nifti.h"
#include "intake/phantom_words.h"
#include "intake/phantom_xray.h"

namespace thorax::cli {
namespace {

namespace fs = std::filesystem;
using intake::Phantom;
using intake::PhantomOptions;

/// The words of the command line.
struct Wish {
  fs::path out;
  PhantomOptions draw;
  intake::PhantomSeriesOptions series;
  std::vector<std::string> nodules, ground_glass, consolidation, effusion, pneumothorax;
  std::string kernel = "soft", syntax = "explicit", format, missing;
  double spacing = 0, ctr = 0;
  bool xray = false, zip = false, no_truth = false;
};

bool is_nifti(const fs::path& path) {
  return path.string().ends_with(".nii") || path.string().ends_with(".nii.gz");
}

std::vector<intake::PhantomRegion> regions(const char* option,
                                           const std::vector<std::string>& words) {
  std::vector<intake::PhantomRegion> parsed;
  for (const std::string& word : words)
    parsed.push_back(intake::parse_phantom_region(option, word));
  return parsed;
}

[[noreturn]] void refuse(const char* option, const std::string& value, const char* hint) {
  throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
}

/// Turns words into options of the painter and the writers.
void understand(Wish& wish) {
  PhantomOptions& draw = wish.draw;
  for (const std::string& word : wish.nodules)
    draw.nodules.push_back(intake::parse_phantom_nodule("--nodule", word));
  draw.ground_glass = regions("--ground-glass", wish.ground_glass);
  draw.consolidation = regions("--consolidation", wish.consolidation);
  draw.effusion = regions("--effusion", wish.effusion);
  draw.pneumothorax = regions("--pneumothorax", wish.pneumothorax);
  if (wish.ctr > 0) draw.cardiothoracic_ratio = wish.ctr;
  if (wish.kernel == "sharp")
    draw.kernel = intake::PhantomKernel::sharp;
  else if (wish.kernel != "soft")
    refuse("--kernel", wish.kernel, "soft, sharp");
  if (wish.spacing > 0)
    draw.slice_mm = wish.spacing;
  else if (draw.slices > 1)
    draw.slice_mm = (draw.high_mm - draw.low_mm) * draw.body_scale / (draw.slices - 1);
  if (wish.zip && wish.out.extension() != ".zip") wish.out += ".zip";
  if (wish.format.empty()) wish.format = is_nifti(wish.out) ? "nifti" : "dicom";
  if (wish.format == "nifti") {
    if (!is_nifti(wish.out)) wish.out += ".nii.gz";
    if (!wish.missing.empty()) refuse("--missing", wish.missing, "--format dicom");
    if (wish.series.tilt_degrees != 0)
      refuse("--tilt", std::to_string(wish.series.tilt_degrees), "--format dicom");
  } else if (wish.format != "dicom") {
    refuse("--format", wish.format, "dicom, nifti");
  }
  wish.series.syntax = intake::parse_phantom_syntax(wish.syntax);
}

/// "a/phantom.zip" -> "a/phantom" + suffix: what lies beside the output.
fs::path beside(const fs::path& out, const char* suffix) {
  std::string name = out.has_filename() ? out.string() : out.parent_path().string();
  for (const std::string_view ending : {".zip", ".nii.gz", ".nii"})
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  return name + suffix;
}

void write_images(const Wish& wish, const Phantom& phantom, const Progress& progress) {
  if (wish.format == "nifti") {
    intake::write_phantom_file(wish.out,
                               intake::encode_nifti(phantom.hu, wish.out.extension() == ".gz"));
    return;
  }
  intake::PhantomOutput output(wish.out);
  intake::write_phantom_series(
      phantom, wish.draw, wish.series, [&](const intake::PhantomFile& file) { output.add(file); },
      progress);
  output.commit();
}

void write_truth(const fs::path& folder, const Phantom& phantom) {
  intake::write_phantom_file(folder / "truth.json", phantom.truth.dump(2) + "\n");
  intake::write_phantom_file(folder / "truth-anatomy.nii.gz",
                             intake::encode_nifti(phantom.anatomy, true));
  intake::write_phantom_file(folder / "truth-findings.nii.gz",
                             intake::encode_nifti(phantom.findings, true));
}

void draw(Wish wish, const Program& program, const Progress& progress) {
  understand(wish);
  Phantom phantom = intake::make_phantom(wish.draw, progress.part(0, 0.8));
  wish.series.missing =
      intake::parse_phantom_missing(wish.missing, phantom.hu.shape().z, wish.draw.seed);
  write_images(wish, phantom, progress.part(0.8, 0.95));
  std::cout << wish.out.string() << '\n';
  if (!wish.no_truth) {
    phantom.truth["missing_slices"] = wish.series.missing;
    phantom.truth["tilt_degrees"] = wish.series.tilt_degrees;
    const fs::path folder = beside(wish.out, "-truth");
    write_truth(folder, phantom);
    std::cout << program.say({"truth: ", "истина: "}) << (folder / "truth.json").string() << '\n';
  }
  if (wish.xray) {
    const volume::Image image =
        intake::project_xray(phantom, wish.draw, {}, progress.part(0.95, 1));
    const fs::path dicom = beside(wish.out, "-xray.dcm"), png = beside(wish.out, "-xray.png");
    intake::write_phantom_file(dicom, intake::encode_xray_dicom(image));
    intake::write_phantom_file(png, intake::encode_xray_png(image));
    std::cout << program.say({"X-ray: ", "рентгенограмма: "}) << dicom.string() << ", "
              << png.string() << '\n';
  }
}

void add_scan_options(CLI::App& c, const Program& p, Wish& w) {
  add_option(c, p, "--slices", w.draw.slices, {"Number of slices", "Число срезов"}, "N");
  add_option(c, p, "--spacing", w.spacing,
             {"Distance between slices, mm (2)", "Расстояние между срезами, мм (2)"}, "MM");
  add_option(c, p, "--size", w.draw.size, {"Rows and columns (512)", "Строки и столбцы (512)"},
             "N");
  add_option(c, p, "--fov", w.draw.fov_mm, {"Field of view, mm (390)", "Поле обзора, мм (390)"},
             "MM");
  add_option(c, p, "--low", w.draw.low_mm, {"Lowest slice, mm (-160)", "Нижний срез, мм (-160)"},
             "MM");
  add_option(c, p, "--high", w.draw.high_mm, {"Highest slice, mm (182)", "Верхний срез, мм (182)"},
             "MM");
  add_option(c, p, "--scale", w.draw.body_scale, {"Size of the body (1)", "Размер тела (1)"}, "X");
  add_option(c, p, "--seed", w.draw.seed,
             {"Another patient of the same kind", "Другой пациент того же рода"}, "N");
  add_option(c, p, "--noise", w.draw.noise_hu, {"Noise, HU (12)", "Шум, ед. Хаунсфилда (12)"},
             "HU");
  add_option(c, p, "--kernel", w.kernel, {"soft or sharp", "soft (мягкий) или sharp (жёсткий)"},
             "NAME");
  add_option(c, p, "--tilt", w.series.tilt_degrees,
             {"Gantry tilt, degrees", "Наклон гентри, градусы"}, "DEG");
  add_option(c, p, "--missing", w.missing,
             {"Slices to leave out: 3,10-12 (from the feet) or 5%",
              "Пропущенные срезы: 3,10-12 (от ног) или 5%"},
             "LIST");
  add_option(c, p, "--first-number", w.series.first_number,
             {"InstanceNumber of the first slice (1)", "InstanceNumber первого среза (1)"}, "N");
  add_flag(c, p, "--feet-first", w.series.feet_first,
           {"Number the slices from the feet", "Нумеровать срезы от ног"});
  add_flag(c, p, "--shuffle", w.series.shuffled,
           {"File names in no order", "Имена файлов вразнобой"});
  add_option(c, p, "--syntax", w.syntax,
             {"implicit, explicit, big, deflated, rle, jpeg, jpegls or j2k",
              "implicit, explicit, big, deflated, rle, jpeg, jpegls или j2k"},
             "NAME");
  add_option(c, p, "--format", w.format, {"dicom or nifti", "dicom или nifti"}, "NAME");
  add_flag(c, p, "--zip", w.zip, {"Write one zip archive", "Записать один архив zip"});
  add_flag(c, p, "--xray", w.xray,
           {"Also the matching chest X-ray (DICOM and PNG)",
            "Также рентгенограмма того же пациента (DICOM и PNG)"});
  add_flag(c, p, "--no-truth", w.no_truth,
           {"Do not write the truth beside it", "Не записывать истинные значения рядом"});
}

void add_finding_options(CLI::App& c, const Program& p, Wish& w) {
  add_option(c, p, "--nodule", w.nodules,
             {"Nodule, e.g. 10mm,solid,right,upper,wall; may be repeated",
              "Очаг, например 10mm,solid,right,upper,wall; можно повторять"},
             "WORDS");
  const Text region{"ml,side,third, e.g. 150,left,lower", "мл,сторона,треть: 150,left,lower"};
  const auto named = [&](const char* en, const char* ru) {
    return Text{en + (": " + region.en), ru + (": " + region.ru)};
  };
  add_option(c, p, "--ground-glass", w.ground_glass, named("Ground glass", "Матовое стекло"),
             "WORDS");
  add_option(c, p, "--consolidation", w.consolidation, named("Consolidation", "Консолидация"),
             "WORDS");
  add_option(c, p, "--effusion", w.effusion,
             {"Pleural effusion: 300,left", "Плевральный выпот: 300,left"}, "WORDS");
  add_option(c, p, "--pneumothorax", w.pneumothorax,
             {"Pneumothorax: 250,right", "Пневмоторакс: 250,right"}, "WORDS");
  add_option(
      c, p, "--emphysema", w.draw.emphysema_percent,
      {"Emphysema, % of the lung below -950 HU", "Эмфизема, % лёгкого ниже -950 ед. Хаунсфилда"},
      "PERCENT");
  add_flag(c, p, "--bullae", w.draw.bullae,
           {"Half of the emphysema as bullae", "Половина эмфиземы в виде булл"});
  add_option(c, p, "--pericardial", w.draw.pericardial_ml,
             {"Pericardial effusion, ml", "Перикардиальный выпот, мл"}, "ML");
  add_option(c, p, "--ctr", w.ctr, {"Cardiothoracic ratio", "Кардиоторакальный индекс"}, "RATIO");
  add_option(c, p, "--coronary-calcium", w.draw.coronary_calcium_mm3,
             {"Coronary calcification, mm3", "Кальциноз коронарных артерий, мм3"}, "MM3");
  add_option(c, p, "--aortic-calcium", w.draw.aortic_calcium_mm3,
             {"Aortic calcification, mm3", "Кальциноз аорты, мм3"}, "MM3");
  add_option(c, p, "--calcium-hu", w.draw.calcium_hu,
             {"Density of calcification, HU (500)", "Плотность кальцинатов, ед. Хаунсфилда (500)"},
             "HU");
  add_option(c, p, "--mass", w.draw.mediastinal_mass_ml,
             {"Mediastinal mass, ml", "Образование средостения, мл"}, "ML");
  add_option(c, p, "--vertebra-hu", w.draw.vertebra_hu,
             {"Density of the vertebral bodies, HU (160)",
              "Плотность тел позвонков, ед. Хаунсфилда (160)"},
             "HU");
}

/// Shows the progress of the drawing on the terminal's line.
class Drawing : public ProgressSink {
 public:
  Drawing(Language language, std::string name) : line_(language, 1), name_(std::move(name)) {}
  void report(std::string_view stage, double fraction) override {
    line_.progressed(fraction, name_, stage);
  }

 private:
  ProgressLine line_;
  std::string name_;
};

}  // namespace

void add_phantom_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, program, "phantom",
      {"Draw a chest CT with findings of known truth, as DICOM or NIfTI",
       "Нарисовать КТ грудной клетки с известными находками в виде DICOM или NIfTI"},
      {"thorax phantom healthy",
       "thorax phantom ill.zip --spacing 1.25 --nodule 10mm,solid,right,upper --emphysema 8 --xray",
       "thorax phantom hard --syntax j2k --tilt 12 --missing 5% --shuffle --effusion 300,left",
       "thorax phantom chest.nii.gz --slices 150 --ctr 0.6 --pneumothorax 250,right"});
  auto wish = std::make_shared<Wish>();
  add_option(*command, program, "out", wish->out,
             {"Folder, file.zip or file.nii.gz to write; must not exist",
              "Папка, файл.zip или файл.nii.gz для записи; не должны существовать"},
             "OUT")
      ->required();
  add_scan_options(*command, program, *wish);
  add_finding_options(*command, program, *wish);
  command->callback([wish, &program] {
    const Interrupt interrupt;
    Drawing drawing(program.options.language, wish->out);
    draw(*wish, program, Progress(&drawing, &interrupt.flag()));
  });
}

}  // namespace thorax::cli

#include "measure/lungs_texts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace thorax::measure {

bool is_sharp_kernel(const std::string& kernel) {
  std::string name;
  for (const char c : kernel)
    name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  // GE: names. Canon: FC50 and above are lung and bone. Philips: letters, from C on sharp; "YA"…
  // Siemens: letter and number (B70f, Br64), from 55 on sharp.
  static constexpr std::array kNames = {"LUNG",   "BONE", "EDGE", "SHARP",
                                        "DETAIL", "YB",   "YC",   "YD"};
  if (std::any_of(kNames.begin(), kNames.end(),
                  [&](const char* n) { return name.find(n) != std::string::npos; }))
    return true;
  if (name == "C" || name == "D" || name == "E" || name == "L") return true;
  const auto digit =
      std::find_if(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (digit == name.begin() || digit == name.end()) return false;
  int number = 0;
  std::from_chars(&*digit, name.data() + name.size(), number);
  const std::string letters(name.begin(), digit);
  if (letters == "FC") return number >= 50;
  if (letters == "B" || letters == "I" || letters == "H" || letters == "BR" || letters == "BL" ||
      letters == "QR")
    return number >= 55;
  return false;
}

Trust density_trust(const CtContext& context) {
  Trust out;
  const auto warn = [&](Reliability reliability, const char* en, const char* ru) {
    out.reliability = std::max(out.reliability, reliability);
    if (!out.caveat.en.empty()) {
      out.caveat.en += ' ';
      out.caveat.ru += ' ';
    }
    out.caveat.en += en;
    out.caveat.ru += ru;
  };
  if (is_sharp_kernel(context.kernel))
    warn(Reliability::limited, "A sharp kernel overstates low densities.",
         "Жёсткое ядро реконструкции завышает долю низкой плотности.");
  if (context.slice_thickness_mm > 3)
    warn(Reliability::limited, "Thick slices understate low densities.",
         "Толстые срезы занижают долю низкой плотности.");
  if (context.noise_hu > 40)
    warn(Reliability::weak, "Noise overstates low densities.",
         "Шум завышает долю низкой плотности.");
  if (context.contrast)
    warn(Reliability::limited, "Contrast medium raises lung density.",
         "Контрастное вещество повышает плотность лёгких.");
  return out;
}

}  // namespace thorax::measure

#include "intake/limits.h"

#include <limits>

#include "base/config.h"

namespace thorax::intake {

void add_settings(Settings& settings, Limits& limits) {
  constexpr int kAnyInt = std::numeric_limits<int>::max();
  constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
  settings.add("intake.max_entries", limits.max_entries,
               {"Files in one input, those inside archives included",
                "Файлов в одном источнике, включая содержимое архивов"},
               1, kAny);
  settings.add_bytes("intake.max_total_bytes", limits.max_total_bytes,
                     {"Size of one input, unpacked", "Объём одного источника после распаковки"});
  settings.add_bytes("intake.max_entry_bytes", limits.max_entry_bytes,
                     {"Size of one file, unpacked", "Объём одного файла после распаковки"});
  settings.add("intake.max_ratio", limits.max_ratio,
               {"Unpacked size over packed size of an archive",
                "Отношение объёма архива после распаковки к исходному"},
               1.0, 1e9);
  settings.add("intake.max_name_length", limits.max_name_length,
               {"Length of a path inside an archive, bytes", "Длина пути внутри архива, байт"}, 1,
               kAnyInt);
  settings.add("intake.max_archive_depth", limits.max_archive_depth,
               {"Archives inside archives: 1 opens only the outer one",
                "Вложенность архивов: 1 — только внешний"},
               1, 8);
  settings.add("intake.max_sequence_depth", limits.max_sequence_depth,
               {"Nested DICOM sequences", "Вложенность последовательностей DICOM"}, 1, 256);
  settings.add("intake.max_pixels", limits.max_pixels,
               {"Pixels of one series", "Пикселей в одной серии"}, 1, kAny);
  settings.add("intake.max_frames", limits.max_frames,
               {"Images of one series", "Изображений в одной серии"}, 1, kAnyInt);
  settings.add("intake.max_side", limits.max_side,
               {"Rows or columns of one image", "Строк или столбцов в изображении"}, 1, 65'535);
  settings.add_bytes(
      "intake.child_memory_bytes", limits.child_memory_bytes,
      {"Address space of the decoding process", "Адресное пространство процесса декодирования"});
  settings.add("intake.child_cpu_seconds", limits.child_cpu_seconds,
               {"Processor time of the decoding process, seconds",
                "Процессорное время процесса декодирования, секунд"},
               1, kAnyInt);
  settings.add("intake.header_timeout_seconds", limits.header_timeout_seconds,
               {"Time to index one input, seconds", "Время на чтение заголовков источника, секунд"},
               1, kAnyInt);
  settings.add("intake.decode_timeout_seconds", limits.decode_timeout_seconds,
               {"Time to decode one series, seconds", "Время на декодирование серии, секунд"}, 1,
               kAnyInt);
  settings.add(
      "intake.entry_timeout_seconds", limits.entry_timeout_seconds,
      {"Time to index one file, seconds", "Время на чтение заголовка одного файла, секунд"}, 1,
      kAnyInt);
  settings.add("intake.max_child_restarts", limits.max_child_restarts,
               {"How often the decoding process may die on one input; each time costs one file",
                "Сколько раз процесс декодирования может погибнуть на одном источнике; каждый раз "
                "теряется один файл"},
               0, 1000);
  settings.add("intake.max_elements", limits.max_elements,
               {"Data elements of one DICOM file, those in sequences not counted",
                "Элементов данных в файле DICOM, не считая вложенных"},
               100, kAnyInt);
  settings.add("intake.max_image_pixels", limits.max_image_pixels,
               {"Pixels of one frame or picture", "Пикселей в одном кадре или снимке"}, 1, kAny);
  settings.add_bytes("intake.spool_bytes", limits.spool_bytes,
                     {"Unpacked bytes kept so that decoding needs no second pass",
                      "Объём распакованных данных, который хранится до декодирования"});
}

}  // namespace thorax::intake

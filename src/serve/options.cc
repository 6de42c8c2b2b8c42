#include "serve/options.h"

namespace thorax::serve {

void add_settings(Settings& settings, Options& options) {
  settings.add("serve.address", options.address,
               {"Address the service listens on: 127.0.0.1, ::1 or localhost",
                "Адрес, на котором работает сервис: 127.0.0.1, ::1 или localhost"});
  settings.add("serve.port", options.port,
               {"Port of the service; 0: any that is free", "Порт сервиса; 0: любой свободный"}, 0,
               65535);
  settings.add(
      "serve.data", options.data,
      {"Folder of the service's database, uploads and reports; empty: your own data folder",
       "Папка базы данных, загрузок и отчётов сервиса; пусто: ваша папка данных"});
  settings.add("serve.page", options.page,
               {"Folder of the built web page; empty: the one beside the program",
                "Папка собранной веб-страницы; пусто: рядом с программой"});
  settings.add_bytes("serve.max_upload", options.max_upload,
                     {"Largest file that is taken", "Наибольший принимаемый файл"});
  settings.add_bytes("serve.disk_reserve", options.disk_reserve,
                     {"Uploads are refused when less of the disk would stay free",
                      "Загрузка отклоняется, если на диске осталось бы меньше места"});
  settings.add_bytes(
      "serve.max_infer", options.max_infer,
      {"Largest body of a request to a model (/v2)", "Наибольший размер запроса к модели (/v2)"});
  settings.add("serve.infer_queue", options.infer_queue,
               {"Requests that may wait for the models (/v2); they run one at a time",
                "Сколько запросов может ждать моделей (/v2); модели обрабатывают их по одному"},
               1, 1024);
  settings.add("serve.queue", options.queue,
               {"Studies that may wait; more are refused for the moment",
                "Сколько исследований может ждать; остальные временно не принимаются"},
               1, 1'000'000);
  settings.add("serve.workers", options.workers,
               {"Studies read at a time, each in a process of its own; 0: by cores and memory",
                "Сколько исследований читать одновременно, каждое в своём процессе; 0: по числу "
                "ядер и объёму памяти"},
               0, 256);
  settings.add("serve.streams", options.streams,
               {"Connections that may wait for news at a time",
                "Сколько подключений может одновременно ждать новостей"},
               1, 4096);
  settings.add("serve.job_seconds", options.job_seconds,
               {"Time a study may take", "Сколько секунд может занять исследование"}, 1, 1'000'000);
  settings.add("serve.stop_seconds", options.stop_seconds,
               {"Time that studies being read get to finish when the service is stopped; then they "
                "wait for its next start",
                "Сколько секунд исследования могут завершаться при остановке сервиса; потом они "
                "ждут следующего запуска"},
               0, 86'400);
  settings.add("serve.attempts", options.attempts,
               {"Times a study is begun again after the service crashed, before it is set aside",
                "Сколько раз исследование начинается заново после сбоя сервиса, прежде чем его "
                "отложат"},
               1, 1'000'000);
}

}  // namespace thorax::serve

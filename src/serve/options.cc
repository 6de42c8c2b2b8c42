#include "serve/options.h"

namespace thorax::serve {

void add_settings(Settings& settings, Options& options) {
  settings.add("serve.address", options.address,
               {"Address the service listens on; any but this machine's own wants users and TLS",
                "Адрес, на котором работает сервис; для любого, кроме локального, нужны "
                "пользователи и TLS"});
  settings.add("serve.port", options.port,
               {"Port of the service; 0: any that is free", "Порт сервиса; 0: любой свободный"}, 0,
               65535);
  settings.add("serve.certificate", options.certificate,
               {"PEM file of the TLS certificate and those it hangs on; empty: no TLS",
                "Файл PEM с сертификатом TLS и его цепочкой; пусто: без TLS"});
  settings.add("serve.key", options.key,
               {"PEM file of the certificate's key", "Файл PEM с ключом сертификата"});
  settings.add("serve.behind_proxy", options.behind_proxy,
               {"A proxy in front of the service does TLS; its X-Forwarded-For is believed",
                "Перед сервисом стоит прокси, который обеспечивает TLS; его X-Forwarded-For "
                "принимается на веру"});
  settings.add("serve.session_minutes", options.session_minutes,
               {"A sign-in ends after so many minutes without a request",
                "Через сколько минут без запросов заканчивается сеанс"},
               1, 10'000);
  settings.add("serve.session_hours", options.session_hours,
               {"A sign-in ends after so many hours", "Через сколько часов заканчивается сеанс"}, 1,
               10'000);
  settings.add(
      "serve.data", options.data,
      {"Folder of the service's database, uploads and reports; empty: your own data folder",
       "Папка базы данных, загрузок и отчётов сервиса; пусто: ваша папка данных"});
  settings.add("serve.page", options.page,
               {"Folder of the built web page; empty: the one beside the program",
                "Папка собранной веб-страницы; пусто: рядом с программой"});
  settings.add("serve.embeddings", options.embeddings,
               {"File of more embeddings for the map than of the studies that were read here, as "
                "`thorax embed` writes it; empty: embeddings.safetensors in the service's folder",
                "Файл эмбеддингов для карты, кроме обработанных здесь исследований, созданный "
                "`thorax embed`; пусто: embeddings.safetensors в папке сервиса"});
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
  settings.add("serve.uploads", options.uploads,
               {"Uploads in parts that may be open at a time",
                "Сколько загрузок по частям может быть начато одновременно"},
               1, 100'000);
  settings.add("serve.upload_hours", options.upload_hours,
               {"An upload in parts is given up after so many hours without another part",
                "Через сколько часов без новых частей прерванная загрузка удаляется"},
               1, 10'000);
  settings.add("serve.streams", options.streams,
               {"Connections that may wait for news at a time",
                "Сколько подключений может одновременно ждать новостей"},
               1, 4096);
  settings.add("serve.connections", options.connections,
               {"Connections that one machine may hold at a time",
                "Сколько подключений может одновременно держать одна машина"},
               1, 65'535);
  settings.add("serve.keep_days", options.keep_days,
               {"Studies are deleted when they came more days ago; 0: never",
                "Через сколько дней исследования удаляются; 0: никогда"},
               0, 36'500);
  settings.add("serve.keep_studies", options.keep_studies,
               {"So many studies are kept, the newest; 0: all",
                "Сколько последних исследований хранить; 0: все"},
               0, 1'000'000'000);
  settings.add_bytes(
      "serve.keep_bytes", options.keep_bytes,
      {"Uploads that are kept, the newest; 0: all", "Сколько хранить последних загрузок; 0: все"});
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

// What can be set about the service.
#pragma once

#include <cstdint>
#include <string>

#include "base/config.h"

namespace thorax::serve {

struct Options {
  std::string address = "127.0.0.1";
  int port = 8765;            ///< 0: any that is free
  std::string certificate;    ///< PEM file, the service's own first; empty: no TLS
  std::string key;            ///< PEM file of its key
  bool behind_proxy = false;  ///< a proxy in front does TLS and says whose address it is
  int session_minutes = 30;   ///< a session lasts without a request
  int session_hours = 12;     ///< a session lasts at all
  std::string data;  ///< folder of the database, uploads and reports; empty: the user's own
  std::string page;  ///< folder of the built page; empty: beside the program
  std::uint64_t max_upload = 64ull << 30;
  std::uint64_t disk_reserve = 2ull << 30;  ///< bytes of the disk that uploads leave free
  std::string models;                       ///< folder of model folders, before the usual places
  std::string embeddings;  ///< file of the map; empty: embeddings.safetensors in the data folder
  std::uint64_t max_infer = 1ull << 30;  ///< bytes of the tensors of one request to a model
  int infer_queue = 16;                  ///< requests that may wait for the models
  int queue = 1000;                      ///< studies that may wait
  int workers = 0;                       ///< studies read at a time; 0: by cores and memory
  int uploads = 100;                     ///< that come in parts, at a time
  int upload_hours = 24;                 ///< they are kept without another part
  int connections = 256;                 ///< of one machine
  int streams = 256;                     ///< connections that may wait for news
  int keep_days = 0;                     ///< studies are deleted when they are older; 0: never
  int keep_studies = 0;                  ///< the newest are kept; 0: all
  std::uint64_t keep_bytes = 0;          ///< the newest uploads are kept; 0: all
  int job_seconds = 3600;                ///< a study may take
  int stop_seconds = 10;                 ///< studies being read get to finish at a stop
  int attempts = 3;                      ///< times a study is begun when the service crashes
};

void add_settings(Settings& settings, Options& options);

}  // namespace thorax::serve

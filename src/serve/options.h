// What can be set about the service.
#pragma once

#include <cstdint>
#include <string>

#include "base/config.h"

namespace thorax::serve {

struct Options {
  std::string address = "127.0.0.1";
  int port = 8765;   ///< 0: any that is free
  std::string data;  ///< folder of the database, uploads and reports; empty: the user's own
  std::string page;  ///< folder of the built page; empty: beside the program
  std::uint64_t max_upload = 64ull << 30;
  std::uint64_t disk_reserve = 2ull << 30;  ///< bytes of the disk that uploads leave free
  std::string models;                       ///< folder of model folders, before the usual places
  std::uint64_t max_infer = 1ull << 30;     ///< bytes of the tensors of one request to a model
  int infer_queue = 16;                     ///< requests that may wait for the models
  int queue = 1000;                         ///< studies that may wait
  int workers = 0;                          ///< studies read at a time; 0: by cores and memory
  int streams = 256;                        ///< connections that may wait for news
  int job_seconds = 3600;                   ///< a study may take
  int stop_seconds = 10;                    ///< studies being read get to finish at a stop
  int attempts = 3;                         ///< times a study is begun when the service crashes
};

void add_settings(Settings& settings, Options& options);

}  // namespace thorax::serve

// A file on its way from a request to the store.
#pragma once

#include "serve/call.h"
#include "store/store.h"

namespace thorax::serve {

/// What can be known to fail before the body is read. Throws Error: queue_full, upload_too_large,
/// disk_full.
void check_upload(const httplib::Request& request, store::Store& store, std::uint64_t max_bytes);

/// The file of a request, written to the disk as it arrived, and what it is called.
struct ReceivedFile {
  store::Upload upload;
  std::string name;
};

/// Of a form the first part with a file name; else the body itself, whose name is the parameter
/// `name_parameter`. Throws Error: upload_too_large, disk_full, no_file_sent, upload_cut_short.
ReceivedFile receive_file(Call& call, store::FileFolder& files, std::uint64_t max_bytes,
                          const char* name_parameter);

/// Writes the file of a request to the disk as it arrives and queues a job for it. The file is the
/// body itself (its name: the parameter `name`), or the first part with a file name of a form.
/// Throws Error: what check_upload and Store::accept throw, no_file_sent, upload_cut_short.
store::Accepted receive_upload(Call& call, store::Store& store, std::uint64_t max_bytes);

/// The last part of a path, without what no file name should hold, at most 255 bytes; "study" when
/// nothing is left.
std::string safe_name(const std::string& name);

}  // namespace thorax::serve

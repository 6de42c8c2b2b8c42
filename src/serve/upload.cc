#include "serve/upload.h"

#include <optional>

#include "base/error.h"

namespace thorax::serve {
namespace {

constexpr std::size_t kMaxName = 255;
// What a form adds around its file.
constexpr std::uint64_t kFormBytes = 64 << 10;

bool is_form(const httplib::Request& request) {
  return request.is_multipart_form_data();
}

/// Takes the bytes of one file; remembers why it stopped taking them.
class Receiver {
 public:
  Receiver(store::Upload upload, std::uint64_t max_bytes)
      : upload_(std::move(upload)), max_bytes_(max_bytes) {
    pending_.reserve(kPiece);
  }

  bool take(const char* bytes, std::size_t size) {
    if (failure_) return false;
    try {
      if (upload_.bytes() + pending_.size() + size > max_bytes_)
        throw Error("upload_too_large"_code, {{"limit", std::to_string(max_bytes_)}});
      pending_.append(bytes, size);
      if (pending_.size() >= kPiece) flush();
    } catch (const Error& error) {
      failure_ = error.notice();
    }
    return !failure_;
  }

  /// The whole file.
  store::Upload finish() {
    if (failure_) throw Error(*failure_);
    flush();
    return std::move(upload_);
  }
  const std::optional<Notice>& failure() const { return failure_; }

 private:
  static constexpr std::size_t kPiece = 1 << 20;

  void flush() {
    upload_.write(pending_);
    pending_.clear();
  }

  store::Upload upload_;
  std::uint64_t max_bytes_;
  std::string pending_;
  std::optional<Notice> failure_;
};

/// Reads the body of a form; returns the name of its file.
std::string read_form(Call& call, Receiver& receiver, bool& whole) {
  std::optional<std::string> name;
  bool taking = false;
  whole = (*call.body)(
      [&](const httplib::MultipartFormData& part) {
        taking = !name && !part.filename.empty();
        if (taking) name = part.filename;
        return true;
      },
      [&](const char* bytes, std::size_t size) { return !taking || receiver.take(bytes, size); });
  if (!name && whole) throw Error("no_file_sent"_code);
  return name.value_or("");
}

void check_size(const httplib::Request& request, const store::FileFolder& files,
                std::uint64_t max_bytes) {
  const std::uint64_t announced = announced_bytes(request);
  if (announced > max_bytes + (is_form(request) ? kFormBytes : 0))
    throw Error("upload_too_large"_code, {{"limit", std::to_string(max_bytes)}});
  if (announced > files.free_bytes()) throw Error("disk_full"_code);
}

}  // namespace

void check_upload(const httplib::Request& request, store::Store& store, std::uint64_t max_bytes) {
  store.check_queue();
  check_size(request, store.files(), max_bytes);
}

ReceivedFile receive_file(Call& call, store::FileFolder& files, std::uint64_t max_bytes,
                          const char* name_parameter) {
  call.body_left = true;
  check_size(call.request, files, max_bytes);
  Receiver receiver(files.begin(announced_bytes(call.request)), max_bytes);
  bool whole = false;
  std::string name;
  if (is_form(call.request)) {
    name = read_form(call, receiver, whole);
  } else {
    name = call.parameter(name_parameter);
    whole = (*call.body)(
        [&](const char* bytes, std::size_t size) { return receiver.take(bytes, size); });
  }
  if (receiver.failure()) throw Error(*receiver.failure());
  if (!whole) throw Error("upload_cut_short"_code);
  call.body_left = false;
  store::Upload upload = receiver.finish();
  if (upload.bytes() == 0) throw Error("no_file_sent"_code);
  return {std::move(upload), safe_name(name)};
}

store::Accepted receive_upload(Call& call, store::Store& store, std::uint64_t max_bytes) {
  call.body_left = true;
  store.check_queue();
  ReceivedFile file = receive_file(call, store.files(), max_bytes, "name");
  return store.accept(std::move(file.upload), file.name, call.header("Idempotency-Key"));
}

std::string safe_name(const std::string& name) {
  std::string out;
  for (const char c : name.substr(name.find_last_of("/\\") + 1))
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out += c;
  if (out.size() > kMaxName) {
    std::size_t end = kMaxName;
    // Not in the middle of a character of several bytes (UTF-8: 10xxxxxx goes on).
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
    out.resize(end);
  }
  return out.empty() || out == "." || out == ".." ? "study" : out;
}

}  // namespace thorax::serve

// A zip that is written from its beginning to its end, into a pipe for example.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct archive;

namespace thorax {

class ZipWriter {
 public:
  /// `descriptor` stays open. Throws Error("cannot_write"_code).
  explicit ZipWriter(int descriptor);

  /// Without the time of day, so that the same files give the same zip.
  void add(const std::string& name, std::string_view content);
  void finish();

 private:
  struct Closer {
    void operator()(archive* zip) const;
  };
  void check(int status);

  std::unique_ptr<archive, Closer> archive_;
};

}  // namespace thorax

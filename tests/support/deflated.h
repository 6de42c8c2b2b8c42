// Bytes packed by zlib, for files that are archives, gzipped volumes, pictures or deflated DICOM.
#pragma once

#include <zlib.h>

#include <string>

namespace thorax::testing_support {

enum class Deflate { raw = -15, zlib = 15, gzip = 31 };  ///< window bits of deflateInit2

inline std::string deflated(const std::string& plain, Deflate format) {
  std::string packed(compressBound(plain.size()) + 64, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, static_cast<int>(format), 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace thorax::testing_support

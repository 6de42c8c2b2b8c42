#include "dicom/bytes.h"

#include <dcmtk/dcmdata/dcostrmb.h>

#include <vector>

namespace thorax::dicom {

std::string file_bytes(DcmFileFormat& file, E_TransferSyntax syntax) {
  std::string bytes;
  std::vector<char> buffer(1 << 20);
  DcmOutputBufferStream stream(buffer.data(), static_cast<offile_off_t>(buffer.size()));
  const auto drain = [&] {
    void* data = nullptr;
    offile_off_t length = 0;
    stream.flushBuffer(data, length);
    bytes.append(static_cast<const char*>(data), static_cast<std::size_t>(length));
  };
  file.transferInit();
  OFCondition condition = EC_StreamNotifyClient;
  while (condition == EC_StreamNotifyClient) {
    condition = file.write(stream, syntax, EET_UndefinedLength, nullptr, EGL_withoutGL);
    drain();
  }
  while (condition.good() && !stream.isFlushed()) {
    stream.flush();
    drain();
  }
  file.transferEnd();
  return condition.good() ? bytes : std::string();
}

}  // namespace thorax::dicom

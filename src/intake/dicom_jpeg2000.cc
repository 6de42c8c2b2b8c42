#include <openjpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "intake/dicom_codec.h"

namespace thorax::intake {
namespace {

[[noreturn]] void broken(const std::string& detail) {
  throw Error("pixels_broken"_code, {{"detail", detail}});
}

struct Memory {
  std::span<const std::uint8_t> data;
  std::size_t at = 0;
};

OPJ_SIZE_T read(void* buffer, OPJ_SIZE_T size, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  const std::size_t left = memory.data.size() - memory.at;
  if (left == 0) return static_cast<OPJ_SIZE_T>(-1);
  const std::size_t count = std::min<std::size_t>(size, left);
  std::memcpy(buffer, memory.data.data() + memory.at, count);
  memory.at += count;
  return count;
}

OPJ_OFF_T skip(OPJ_OFF_T count, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  if (count < 0) return -1;
  const std::size_t left = memory.data.size() - memory.at;
  const std::size_t moved = std::min<std::size_t>(static_cast<std::size_t>(count), left);
  memory.at += moved;
  return static_cast<OPJ_OFF_T>(moved);
}

OPJ_BOOL seek(OPJ_OFF_T to, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  if (to < 0 || static_cast<std::size_t>(to) > memory.data.size()) return OPJ_FALSE;
  memory.at = static_cast<std::size_t>(to);
  return OPJ_TRUE;
}

// Codec and stream are the same type (void) to the compiler, so each has its own deleter.
using Codec = std::unique_ptr<opj_codec_t, decltype(&opj_destroy_codec)>;
using Stream = std::unique_ptr<opj_stream_t, decltype(&opj_stream_destroy)>;
using Image = std::unique_ptr<opj_image_t, decltype(&opj_image_destroy)>;

Stream open(Memory& memory) {
  Stream stream(opj_stream_create(1 << 16, OPJ_TRUE), opj_stream_destroy);
  if (!stream) throw std::bad_alloc();
  opj_stream_set_user_data(stream.get(), &memory, nullptr);
  opj_stream_set_user_data_length(stream.get(), memory.data.size());
  opj_stream_set_read_function(stream.get(), read);
  opj_stream_set_skip_function(stream.get(), skip);
  opj_stream_set_seek_function(stream.get(), seek);
  return stream;
}

void check(const opj_image_t& image, const PixelFormat& format) {
  if (image.numcomps != static_cast<unsigned>(format.samples)) broken("wrong number of components");
  for (unsigned c = 0; c < image.numcomps; ++c) {
    const opj_image_comp_t& component = image.comps[c];
    if (component.w != static_cast<unsigned>(format.columns) ||
        component.h != static_cast<unsigned>(format.rows))
      broken("its size is not that of the DICOM header");
    if (component.prec > static_cast<unsigned>(format.bits_allocated))
      broken("it has more bits than are allocated");
  }
}

Bytes pack(const opj_image_t& image, const PixelFormat& format) {
  ByteBuffer buffer;
  const std::span<std::uint8_t> out = buffer.reserve(format.frame_bytes());
  const std::size_t width = format.bytes_per_sample();
  const auto samples = static_cast<std::size_t>(format.samples);
  for (std::size_t c = 0; c < samples; ++c) {
    const OPJ_INT32* values = image.comps[c].data;
    if (!values) broken("a component is missing");
    for (std::size_t i = 0; i < format.pixels(); ++i)
      std::memcpy(out.data() + (i * samples + c) * width, &values[i], width);
  }
  buffer.commit(format.frame_bytes());
  return buffer.release();
}

}  // namespace

Bytes decode_jpeg2000(std::span<const std::uint8_t> frame, PixelFormat& format) {
  const bool boxed = frame.size() > 8 && std::memcmp(frame.data() + 4, "jP  ", 4) == 0;
  Memory memory{frame};
  const Codec codec(opj_create_decompress(boxed ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K),
                    opj_destroy_codec);
  if (!codec) throw std::bad_alloc();
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  if (!opj_setup_decoder(codec.get(), &parameters)) broken("the decoder refuses its settings");
  opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE);
  const Stream stream = open(memory);
  opj_image_t* raw = nullptr;
  const bool has_header = opj_read_header(stream.get(), codec.get(), &raw) == OPJ_TRUE;
  const Image image(raw, opj_image_destroy);
  if (!has_header || !image) broken("no JPEG 2000 header");
  check(*image, format);
  if (!opj_decode(codec.get(), stream.get(), image.get())) broken("the JPEG 2000 data is cut off");
  check(*image, format);

  // The stream's own precision and sign hold; the header of the data set is sometimes wrong.
  const opj_image_comp_t& component = image->comps[0];
  if (format.samples == 1) {
    format.bits_stored = std::max(format.bits_stored, static_cast<int>(component.prec));
    format.high_bit = format.bits_stored - 1;
    format.is_signed = format.is_signed || component.sgnd != 0;
  } else {
    format.photometric = "RGB";
    format.planar = false;
  }
  return pack(*image, format);
}

}  // namespace thorax::intake

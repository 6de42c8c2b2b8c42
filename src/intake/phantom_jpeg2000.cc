#include <openjpeg.h>

#include <memory>

#include "base/error.h"
#include "intake/phantom_dataset.h"

namespace thorax::intake::phantom {
namespace {

OPJ_SIZE_T append(void* data, OPJ_SIZE_T length, void* user) {
  static_cast<std::string*>(user)->append(static_cast<const char*>(data), length);
  return length;
}

[[noreturn]] void fail(const char* step) {
  throw Error("internal"_code, {{"detail", std::string("JPEG 2000: ") + step}});
}

}  // namespace

std::string encode_jpeg_2000(const std::vector<std::uint16_t>& pixels, int rows, int columns,
                             int bits) {
  opj_image_cmptparm_t component{};
  component.dx = component.dy = 1;
  component.w = static_cast<OPJ_UINT32>(columns);
  component.h = static_cast<OPJ_UINT32>(rows);
  component.prec = static_cast<OPJ_UINT32>(bits);
  const std::unique_ptr<opj_image_t, decltype(&opj_image_destroy)> image(
      opj_image_create(1, &component, OPJ_CLRSPC_GRAY), opj_image_destroy);
  if (!image) fail("image");
  image->x1 = component.w;
  image->y1 = component.h;
  for (std::size_t i = 0; i < pixels.size(); ++i) image->comps[0].data[i] = pixels[i];

  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);  // reversible wavelet, no rate limit
  while (parameters.numresolution > 1 &&
         (1 << (parameters.numresolution - 1)) > std::min(rows, columns))
    --parameters.numresolution;
  const std::unique_ptr<opj_codec_t, decltype(&opj_destroy_codec)> codec(
      opj_create_compress(OPJ_CODEC_J2K), opj_destroy_codec);
  if (!codec || !opj_setup_encoder(codec.get(), &parameters, image.get())) fail("set-up");

  std::string bytes;
  const std::unique_ptr<opj_stream_t, decltype(&opj_stream_destroy)> stream(
      opj_stream_create(1 << 16, OPJ_FALSE), opj_stream_destroy);
  opj_stream_set_user_data(stream.get(), &bytes, nullptr);
  opj_stream_set_write_function(stream.get(), append);
  if (!opj_start_compress(codec.get(), image.get(), stream.get())) fail("start");
  if (!opj_encode(codec.get(), stream.get())) fail("encode");
  if (!opj_end_compress(codec.get(), stream.get())) fail("end");
  return bytes;
}

}  // namespace thorax::intake::phantom

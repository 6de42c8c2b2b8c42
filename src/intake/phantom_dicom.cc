#include "intake/phantom_dicom.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/hash.h"
#include "base/parallel.h"
#include "intake/phantom_dataset.h"
#include "intake/phantom_shapes.h"

namespace thorax::intake {
namespace {

using dicom::put;

constexpr std::size_t kBatch = 32;  // slices encoded at once
constexpr int kBits = 12;
constexpr double kIntercept = -1024;

struct Tilt {
  double cosine = 1, sine = 0;
};

/// One slice of the tilted gantry: rows lean by the angle about their middle.
std::vector<std::uint16_t> slice_pixels(const volume::CtVolume& hu, int z, Tilt tilt) {
  const volume::Grid& grid = hu.grid();
  std::vector<std::uint16_t> pixels;
  pixels.reserve(static_cast<std::size_t>(grid.shape.y) * static_cast<std::size_t>(grid.shape.x));
  const auto store = [&](double value) {
    pixels.push_back(static_cast<std::uint16_t>(
        std::clamp(std::lround(value - kIntercept), 0L, (1L << kBits) - 1)));
  };
  if (tilt.sine == 0) {
    for (const std::int16_t value : hu.slice(z)) store(value);
    return pixels;
  }
  const double middle = (grid.shape.y - 1) / 2.0;
  for (int r = 0; r < grid.shape.y; ++r) {
    const double y = middle + (r - middle) * tilt.cosine;
    const double zz = z - (r - middle) * grid.spacing.y * tilt.sine / grid.spacing.z;
    const int y0 = static_cast<int>(std::floor(y)), z0 = static_cast<int>(std::floor(zz));
    const double fy = y - y0, fz = zz - z0;
    for (int x = 0; x < grid.shape.x; ++x) {
      const auto at = [&](int dz, int dy) {
        const int cz = std::clamp(z0 + dz, 0, grid.shape.z - 1);
        const int cy = std::clamp(y0 + dy, 0, grid.shape.y - 1);
        return static_cast<double>(hu(cz, cy, x));
      };
      const double low = at(0, 0) * (1 - fy) + at(0, 1) * fy;
      const double high = at(1, 0) * (1 - fy) + at(1, 1) * fy;
      store(low * (1 - fz) + high * fz);
    }
  }
  return pixels;
}

/// Names the phantom by everything that makes its files differ.
std::string content_id(const Phantom& phantom, const PhantomSeriesOptions& options) {
  Sha256 hash;
  hash.update(std::as_bytes(phantom.hu.voxels()));
  hash.update(std::to_string(static_cast<int>(options.syntax)) + ' ' +
              std::to_string(options.tilt_degrees) + ' ' + std::to_string(options.first_number) +
              ' ' + std::to_string(options.feet_first));
  for (const int slice : options.missing) hash.update(' ' + std::to_string(slice));
  return hash.hex();
}

class SeriesWriter {
 public:
  SeriesWriter(const Phantom& phantom, const PhantomOptions& drawn,
               const PhantomSeriesOptions& options)
      : phantom_(phantom), drawn_(drawn), options_(options), id_(content_id(phantom, options)) {
    if (!(std::abs(options.tilt_degrees) <= 30))
      throw Error("bad_option"_code, {{"option", "tilt"},
                                      {"value", std::to_string(options.tilt_degrees)},
                                      {"hint", "From -30 to 30 degrees."}});
    const double angle = options.tilt_degrees * std::numbers::pi / 180;
    if (angle != 0) tilt_ = {std::cos(angle), std::sin(angle)};
  }

  PhantomFile slice(int z, int name) const {
    DcmFileFormat file;
    describe(*file.getDataset(), z);
    const volume::Shape& shape = phantom_.hu.shape();
    char text[24];
    std::snprintf(text, sizeof text, "IM%05d.dcm", name);
    return {text, phantom::encode_file(file, slice_pixels(phantom_.hu, z, tilt_), shape.y, shape.x,
                                       kBits, options_.syntax)};
  }

  int instance_number(int z) const {
    return options_.first_number + (options_.feet_first ? z : phantom_.hu.shape().z - 1 - z);
  }

 private:
  void describe(DcmItem& item, int z) const;

  const Phantom& phantom_;
  const PhantomOptions& drawn_;
  const PhantomSeriesOptions& options_;
  std::string id_;
  Tilt tilt_;
};

void SeriesWriter::describe(DcmItem& item, int z) const {
  const volume::Grid& grid = phantom_.hu.grid();
  phantom::put_study(item, id_);
  put(item, DCM_SOPClassUID, UID_CTImageStorage);
  put(item, DCM_SOPInstanceUID, dicom::uuid_uid("image " + std::to_string(z) + ' ' + id_));
  put(item, DCM_SeriesInstanceUID, dicom::uuid_uid("series " + id_));
  put(item, DCM_FrameOfReferenceUID, dicom::uuid_uid("frame " + id_));
  put(item, DCM_PositionReferenceIndicator, "");
  put(item, DCM_Modality, "CT");
  put(item, DCM_ImageType, "ORIGINAL\\PRIMARY\\AXIAL");
  put(item, DCM_SeriesNumber, "2");
  put(item, DCM_AcquisitionNumber, "1");
  put(item, DCM_InstanceNumber, std::to_string(instance_number(z)));
  put(item, DCM_SeriesDescription, "CHEST PHANTOM");
  put(item, DCM_ProtocolName, "CHEST");
  put(item, DCM_PatientPosition, "HFS");
  put(item, DCM_ScanOptions, "HELICAL MODE");
  put(item, DCM_KVP, 120.0);
  put(item, DCM_XRayTubeCurrent, "200");
  put(item, DCM_ExposureTime, "500");
  put(item, DCM_Exposure, "100");
  put(item, DCM_GantryDetectorTilt, options_.tilt_degrees);
  put(item, DCM_ReconstructionDiameter, grid.spacing.x * grid.shape.x);
  put(item, DCM_ConvolutionKernel, drawn_.kernel == PhantomKernel::soft ? "STANDARD" : "LUNG");
  put(item, DCM_SliceThickness, grid.spacing.z);

  put(item, DCM_PixelSpacing, std::vector<double>{grid.spacing.y, grid.spacing.x});
  put(item, DCM_ImageOrientationPatient,
      std::vector<double>{1, 0, 0, 0, tilt_.cosine, -tilt_.sine});
  // The middle of the slice stays where an upright gantry would have it.
  const double half = (grid.shape.y - 1) / 2.0 * grid.spacing.y;
  const volume::Vec3 corner{grid.origin.x, grid.origin.y + half - half * tilt_.cosine,
                            grid.origin.z + z * grid.spacing.z + half * tilt_.sine};
  put(item, DCM_ImagePositionPatient, std::vector<double>{corner.x, corner.y, corner.z});
  put(item, DCM_SliceLocation, grid.origin.z + z * grid.spacing.z);

  put(item, DCM_RescaleIntercept, kIntercept);
  put(item, DCM_RescaleSlope, 1.0);
  put(item, DCM_RescaleType, "HU");
  const bool soft = drawn_.kernel == PhantomKernel::soft;
  put(item, DCM_WindowCenter, soft ? 40.0 : -600.0);
  put(item, DCM_WindowWidth, soft ? 400.0 : 1500.0);
}

/// A repeatable order of 0 … count-1 in which neighbours are far apart.
std::vector<int> shuffled_names(std::size_t count) {
  std::vector<int> names(count);
  for (std::size_t i = 0; i < count; ++i) names[i] = static_cast<int>(i);
  std::ranges::sort(names, {},
                    [](int i) { return phantom::mix_bits(static_cast<std::uint64_t>(i)); });
  return names;
}

}  // namespace

PhantomSyntax parse_phantom_syntax(std::string_view name) {
  constexpr std::array<std::string_view, 8> kNames = {"implicit", "explicit", "big",    "deflated",
                                                      "rle",      "jpeg",     "jpegls", "j2k"};
  const auto it = std::ranges::find(kNames, name);
  if (it == kNames.end())
    throw Error("bad_option"_code,
                {{"option", "syntax"},
                 {"value", std::string(name)},
                 {"hint", "implicit, explicit, big, deflated, rle, jpeg, jpegls, j2k"}});
  return static_cast<PhantomSyntax>(it - kNames.begin());
}

void write_phantom_series(const Phantom& phantom, const PhantomOptions& drawn,
                          const PhantomSeriesOptions& options, const PhantomSink& sink,
                          const Progress& progress) {
  const SeriesWriter writer(phantom, drawn, options);
  std::vector<int> slices;
  for (int z = 0; z < phantom.hu.shape().z; ++z)
    if (std::ranges::find(options.missing, z) == options.missing.end()) slices.push_back(z);
  std::ranges::sort(slices, {}, [&](int z) { return writer.instance_number(z); });
  const std::vector<int> names = shuffled_names(slices.size());
  for (std::size_t first = 0; first < slices.size(); first += kBatch) {
    std::vector<PhantomFile> files(std::min(kBatch, slices.size() - first));
    parallel_for(files.size(), 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i)
        files[i] =
            writer.slice(slices[first + i],
                         options.shuffled ? names[first + i] + 1 : static_cast<int>(first + i) + 1);
    });
    for (PhantomFile& file : files) sink(std::move(file));
    progress.report("write",
                    static_cast<double>(first + files.size()) / static_cast<double>(slices.size()));
  }
}

}  // namespace thorax::intake

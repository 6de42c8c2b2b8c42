#include <cmath>
#include <cstdint>

#include "base/hash.h"
#include "intake/phantom_dataset.h"
#include "intake/phantom_xray.h"

namespace thorax::intake {
namespace {

using dicom::put;

constexpr int kBits = 12;

void describe(DcmItem& item, const volume::Image& image, const std::string& id) {
  phantom::put_study(item, id);
  put(item, DCM_SOPClassUID, UID_DigitalXRayImageStorageForPresentation);
  put(item, DCM_SOPInstanceUID, dicom::uuid_uid("xray image " + id));
  put(item, DCM_SeriesInstanceUID, dicom::uuid_uid("xray series " + id));
  put(item, DCM_Modality, "DX");
  put(item, DCM_PresentationIntentType, "FOR PRESENTATION");
  put(item, DCM_ImageType, "DERIVED\\PRIMARY");
  put(item, DCM_SeriesNumber, "1");
  put(item, DCM_InstanceNumber, "1");
  put(item, DCM_AcquisitionNumber, "1");
  put(item, DCM_SeriesDescription, "CHEST PA PHANTOM");
  put(item, DCM_ProtocolName, "CHEST PA");
  put(item, DCM_ViewPosition, "PA");
  put(item, DCM_PatientOrientation, "L\\F");
  put(item, DCM_ImageLaterality, "U");
  put(item, DCM_KVP, 125.0);
  put(item, DCM_DetectorType, "DIRECT");
  const std::vector<double> spacing{image.spacing_y, image.spacing_x};
  put(item, DCM_ImagerPixelSpacing, spacing);
  put(item, DCM_PixelSpacing, spacing);
  put(item, DCM_PositionerType, "NONE");
  put(item, DCM_PixelIntensityRelationship, "LOG");
  if (item.putAndInsertSint16(DCM_PixelIntensityRelationshipSign, -1).bad())
    throw Error("internal"_code, {{"detail", "PixelIntensityRelationshipSign"}});
  if (item.insertEmptyElement(DCM_AcquisitionContextSequence).bad())
    throw Error("internal"_code, {{"detail", "AcquisitionContextSequence"}});
  put(item, DCM_RescaleIntercept, 0.0);
  put(item, DCM_RescaleSlope, 1.0);
  put(item, DCM_RescaleType, "US");
  put(item, DCM_PresentationLUTShape, "IDENTITY");
  put(item, DCM_WindowCenter, 2048.0);
  put(item, DCM_WindowWidth, 4096.0);
  dicom::put_code(item, DCM_AnatomicRegionSequence, {"43799004", "SCT", "Chest"});
  dicom::put_code(item, DCM_ViewCodeSequence, {"399348003", "SCT", "postero-anterior"});
}

}  // namespace

std::string encode_xray_dicom(const volume::Image& image) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(image.pixels)));
  const std::string id = hash.hex();
  DcmFileFormat file;
  describe(*file.getDataset(), image, id);
  std::vector<std::uint16_t> pixels;
  pixels.reserve(image.pixels.size());
  for (const float value : image.pixels)
    pixels.push_back(static_cast<std::uint16_t>(std::lround(value)));
  return phantom::encode_file(file, pixels, image.height, image.width, kBits,
                              PhantomSyntax::explicit_little);
}

}  // namespace thorax::intake

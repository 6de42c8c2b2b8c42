#include "intake/phantom_dataset.h"

#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpls/djencode.h>

#include <mutex>

#include "base/error.h"
#include "dicom/bytes.h"

namespace thorax::intake::phantom {
namespace {

using dicom::put;
using dicom::uuid_uid;

void check(const OFCondition& condition, const std::string& doing) {
  if (condition.bad()) throw Error("internal"_code, {{"detail", doing + ": " + condition.text()}});
}

E_TransferSyntax transfer_syntax(PhantomSyntax syntax) {
  constexpr E_TransferSyntax kSyntaxes[] = {
      EXS_LittleEndianImplicit, EXS_LittleEndianExplicit,
      EXS_BigEndianExplicit,    EXS_DeflatedLittleEndianExplicit,
      EXS_RLELossless,          EXS_JPEGProcess14SV1,
      EXS_JPEGLSLossless,       EXS_JPEG2000LosslessOnly};
  return kSyntaxes[static_cast<int>(syntax)];
}

void register_encoders() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::WARN_LOG_LEVEL);  // DCMTK chats at every compressed slice
    DcmRLEEncoderRegistration::registerCodecs();
    DJEncoderRegistration::registerCodecs(ECC_lossyYCbCr, EUC_never);
    DJLSEncoderRegistration::registerCodecs();
  });
}

void put_jpeg_2000(DcmDataset& dataset, const std::string& stream) {
  auto* sequence = new DcmPixelSequence(DcmTag(DCM_PixelData, EVR_OB));
  auto* offsets = new DcmPixelItem(DcmTag(DCM_Item, EVR_OB));
  sequence->insert(offsets);
  DcmOffsetList list;
  std::vector<Uint8> bytes(stream.begin(), stream.end());
  check(sequence->storeCompressedFrame(list, bytes.data(), static_cast<Uint32>(bytes.size()), 0),
        "encapsulate JPEG 2000");
  check(offsets->createOffsetTable(list), "offset table");
  auto* element = new DcmPixelData(DCM_PixelData);
  element->putOriginalRepresentation(EXS_JPEG2000LosslessOnly, nullptr, sequence);
  check(dataset.insert(element, true), "insert PixelData");
}

}  // namespace

void put_study(DcmItem& item, const std::string& content_id) {
  put(item, DCM_SpecificCharacterSet, "ISO_IR 100");
  put(item, DCM_PatientName, "Phantom^Thorax");
  put(item, DCM_PatientID, "PHANTOM-" + content_id.substr(0, 8));
  put(item, DCM_PatientBirthDate, "19600101");
  put(item, DCM_PatientSex, "O");
  put(item, DCM_PatientAge, "060Y");
  put(item, DCM_StudyInstanceUID, uuid_uid("study " + content_id));
  put(item, DCM_StudyDate, "20200101");
  put(item, DCM_StudyTime, "120000");
  put(item, DCM_StudyID, "1");
  put(item, DCM_AccessionNumber, "");
  put(item, DCM_ReferringPhysicianName, "");
  put(item, DCM_StudyDescription, "CHEST PHANTOM");
  put(item, DCM_SeriesDate, "20200101");
  put(item, DCM_SeriesTime, "120000");
  put(item, DCM_AcquisitionDate, "20200101");
  put(item, DCM_AcquisitionTime, "120000");
  put(item, DCM_ContentDate, "20200101");
  put(item, DCM_ContentTime, "120000");
  put(item, DCM_Manufacturer, "Thorax");
  put(item, DCM_ManufacturerModelName, "Phantom");
  put(item, DCM_SoftwareVersions, "1");
  put(item, DCM_BodyPartExamined, "CHEST");
  put(item, DCM_BurnedInAnnotation, "NO");
  put(item, DCM_LossyImageCompression, "00");
}

std::string encode_file(DcmFileFormat& file, const std::vector<std::uint16_t>& pixels, int rows,
                        int columns, int bits, PhantomSyntax syntax) {
  DcmDataset& dataset = *file.getDataset();
  put(dataset, DCM_SamplesPerPixel, std::uint16_t{1});
  put(dataset, DCM_PhotometricInterpretation, "MONOCHROME2");
  put(dataset, DCM_Rows, static_cast<std::uint16_t>(rows));
  put(dataset, DCM_Columns, static_cast<std::uint16_t>(columns));
  put(dataset, DCM_BitsAllocated, std::uint16_t{16});
  put(dataset, DCM_BitsStored, static_cast<std::uint16_t>(bits));
  put(dataset, DCM_HighBit, static_cast<std::uint16_t>(bits - 1));
  put(dataset, DCM_PixelRepresentation, std::uint16_t{0});
  const E_TransferSyntax xfer = transfer_syntax(syntax);
  if (syntax == PhantomSyntax::jpeg_2000) {
    put_jpeg_2000(dataset, encode_jpeg_2000(pixels, rows, columns, bits));
  } else {
    check(dataset.putAndInsertUint16Array(DCM_PixelData, pixels.data(),
                                          static_cast<unsigned long>(pixels.size())),
          "PixelData");
    register_encoders();
    if (DcmXfer(xfer).isEncapsulated()) {
      check(dataset.chooseRepresentation(xfer, nullptr), "compress");
      dataset.removeAllButCurrentRepresentations();
    }
  }
  std::string bytes = dicom::file_bytes(file, xfer);
  if (bytes.empty()) check(EC_CannotChangeRepresentation, "write");
  return bytes;
}

}  // namespace thorax::intake::phantom

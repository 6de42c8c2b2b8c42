#include "report/dicom_seg.h"

#include <algorithm>
#include <map>

#include "base/error.h"

namespace thorax::report {
namespace {

using dicom::add_item;
using dicom::put;
using dicom::put_code;

/// A slice of a segment that has voxels.
struct Frame {
  std::size_t segment = 0;  ///< from 0
  int slice = 0;
};

/// Bits of all frames, one after the other without gaps, the lowest bit first (PS3.5 8.1.1).
class Bits {
 public:
  void append(std::span<const std::uint8_t> labels, std::uint8_t value) {
    bytes_.resize((count_ + labels.size() + 7) / 8);
    for (const std::uint8_t label : labels) {
      if (label == value) bytes_[count_ / 8] |= static_cast<std::uint8_t>(1U << (count_ % 8));
      ++count_;
    }
  }
  std::vector<std::uint8_t>& even() {
    bytes_.resize((bytes_.size() + 1) / 2 * 2);
    return bytes_;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t count_ = 0;
};

class Encoder {
 public:
  Encoder(const DicomSource& source, const std::string& version,
          const std::vector<SegmentMask>& masks)
      : source_(source), version_(version), data_(*file_.getDataset()) {
    for (const SegmentMask& mask : masks) add(mask);
  }

  std::optional<Segmentation> encode() {
    if (frames_.empty()) return {};
    put_common(data_, source_, version_);
    put_series();
    put_image();
    put_segments();
    put_references();
    put_dimensions();
    put_shared();
    put_frames();
    Segmentation segmentation;
    static_cast<DicomObject&>(segmentation) = finish(file_);
    segmentation.segments = std::move(segments_);
    return segmentation;
  }

 private:
  const volume::Grid& grid() const { return masks_.front().labels->grid(); }

  void add(const SegmentMask& mask) {
    std::size_t voxels = 0;
    const std::size_t number = masks_.size();
    for (int z = 0; z < mask.labels->shape().z; ++z) {
      const auto slice = mask.labels->slice(z);
      const auto count = std::count(slice.begin(), slice.end(), mask.value);
      if (count == 0) continue;
      voxels += static_cast<std::size_t>(count);
      frames_.push_back({number, z});
      bits_.append(slice, mask.value);
      positions_.emplace(z, 0);
    }
    if (voxels == 0) return;
    masks_.push_back(mask);
    Segmentation::Segment segment;
    segment.meaning = mask.meaning;
    segment.tracking_id = mask.meaning.label;
    segment.tracking_uid = dicom::uuid_uid("segment " + source_.series_uid + ' ' +
                                           mask.meaning.label + ' ' + mask.algorithm);
    segment.volume_ml = static_cast<double>(voxels) * mask.labels->grid().voxel_ml();
    segments_.push_back(std::move(segment));
  }

  void put_series() {
    put(data_, DCM_SOPClassUID, UID_SegmentationStorage);
    put(data_, DCM_Modality, "SEG");
    put(data_, DCM_SeriesNumber, "9001");
    put(data_, DCM_SeriesDescription, "Thorax: findings and organs, research use only");
    put(data_, DCM_FrameOfReferenceUID, source_.frame_of_reference());
    put(data_, DCM_PositionReferenceIndicator, "");
  }

  void put_image() {
    const volume::Shape& shape = grid().shape;
    put(data_, DCM_ImageType, "DERIVED\\PRIMARY");
    put(data_, DCM_ContentLabel, "THORAX");
    put(data_, DCM_ContentDescription, "Findings and organs, research use only");
    put(data_, DCM_ContentCreatorName, "");
    put(data_, DCM_LossyImageCompression, "00");
    put(data_, DCM_SamplesPerPixel, std::uint16_t{1});
    put(data_, DCM_PhotometricInterpretation, "MONOCHROME2");
    put(data_, DCM_NumberOfFrames, std::to_string(frames_.size()));
    put(data_, DCM_Rows, static_cast<std::uint16_t>(shape.y));
    put(data_, DCM_Columns, static_cast<std::uint16_t>(shape.x));
    put(data_, DCM_BitsAllocated, std::uint16_t{1});
    put(data_, DCM_BitsStored, std::uint16_t{1});
    put(data_, DCM_HighBit, std::uint16_t{0});
    put(data_, DCM_PixelRepresentation, std::uint16_t{0});
    put(data_, DCM_SegmentationType, "BINARY");
    // Findings lie in organs.
    put(data_, DCM_SegmentsOverlap, "YES");
    const std::vector<std::uint8_t>& bytes = bits_.even();
    if (data_.putAndInsertUint8Array(DCM_PixelData, bytes.data(), bytes.size()).bad())
      throw Error("internal"_code, {{"detail", "PixelData"}});
  }

  void put_segments() {
    for (std::size_t k = 0; k < masks_.size(); ++k) {
      const SegmentMeaning& meaning = masks_[k].meaning;
      DcmItem& item = add_item(data_, DCM_SegmentSequence);
      put(item, DCM_SegmentNumber, static_cast<std::uint16_t>(k + 1));
      put(item, DCM_SegmentLabel, meaning.label);
      put(item, DCM_SegmentAlgorithmType, "AUTOMATIC");
      put(item, DCM_SegmentAlgorithmName, masks_[k].algorithm);
      put_code(item, DCM_SegmentedPropertyCategoryCodeSequence, meaning.category);
      put_code(item, DCM_SegmentedPropertyTypeCodeSequence, meaning.type);
      if (meaning.side) {
        DcmItem* type = nullptr;
        item.findOrCreateSequenceItem(DCM_SegmentedPropertyTypeCodeSequence, type);
        put_code(*type, DCM_SegmentedPropertyTypeModifierCodeSequence, *meaning.side);
      }
      if (meaning.region) put_code(item, DCM_AnatomicRegionSequence, *meaning.region);
      put(item, DCM_TrackingID, segments_[k].tracking_id);
      put(item, DCM_TrackingUID, segments_[k].tracking_uid);
      if (meaning.colour.empty()) continue;
      const std::array<std::uint16_t, 3> lab = cielab(meaning.colour);
      if (item.putAndInsertUint16Array(DCM_RecommendedDisplayCIELabValue, lab.data(), lab.size())
              .bad())
        throw Error("internal"_code, {{"detail", "RecommendedDisplayCIELabValue"}});
    }
  }

  void put_references() {
    DcmItem& series = add_item(data_, DCM_ReferencedSeriesSequence);
    put(series, DCM_SeriesInstanceUID, source_.series_uid);
    for (const DicomSource::Instance& instance : source_.instances)
      put_instance(add_item(series, DCM_ReferencedInstanceSequence), instance);
  }

  static void put_instance(DcmItem& item, const DicomSource::Instance& instance) {
    put(item, DCM_ReferencedSOPClassUID, instance.sop_class_uid);
    put(item, DCM_ReferencedSOPInstanceUID, instance.sop_instance_uid);
  }

  /// Frames are ordered by segment, then by position.
  void put_dimensions() {
    const std::string uid = dicom::uuid_uid("dimensions " + source_.series_uid);
    put(add_item(data_, DCM_DimensionOrganizationSequence), DCM_DimensionOrganizationUID, uid);
    const auto dimension = [&](const DcmTagKey& index, const DcmTagKey& group, const char* label) {
      DcmItem& item = add_item(data_, DCM_DimensionIndexSequence);
      put(item, DCM_DimensionOrganizationUID, uid);
      if (item.putAndInsertTagKey(DCM_DimensionIndexPointer, index).bad() ||
          item.putAndInsertTagKey(DCM_FunctionalGroupPointer, group).bad())
        throw Error("internal"_code, {{"detail", "DimensionIndexSequence"}});
      put(item, DCM_DimensionDescriptionLabel, label);
    };
    dimension(DCM_ReferencedSegmentNumber, DCM_SegmentIdentificationSequence, "Segment");
    dimension(DCM_ImagePositionPatient, DCM_PlanePositionSequence, "Position");
    Uint32 rank = 0;
    for (auto& [slice, number] : positions_) number = ++rank;
  }

  void put_shared() {
    DcmItem& shared = add_item(data_, DCM_SharedFunctionalGroupsSequence);
    put(add_item(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient,
        std::vector<double>{1, 0, 0, 0, 1, 0});
    DcmItem& measures = add_item(shared, DCM_PixelMeasuresSequence);
    const volume::Vec3& spacing = grid().spacing;
    put(measures, DCM_PixelSpacing, std::vector<double>{spacing.y, spacing.x});
    put(measures, DCM_SliceThickness, spacing.z);
    put(measures, DCM_SpacingBetweenSlices, spacing.z);
    if (!source_.slices.empty()) return;
    DcmItem& derivation = derivation_in(shared);
    for (const DicomSource::Instance& instance : source_.instances)
      put_source(derivation, instance);
  }

  void put_frames() {
    for (const Frame& frame : frames_) {
      DcmItem& item = add_item(data_, DCM_PerFrameFunctionalGroupsSequence);
      const auto number = static_cast<std::uint16_t>(frame.segment + 1);
      const Uint32 indices[] = {number, positions_.at(frame.slice)};
      if (add_item(item, DCM_FrameContentSequence)
              .putAndInsertUint32Array(DCM_DimensionIndexValues, indices, 2)
              .bad())
        throw Error("internal"_code, {{"detail", "DimensionIndexValues"}});
      const volume::Vec3 at = grid().position(frame.slice, 0, 0);
      put(add_item(item, DCM_PlanePositionSequence), DCM_ImagePositionPatient,
          std::vector<double>{at.x, at.y, at.z});
      put(add_item(item, DCM_SegmentIdentificationSequence), DCM_ReferencedSegmentNumber, number);
      put_derivation(item, frame.slice);
    }
  }

  /// A slice that was made from others names the nearest instance on either side.
  void put_derivation(DcmItem& item, int slice) {
    if (source_.slices.empty()) return;
    const auto at = source_.slices.begin() + slice;
    DcmItem& derivation = derivation_in(item);
    if (*at) {
      DcmItem& image = put_source(derivation, source_.instances.at(**at));
      put(image, DCM_SpatialLocationsPreserved,
          source_.same_orientation ? "YES" : "REORIENTED_ONLY");
      return;
    }
    const auto is_there = [](const auto& instance) { return instance.has_value(); };
    const auto below =
        std::find_if(std::make_reverse_iterator(at), source_.slices.rend(), is_there);
    const auto above = std::find_if(at, source_.slices.end(), is_there);
    if (below != source_.slices.rend()) put_source(derivation, source_.instances.at(**below));
    if (above != source_.slices.end()) put_source(derivation, source_.instances.at(**above));
  }

  static DcmItem& derivation_in(DcmItem& item) {
    DcmItem& derivation = add_item(item, DCM_DerivationImageSequence);
    put_code(derivation, DCM_DerivationCodeSequence, {"113076", "DCM", "Segmentation"});
    return derivation;
  }

  static DcmItem& put_source(DcmItem& derivation, const DicomSource::Instance& instance) {
    DcmItem& image = add_item(derivation, DCM_SourceImageSequence);
    put_instance(image, instance);
    put_code(image, DCM_PurposeOfReferenceCodeSequence,
             {"121322", "DCM", "Source image for image processing operation"});
    return image;
  }

  const DicomSource& source_;
  const std::string& version_;
  DcmFileFormat file_;
  DcmDataset& data_;
  std::vector<SegmentMask> masks_;  // those that have voxels
  std::vector<Segmentation::Segment> segments_;
  std::vector<Frame> frames_;
  std::map<int, Uint32> positions_;  // of slices that any segment touches: their rank, from 1
  Bits bits_;
};

}  // namespace

std::optional<Segmentation> encode_segmentation(const DicomSource& source,
                                                const std::string& program_version,
                                                const std::vector<SegmentMask>& masks) {
  return Encoder(source, program_version, masks).encode();
}

}  // namespace thorax::report

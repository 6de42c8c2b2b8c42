// Headers and limits as messages. One list of fields serves both directions.
#include <cmath>
#include <type_traits>

#include "base/error.h"
#include "intake/child_text.h"
#include "intake/protocol.h"

namespace thorax::intake {
namespace {

constexpr std::size_t kMaxText = 8192;
constexpr std::size_t kMaxList = 1024;

template <class Visitor, class L>
void visit_limits(Visitor& v, L& l) {
  v("max_entries", l.max_entries);
  v("max_total_bytes", l.max_total_bytes);
  v("max_entry_bytes", l.max_entry_bytes);
  v("max_ratio", l.max_ratio);
  v("max_name_length", l.max_name_length);
  v("max_archive_depth", l.max_archive_depth);
  v("max_sequence_depth", l.max_sequence_depth);
  v("max_elements", l.max_elements);
  v("max_pixels", l.max_pixels);
  v("max_image_pixels", l.max_image_pixels);
  v("max_frames", l.max_frames);
  v("max_side", l.max_side);
  v("child_memory_bytes", l.child_memory_bytes);
  v("child_cpu_seconds", l.child_cpu_seconds);
  v("header_timeout_seconds", l.header_timeout_seconds);
  v("decode_timeout_seconds", l.decode_timeout_seconds);
  v("entry_timeout_seconds", l.entry_timeout_seconds);
  v("max_child_restarts", l.max_child_restarts);
  v("spool_bytes", l.spool_bytes);
}

template <class Visitor, class F>
void visit_frame(Visitor& v, F& f) {
  v("position", f.position);
  v("orientation", f.orientation);
  v("slope", f.rescale_slope);
  v("intercept", f.rescale_intercept);
}

template <class Visitor, class I>
void visit_instance(Visitor& v, I& i) {
  v("sop", i.sop_instance_uid);
  v("class", i.sop_class_uid);
  v("syntax", i.transfer_syntax_uid);
  v("imodality", i.modality);
  v("type", i.image_type);
  v("frame_of_reference", i.frame_of_reference_uid);
  v("number", i.instance_number);
  v("acquisition", i.acquisition_number);
  v("temporal", i.temporal_position);
  v("position", i.position);
  v("orientation", i.orientation);
  v("spacing", i.pixel_spacing);
  v("thickness", i.slice_thickness);
  v("between", i.spacing_between_slices);
  v("tilt", i.gantry_tilt);
  v("location", i.slice_location);
  v("slope", i.rescale_slope);
  v("intercept", i.rescale_intercept);
  v("padding", i.pixel_padding);
  v("window_center", i.window_center);
  v("window_width", i.window_width);
  v("photometric", i.photometric);
  v("rows", i.rows);
  v("columns", i.columns);
  v("frames", i.frames);
  v("samples", i.samples);
  v("allocated", i.bits_allocated);
  v("stored", i.bits_stored);
  v("signed", i.is_signed);
  v("pixels", i.has_pixels);
  v("per_frame", i.per_frame);
}

template <class Visitor, class H>
void visit_header(Visitor& v, H& h) {
  v("patient_id", h.patient.id);
  v("patient_name", h.patient.name);
  v("sex", h.patient.sex);
  v("age", h.patient.age_years);
  v("birth_date", h.patient.birth_date);
  v("date", h.study_date);
  v("time", h.study_time);
  v("study_id", h.study_id);
  v("referring", h.referring_physician);
  v("accession", h.accession_number);
  v("study", h.series.study_instance_uid);
  v("series", h.series.series_instance_uid);
  v("modality", h.series.modality);
  v("body_part", h.series.body_part);
  v("protocol", h.series.protocol);
  v("study_description", h.series.study_description);
  v("series_description", h.series.series_description);
  v("manufacturer", h.series.manufacturer);
  v("model", h.series.model_name);
  v("kernel", h.series.kernel);
  v("contrast", h.series.contrast_agent);
  v("view", h.series.view_position);
  v("laterality", h.series.laterality);
  v("series_number", h.series.series_number);
  v("kvp", h.series.kvp);
  visit_instance(v, h.instance);
}

/// Leaves out what is absent or empty: most attributes of most files are.
class Writer {
 public:
  nlohmann::json out = nlohmann::json::object();

  void operator()(const char* key, const std::string& value) {
    if (!value.empty()) out[key] = value;
  }
  template <class T>
  requires std::is_arithmetic_v<T>
  void operator()(const char* key, T value) { out[key] = value; }
  template <class T>
  void operator()(const char* key, const std::optional<T>& value) {
    if (value) out[key] = *value;
  }
  template <class T>
  void operator()(const char* key, const std::vector<T>& value) {
    if (!value.empty()) out[key] = value;
  }
  void operator()(const char* key, const std::vector<Instance::Frame>& frames) {
    if (frames.empty()) return;
    nlohmann::json list = nlohmann::json::array();
    for (const Instance::Frame& frame : frames) {
      Writer writer;
      visit_frame(writer, frame);
      list.push_back(std::move(writer.out));
    }
    out[key] = std::move(list);
  }
};

/// Refuses everything that is not as the Writer of an honest child writes it.
class Reader {
 public:
  Reader(const nlohmann::json& in, std::size_t max_frames) : in_(in), max_frames_(max_frames) {}

  template <class T>
  void operator()(const char* key, T& value) {
    const auto it = in_.find(key);
    if (it != in_.end()) read(*it, value);
  }

 private:
  void read(const nlohmann::json& json, std::string& value) {
    value = json.get<std::string>();
    if (value.size() > kMaxText || !is_clean_utf8(value)) protocol_violated("text");
  }
  void read(const nlohmann::json& json, bool& value) { value = json.get<bool>(); }
  template <class T>
  requires std::is_integral_v<T>
  void read(const nlohmann::json& json, T& value) {
    if (!json.is_number_integer()) protocol_violated("number");
    value = json.get<T>();
    if (nlohmann::json(value) != json) protocol_violated("number out of range");
  }
  void read(const nlohmann::json& json, double& value) {
    value = json.get<double>();
    if (!std::isfinite(value)) protocol_violated("number");
  }
  template <class T>
  void read(const nlohmann::json& json, std::optional<T>& value) {
    T present{};
    read(json, present);
    value = present;
  }
  template <class T>
  void read(const nlohmann::json& json, std::vector<T>& value) {
    if (!json.is_array() || json.size() > kMaxList) protocol_violated("list");
    for (const nlohmann::json& item : json) read(item, value.emplace_back());
  }
  template <class T, std::size_t N>
  void read(const nlohmann::json& json, std::array<T, N>& value) {
    if (!json.is_array() || json.size() != N) protocol_violated("list");
    for (std::size_t i = 0; i < N; ++i) read(json[i], value[i]);
  }
  void read(const nlohmann::json& json, std::vector<Instance::Frame>& frames) {
    if (!json.is_array() || json.size() > max_frames_) protocol_violated("frames");
    for (const nlohmann::json& item : json) {
      Reader reader(item, 0);
      visit_frame(reader, frames.emplace_back());
    }
  }

  const nlohmann::json& in_;
  std::size_t max_frames_;
};

}  // namespace

nlohmann::json to_json(const Limits& limits) {
  Writer writer;
  visit_limits(writer, limits);
  return std::move(writer.out);
}

Limits limits_from_json(const nlohmann::json& json) {
  Limits limits;
  Reader reader(json, 0);
  visit_limits(reader, limits);
  return limits;
}

nlohmann::json to_json(const FileHeader& header) {
  Writer writer;
  visit_header(writer, header);
  return std::move(writer.out);
}

FileHeader header_from_json(const nlohmann::json& json, const Limits& limits) {
  FileHeader header;
  try {
    Reader reader(json, static_cast<std::size_t>(limits.max_frames));
    visit_header(reader, header);
  } catch (const nlohmann::json::exception& error) {
    protocol_violated(error.what());
  }
  const Instance& i = header.instance;
  const auto pixels = static_cast<std::uint64_t>(std::max(0, i.rows)) *
                      static_cast<std::uint64_t>(std::max(0, i.columns));
  if (i.rows <= 0 || i.columns <= 0 || i.rows > limits.max_side || i.columns > limits.max_side ||
      pixels > limits.max_image_pixels || i.frames < 1 || i.frames > limits.max_frames)
    protocol_violated("image size");
  if (!i.per_frame.empty() && i.per_frame.size() != static_cast<std::size_t>(i.frames))
    protocol_violated("frames");
  return header;
}

}  // namespace thorax::intake

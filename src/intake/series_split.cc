#include "intake/series_split.h"

#include <algorithm>
#include <map>
#include <set>

#include "intake/geometry_frames.h"

namespace thorax::intake {
namespace {

using Group = std::vector<FileHeader>;
using KeyOf = FileKey;

/// A key that numbers the orientations met so far.
KeyOf axes_key() {
  return [seen = std::vector<FrameAxes>()](const FileHeader& file) mutable {
    const auto axes = frame_axes(file.instance, 0);
    if (!axes) return std::string("none");
    for (std::size_t i = 0; i < seen.size(); ++i)
      if (same_axes(seen[i], *axes, 1.0)) return std::to_string(i);
    seen.push_back(*axes);
    return std::to_string(seen.size() - 1);
  };
}

KeyOf matrix_key() {
  return [seen = std::vector<std::array<double, 2>>()](const FileHeader& file) mutable {
    const Instance& i = file.instance;
    std::string key = std::to_string(i.rows) + "x" + std::to_string(i.columns) + "@";
    if (!i.pixel_spacing) return key;
    const auto same = [&](const std::array<double, 2>& other) {
      const auto& mine = *i.pixel_spacing;
      return std::abs(mine[0] - other[0]) <= 0.01 * other[0] &&
             std::abs(mine[1] - other[1]) <= 0.01 * other[1];
    };
    const auto it = std::find_if(seen.begin(), seen.end(), same);
    key += std::to_string(it - seen.begin());
    if (it == seen.end()) seen.push_back(*i.pixel_spacing);
    return key;
  };
}

/// Frame of reference, unless every file has one of its own (an anonymiser's mistake).
KeyOf frame_of_reference_key(const Group& files) {
  std::set<std::string> distinct;
  for (const FileHeader& file : files) distinct.insert(file.instance.frame_of_reference_uid);
  const bool useless = distinct.size() == files.size();
  return [useless](const FileHeader& file) {
    return useless ? std::string() : file.instance.frame_of_reference_uid;
  };
}

/// Positions along the normal of the first file, one a frame, ascending; empty when a position or
/// the axes are absent.
std::vector<double> positions_of(const Group& files) {
  const auto axes = frame_axes(files.front().instance, 0);
  std::vector<double> positions;
  if (!axes) return positions;
  for (const FileHeader& file : files)
    for (int f = 0; f < file.instance.frames; ++f) {
      const auto p = frame_position(file.instance, f);
      if (!p) return {};
      positions.push_back(dot(*p, axes->normal));
    }
  std::sort(positions.begin(), positions.end());
  return positions;
}

/// Gaps that are no whole multiple (10 % of `step` allowed) of `step`. Repeated positions count.
std::size_t gaps_off_step(const std::vector<double>& gaps, double step) {
  if (step <= 0) return gaps.size();
  return static_cast<std::size_t>(std::count_if(gaps.begin(), gaps.end(), [&](double gap) {
    const double multiple = gap / step;
    return multiple < 0.9 || std::abs(multiple - std::round(multiple)) > 0.1;
  }));
}

/// Gaps that do not fit a regular stack: 0 also where slices are missing. The step of a stack is
/// its median gap, or, where most slices are missing, its smallest.
std::size_t irregular_gaps(const std::vector<double>& positions) {
  if (positions.size() < 2) return 0;
  std::vector<double> gaps;
  for (std::size_t i = 1; i < positions.size(); ++i)
    gaps.push_back(positions[i] - positions[i - 1]);
  std::sort(gaps.begin(), gaps.end());
  if (gaps_off_step(gaps, gaps.front()) == 0) return 0;
  return gaps_off_step(gaps, gaps[gaps.size() / 2]);
}

std::string number(std::optional<int> value) {
  return value ? std::to_string(*value) : std::string();
}

struct Attribute {
  const char* name;
  KeyOf key;
};

std::vector<Attribute> stack_attributes() {
  return {
      {"acquisition", [](const FileHeader& f) { return number(f.instance.acquisition_number); }},
      {"temporal position",
       [](const FileHeader& f) { return number(f.instance.temporal_position); }},
      {"image type",
       [](const FileHeader& f) {
         std::string all;
         for (const std::string& value : f.instance.image_type) all += value + "\\";
         return all;
       }},
      {"kernel", [](const FileHeader& f) { return f.series.kernel; }},
      {"slice thickness",
       [](const FileHeader& f) { return std::to_string(f.instance.slice_thickness.value_or(0)); }},
      {"instance",
       [](const FileHeader& f) {
         return f.instance.frames > 1 ? std::to_string(f.instance.entry) : std::string();
       }},
  };
}

/// Where every position is there k times: the j-th copies by InstanceNumber make stack j.
std::vector<Group> split_repeats(Group files) {
  const auto axes = frame_axes(files.front().instance, 0);
  std::map<long, std::vector<std::size_t>> at;  // position in 0.01 mm -> files
  std::set<int> numbers;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Instance& instance = files[i].instance;
    const auto p = frame_position(instance, 0);
    if (!axes || !p || instance.frames > 1 || !instance.instance_number) return {};
    at[std::lround(dot(*p, axes->normal) * 100)].push_back(i);
    numbers.insert(*instance.instance_number);
  }
  const std::size_t copies = at.begin()->second.size();
  if (copies < 2 || at.size() < 2 || numbers.size() != files.size()) return {};
  std::vector<std::size_t> stack(files.size());
  for (auto& [position, members] : at) {
    if (members.size() != copies) return {};
    std::sort(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
      return files[a].instance.instance_number < files[b].instance.instance_number;
    });
    for (std::size_t j = 0; j < copies; ++j) stack[members[j]] = j;
  }
  std::vector<Group> stacks(copies);
  for (std::size_t i = 0; i < files.size(); ++i) stacks[stack[i]].push_back(std::move(files[i]));
  return stacks;
}

/// Splits one group of alike slices where stacks overlap; `by` collects what they were split by.
std::vector<Group> split_stacks(Group files, std::set<std::string>& by) {
  const std::size_t disorder = irregular_gaps(positions_of(files));
  if (disorder == 0) {
    std::vector<Group> whole;
    whole.push_back(std::move(files));
    return whole;
  }
  for (const Attribute& attribute : stack_attributes()) {
    const std::vector<Group> groups = group_by(files, attribute.key);
    if (groups.size() < 2) continue;
    std::size_t left = 0;
    for (const Group& group : groups) left += irregular_gaps(positions_of(group));
    if (2 * left > disorder) continue;
    by.insert(attribute.name);
    std::vector<Group> all;
    for (const Group& group : groups)
      for (Group& part : split_stacks(group, by)) all.push_back(std::move(part));
    return all;
  }
  std::vector<Group> repeats = split_repeats(files);
  if (!repeats.empty()) {
    by.insert("repeated positions");
    return repeats;
  }
  repeats.push_back(std::move(files));
  return repeats;
}

}  // namespace

std::vector<Group> group_by(Group files, const FileKey& key) {
  std::vector<Group> groups;
  std::map<std::string, std::size_t> index;
  for (FileHeader& file : files) {
    const auto [it, fresh] = index.emplace(key(file), groups.size());
    if (fresh) groups.emplace_back();
    groups[it->second].push_back(std::move(file));
  }
  return groups;
}

SplitSeries split_series(std::vector<FileHeader> files) {
  std::set<std::string> by;
  std::vector<Group> groups;
  groups.push_back(std::move(files));
  const auto refine = [&](const char* name, const std::function<KeyOf(const Group&)>& key_for) {
    std::vector<Group> finer;
    for (Group& group : groups) {
      const KeyOf key = key_for(group);
      std::vector<Group> parts = group_by(std::move(group), key);
      if (parts.size() > 1) by.insert(name);
      for (Group& part : parts) finer.push_back(std::move(part));
    }
    groups = std::move(finer);
  };
  const auto class_of = [](const FileHeader& f) { return classify(f.series, f.instance); };
  refine("image type", [&](const Group&) {
    return [&](const FileHeader& f) { return std::to_string(static_cast<int>(class_of(f))); };
  });
  refine("image", [&](const Group&) {
    return [&](const FileHeader& f) {
      return class_of(f) == ImageClass::radiograph ? std::to_string(f.instance.entry) : "";
    };
  });
  refine("orientation", [](const Group&) { return axes_key(); });
  refine("frame of reference", frame_of_reference_key);
  refine("matrix", [](const Group&) { return matrix_key(); });

  SplitSeries result;
  for (Group& group : groups) {
    const ImageClass image_class = class_of(group.front());
    const bool slices = image_class == ImageClass::original || image_class == ImageClass::derived;
    std::vector<Group> stacks;
    if (slices)
      stacks = split_stacks(std::move(group), by);
    else
      stacks.push_back(std::move(group));
    for (Group& stack : stacks) result.parts.push_back({std::move(stack), image_class});
  }
  std::stable_sort(result.parts.begin(), result.parts.end(), [](const auto& a, const auto& b) {
    return a.files.front().instance.entry < b.files.front().instance.entry;
  });
  for (const std::string& name : by)
    result.split_by += (result.split_by.empty() ? "" : ", ") + name;
  return result;
}

}  // namespace thorax::intake

#include <algorithm>

#include "intake/geometry.h"
#include "intake/geometry_grid.h"

namespace thorax::intake {
namespace {

/// SOP instances of the axial slices, feet to head; empty where a slice was made from others.
std::vector<std::string> slice_uids(const SlicePlan& plan, const Series& series,
                                    const std::vector<SliceSource>& sources, const AxisMap& map) {
  std::vector<std::string> uids(static_cast<std::size_t>(map.grid.shape.z));
  if (map.stack_axis[0] != 0) return uids;
  for (std::size_t k = 0; k < sources.size(); ++k) {
    if (sources[k].weight != 0) continue;
    const FrameRef frame = plan.frames[static_cast<std::size_t>(sources[k].below)];
    uids[map.backwards[0] ? uids.size() - 1 - k : k] =
        series.instances[frame.instance].sop_instance_uid;
  }
  return uids;
}

}  // namespace

LoadedVolume assemble(const SlicePlan& plan, const Series& series, volume::CtVolume decoded,
                      volume::Mask outside) {
  const volume::Shape expected{static_cast<int>(plan.frames.size()), plan.rows, plan.columns};
  if (decoded.shape() != expected || (!outside.empty() && outside.shape() != expected))
    throw Error("internal"_code, {{"detail", "decoded frames do not match the slice plan"}});
  LoadedVolume loaded;
  loaded.geometry = plan.report;
  loaded.notices = plan.notices;
  std::vector<SliceSource> sources;
  const StackGrid stack = regular_stack(plan, sources);
  loaded.geometry.interpolated = loaded.geometry.interpolated ||
                                 std::any_of(sources.begin(), sources.end(),
                                             [](const SliceSource& s) { return s.weight != 0; });
  volume::CtVolume hu = stack_slices(std::move(decoded), sources);
  if (!outside.empty()) outside = stack_slices(std::move(outside), sources);
  if (const auto map = axis_map(stack)) {
    loaded.slice_sop_uids = slice_uids(plan, series, sources, *map);
    loaded.hu = permute(std::move(hu), *map);
    if (!outside.empty()) loaded.outside = permute(std::move(outside), *map);
    return loaded;
  }
  loaded.geometry.interpolated = true;
  const volume::Grid grid = bounding_grid(stack);
  loaded.hu = resample_stack(hu, outside, stack, grid, loaded.outside);
  loaded.slice_sop_uids.resize(static_cast<std::size_t>(grid.shape.z));
  return loaded;
}

}  // namespace thorax::intake

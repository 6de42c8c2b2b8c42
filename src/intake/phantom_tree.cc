#include "intake/phantom_tree.h"

#include "base/parallel.h"

namespace thorax::intake::phantom {
namespace {

constexpr double kLowestLung = -150, kHighestLung = 160, kHalfWidth = 140, kHalfDepth = 110;
constexpr double kMurray = 1 / 2.7;

Vec3 mean(const std::vector<Vec3>& points) {
  Vec3 sum;
  for (const Vec3& p : points) sum = sum + p;
  return sum * (1.0 / static_cast<double>(points.size()));
}

/// Direction of the largest spread across `along`, by power iteration.
Vec3 widest(const std::vector<Vec3>& points, Vec3 centre, Vec3 along) {
  Vec3 axis = std::abs(along.x) < 0.6 ? Vec3{1, 0.2, 0.1} : Vec3{0.1, 0.2, 1};
  for (int i = 0; i < 12; ++i) {
    Vec3 next;
    for (const Vec3& p : points) {
      Vec3 d = p - centre;
      d = d - along * dot(d, along);
      next = next + d * dot(d, axis);
    }
    const double length = norm(next);
    if (length < 1e-9) break;
    axis = next * (1 / length);
  }
  return axis;
}

struct Grower {
  double tip_radius;
  std::vector<Rod>& out;
  Random& random;

  double radius(std::size_t supplied) const {
    return tip_radius * std::pow(static_cast<double>(supplied), kMurray);
  }

  void grow(Vec3 root, double root_radius, const std::vector<Vec3>& points) {
    const double r = radius(points.size());
    if (points.size() == 1) {
      out.push_back({root, points.front(), std::min(root_radius, r), r * 0.8});
      return;
    }
    const Vec3 centre = mean(points);
    const Vec3 way = centre - root;
    const double length = norm(way);
    const Vec3 wander{random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1)};
    const Vec3 end = root + way * 0.42 + wander * (0.07 * length);
    out.push_back({root, end, std::min(root_radius, r * 1.1), r});
    const Vec3 along = length > 1e-6 ? way * (1 / length) : Vec3{0, 0, 1};
    const Vec3 axis = widest(points, centre, along);
    std::vector<Vec3> halves[2];
    const double cut = random.uniform(-0.12, 0.12) * length;
    for (const Vec3& p : points) halves[dot(p - centre, axis) > cut].push_back(p);
    if (halves[0].empty() || halves[1].empty()) {
      std::vector<Vec3>& all = halves[0].empty() ? halves[1] : halves[0];
      std::vector<Vec3>& none = halves[0].empty() ? halves[0] : halves[1];
      none.assign(all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2), all.end());
      all.resize(all.size() / 2);
    }
    for (const std::vector<Vec3>& half : halves) grow(end, r, half);
  }
};

std::vector<Vec3> choose(const std::vector<LungPoint>& from, int count, double depth,
                         Random& random) {
  std::vector<Vec3> chosen;
  for (int tries = 0; static_cast<int>(chosen.size()) < count && tries < count * 50; ++tries) {
    const LungPoint& at = from[random.next() % from.size()];
    if (at.lung > -depth) continue;
    chosen.push_back(at.p +
                     Vec3{random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1)});
  }
  return chosen;
}

}  // namespace

LungLattice sample_lungs(const Chest& chest, double step) {
  LungLattice lattice;
  lattice.step = step;
  const auto levels = static_cast<std::size_t>((kHighestLung - kLowestLung) / step);
  struct Sides {
    std::vector<LungPoint> right, left;
  };
  std::vector<Sides> found(levels);
  parallel_for(levels, 4, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Level level = chest.level(kLowestLung + (static_cast<double>(i) + 0.5) * step);
      for (double y = -kHalfDepth; y < kHalfDepth; y += step)
        for (double x = -kHalfWidth + step / 2; x < kHalfWidth; x += step) {
          const double cage = Chest::cage(level, x, y);
          if (cage > 0) continue;
          const double lung = chest.lung(level, x, y, cage);
          if (lung < 0)
            (x < 0 ? found[i].right : found[i].left).push_back({{x, y, level.z}, lung, cage});
        }
    }
  });
  for (const Sides& sides : found) {
    lattice.right.insert(lattice.right.end(), sides.right.begin(), sides.right.end());
    lattice.left.insert(lattice.left.end(), sides.left.begin(), sides.left.end());
  }
  return lattice;
}

LungTree grow_tree(const LungLattice& lattice, std::uint64_t seed) {
  LungTree tree;
  Random random(seed ^ 0x7EEEull);
  for (const PhantomSide side : {PhantomSide::right, PhantomSide::left}) {
    const bool left = side == PhantomSide::left;
    const std::vector<LungPoint>& points = lattice.of(side);
    if (points.empty()) continue;
    const auto grow = [&](Vec3 root, int tips, double tip_radius, double depth) {
      std::vector<Rod> rods;
      Grower grower{tip_radius, rods, random};
      const std::vector<Vec3> chosen = choose(points, tips, depth, random);
      if (!chosen.empty()) grower.grow(root, grower.radius(chosen.size()), chosen);
      return rods;
    };
    const Vec3 artery = left ? Vec3{46, 12, 32} : Vec3{-40, 0, 26};
    const Vec3 vein = left ? Vec3{42, 4, 4} : Vec3{-42, -2, 0};
    for (const Vec3& root : {artery, vein}) {
      const std::vector<Rod> rods = grow(root, 620, 0.48, 3.0);
      tree.vessels.insert(tree.vessels.end(), rods.begin(), rods.end());
    }
    for (const Rod& rod : grow(left ? Vec3{44, 17, 14} : Vec3{-40, 16, 16}, 46, 0.85, 14))
      tree.bronchi.push_back({rod, 0.45 + 0.22 * rod.ra});
  }
  return tree;
}

}  // namespace thorax::intake::phantom

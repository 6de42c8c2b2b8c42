#include "store/rights.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace thorax::store {
namespace {

constexpr std::array kRights = {Right::read, Right::upload, Right::remove, Right::names,
                                Right::admin};
constexpr std::array kRoles = {Role::viewer, Role::operating, Role::admin};

}  // namespace

std::string_view to_string(Right right) {
  constexpr std::array<std::string_view, kRights.size()> kNames = {"read", "upload", "remove",
                                                                   "names", "admin"};
  return kNames[static_cast<std::size_t>(right)];
}

std::string_view to_string(Role role) {
  constexpr std::array<std::string_view, kRoles.size()> kNames = {"viewer", "operator", "admin"};
  return kNames[static_cast<std::size_t>(role)];
}

Role parse_role(std::string_view name) {
  for (const Role role : kRoles)
    if (name == to_string(role)) return role;
  throw Error(
      "bad_parameter"_code,
      {{"name", "role"}, {"value", std::string(name)}, {"allowed", "viewer, operator, admin"}});
}

Rights Rights::of(Role role) {
  Rights rights{Right::read};
  if (role != Role::viewer)
    for (const Right right : {Right::upload, Right::remove, Right::names}) rights.add(right);
  if (role == Role::admin) rights.add(Right::admin);
  return rights;
}

Rights Rights::parse(std::string_view words) {
  Rights rights;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(','));
    words.remove_prefix(std::min(word.size() + 1, words.size()));
    const auto found = std::find_if(kRights.begin(), kRights.end(),
                                    [&](Right right) { return word == to_string(right); });
    if (found == kRights.end())
      throw Error("bad_parameter"_code, {{"name", "scope"},
                                         {"value", std::string(word)},
                                         {"allowed", "read, upload, remove, names, admin"}});
    rights.add(*found);
  }
  return rights;
}

std::vector<std::string> Rights::words() const {
  std::vector<std::string> words;
  for (const Right right : kRights)
    if (has(right)) words.emplace_back(to_string(right));
  return words;
}

std::string Rights::text() const {
  std::string text;
  for (const std::string& word : words()) text += (text.empty() ? "" : ",") + word;
  return text;
}

}  // namespace thorax::store

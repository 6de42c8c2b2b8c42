#include "weights/torch_file.h"

#include <zip.h>

#include <cstring>

#include "base/error.h"
#include "weights/mapped_file.h"
#include "weights/torch_classes.h"

namespace thorax::weights {
namespace {

[[noreturn]] void bad(const std::string& file, const std::string& detail) {
  throw Error("bad_weights"_code, {{"path", file}, {"detail", detail}});
}

bool starts_with(std::span<const std::byte> bytes, std::string_view prefix) {
  return bytes.size() >= prefix.size() &&
         std::memcmp(bytes.data(), prefix.data(), prefix.size()) == 0;
}

/// The zip around a checkpoint. torch.save stores its entries without compression, so nothing can
/// unpack to more than the file holds; that is demanded here.
class ZipArchive {
 public:
  ZipArchive(std::span<const std::byte> bytes, std::string name)
      : name_(std::move(name)), left_(bytes.size()) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    zip_ = source ? zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error) : nullptr;
    const std::string problem = zip_ ? "" : zip_error_strerror(&error);
    if (!zip_ && source) zip_source_free(source);
    zip_error_fini(&error);
    if (!zip_) bad(name_, "the zip is damaged: " + problem);
  }
  ~ZipArchive() { zip_discard(zip_); }
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  /// The folder that holds data.pkl, with its slash.
  std::string root() const {
    const std::string_view wanted = "data.pkl";
    for (zip_int64_t i = 0; i < zip_get_num_entries(zip_, 0); ++i) {
      const char* entry = zip_get_name(zip_, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_GUESS);
      const std::string_view path = entry ? entry : "";
      if (path == wanted || (path.size() > wanted.size() &&
                             path.substr(path.size() - wanted.size() - 1) == "/data.pkl"))
        return std::string(path.substr(0, path.size() - wanted.size()));
    }
    bad(name_, "a zip without data.pkl is no torch checkpoint");
  }

  bool has(const std::string& entry) const { return zip_name_locate(zip_, entry.c_str(), 0) >= 0; }

  std::vector<std::byte> read(const std::string& entry) {
    zip_stat_t stat;
    if (zip_stat(zip_, entry.c_str(), 0, &stat) != 0)
      bad(name_, "the entry " + entry + " is missing");
    if (stat.comp_method != ZIP_CM_STORE) bad(name_, "the entry " + entry + " is compressed");
    if (stat.size > left_) bad(name_, "the entries hold more than the file");
    left_ -= stat.size;
    std::vector<std::byte> out(stat.size);
    zip_file_t* file = zip_fopen_index(zip_, stat.index, 0);
    if (!file) bad(name_, "the entry " + entry + " cannot be read");
    const zip_int64_t got = zip_fread(file, out.data(), out.size());
    zip_fclose(file);
    if (got != static_cast<zip_int64_t>(out.size()))
      bad(name_, "the entry " + entry + " is cut short or damaged");
    return out;
  }

 private:
  std::string name_;
  std::uint64_t left_;
  zip_t* zip_ = nullptr;
};

PickleResult parse_zip(std::span<const std::byte> file, const std::string& name) {
  ZipArchive zip(file, name);
  const std::string root = zip.root();
  if (zip.has(root + "byteorder")) {
    const std::vector<std::byte> order = zip.read(root + "byteorder");
    if (!starts_with(order, "little")) bad(name, "the values are big-endian");
  }
  std::map<std::string, PickleStorage> storages;
  const PickleHooks hooks{
      .call = [&](const std::string& c,
                  const std::vector<PickleRef>& a) { return call_torch_class(name, c, a); },
      .persistent = [&](PickleRef id) -> PickleValue {
        const StorageId wanted = parse_storage_id(name, id);
        auto [it, fresh] = storages.try_emplace(wanted.key);
        PickleStorage& storage = it->second;
        if (fresh) {
          auto bytes =
              std::make_shared<std::vector<std::byte>>(zip.read(root + "data/" + wanted.key));
          storage = {.data = bytes->data(), .bytes = bytes->size(), .owner = bytes};
        }
        if (storage.bytes != wanted.bytes)
          bad(name, "the storage " + wanted.key + " does not have the size the file states");
        storage.type = wanted.type;
        return {storage};
      }};
  const std::vector<std::byte> pickle = zip.read(root + "data.pkl");
  return read_pickle(pickle, hooks, name);
}

/// Legacy files are pickles in a row: magic number, protocol version, system facts, the object,
/// the list of storage keys; then each storage as its element count and its bytes.
class LegacyFile {
 public:
  LegacyFile(std::span<const std::byte> file, std::shared_ptr<const void> owner,
             const std::string& name)
      : file_(file), owner_(std::move(owner)), name_(name) {}

  PickleResult read() {
    static constexpr char kMagic[] = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
    const PickleResult magic = next();
    const auto* bytes = get_if<PickleBytes>(magic.value);
    if (!bytes || bytes->value != std::string(kMagic, sizeof kMagic - 1))
      bad(name_, "it is neither a zip nor a legacy torch file");
    next();  // protocol version
    check_system(next());
    const std::size_t object_at = at_;
    // Where the storages lie is known only behind the object: read it once to get there, and once
    // more with the storages in hand.
    next();
    locate_storages(next());
    at_ = object_at;
    return next();
  }

 private:
  PickleResult next() {
    const PickleHooks hooks{.call =
                                [&](const std::string& c, const std::vector<PickleRef>& a) {
                                  return located_ ? call_torch_class(name_, c, a)
                                                  : first_pass(c, a);
                                },
                            .persistent = [&](PickleRef id) { return storage(id); }};
    PickleResult out = read_pickle(file_.subspan(at_), hooks, name_);
    at_ += out.consumed;
    return out;
  }

  /// Tensors cannot be checked against storages not seen yet; all else is as in the second pass.
  PickleValue first_pass(const std::string& c, const std::vector<PickleRef>& arguments) {
    if (c.starts_with("torch._utils._rebuild_")) return {PickleNone{}};
    return call_torch_class(name_, c, arguments);
  }

  PickleValue storage(PickleRef id) {
    const StorageId wanted = parse_storage_id(name_, id);
    if (!located_) {
      sizes_[wanted.key] = size_of(wanted.type);
      return {PickleStorage{}};
    }
    const auto it = storages_.find(wanted.key);
    if (it == storages_.end() || it->second.bytes != wanted.bytes)
      bad(name_, "the storage " + wanted.key + " does not have the size the file states");
    PickleStorage found = it->second;
    found.type = wanted.type;
    return {found};
  }

  void check_system(const PickleResult& facts) {
    const auto* dict = get_if<PickleDict>(facts.value);
    if (!dict) bad(name_, "the facts about the writing system are missing");
    for (const auto& [key, value] : dict->items) {
      const auto* text = get_if<std::string>(key);
      const auto* flag = get_if<bool>(value);
      if (text && *text == "little_endian" && (!flag || !*flag))
        bad(name_, "the values are big-endian");
    }
  }

  void locate_storages(const PickleResult& keys) {
    const auto* list = get_if<PickleList>(keys.value);
    if (!list) bad(name_, "the list of storages is missing");
    for (const PickleRef item : list->items) {
      const auto* key = get_if<std::string>(item);
      if (!key || !sizes_.contains(*key)) bad(name_, "a storage that no tensor uses");
      std::uint64_t count = 0;
      if (file_.size() - at_ < sizeof count) bad(name_, "the file ends before its storages");
      std::memcpy(&count, file_.data() + at_, sizeof count);
      at_ += sizeof count;
      if (count > (file_.size() - at_) / sizes_[*key])
        bad(name_, "the storage " + *key + " runs past the end of the file");
      const std::uint64_t bytes = count * sizes_[*key];
      storages_[*key] = {.data = file_.data() + at_, .bytes = bytes, .owner = owner_};
      at_ += bytes;
    }
    located_ = true;
  }

  std::span<const std::byte> file_;
  std::shared_ptr<const void> owner_;
  const std::string& name_;
  std::size_t at_ = 0;
  bool located_ = false;
  std::map<std::string, std::size_t> sizes_;  ///< bytes of one element, by storage key
  std::map<std::string, PickleStorage> storages_;
};

}  // namespace

PickleResult parse_torch_file(std::span<const std::byte> file, std::shared_ptr<const void> owner,
                              const std::string& name) {
  if (starts_with(file, "PK\x03\x04")) return parse_zip(file, name);
  return LegacyFile(file, std::move(owner), name).read();
}

PickleResult read_torch_file(const std::filesystem::path& path) {
  MappedFile file = map_file(path);
  return parse_torch_file(file.bytes, std::move(file.owner), path.string());
}

}  // namespace thorax::weights

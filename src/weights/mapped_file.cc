#include "weights/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

namespace thorax::weights {

MappedFile map_file(const std::filesystem::path& path) {
  const auto refuse = [&]() -> Error {
    return Error("no_such_input"_code, {{"path", path.string()}});
  };
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw refuse();
  struct stat info {};
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(fd);
    throw refuse();
  }
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) {
    close(fd);
    return {};
  }
  void* start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  if (start == MAP_FAILED) throw refuse();
  return {{static_cast<const std::byte*>(start), size},
          std::shared_ptr<const void>(
              start, [size](const void* p) { munmap(const_cast<void*>(p), size); })};
}

}  // namespace thorax::weights

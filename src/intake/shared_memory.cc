#include "intake/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace thorax::intake {

SharedMemory::SharedMemory(std::size_t size) {
  fd_ = memfd_create("thorax-pixels", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd_ < 0 || ftruncate(fd_, static_cast<off_t>(size)) != 0 ||
      fcntl(fd_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    throw std::bad_alloc();
  void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
  if (data == MAP_FAILED) throw std::bad_alloc();
  owner_ = std::shared_ptr<void>(data, [size](void* p) { munmap(p, size); });
}

SharedMemory::~SharedMemory() {
  close(fd_);
}

}  // namespace thorax::intake

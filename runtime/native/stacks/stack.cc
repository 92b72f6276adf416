// Memory for stacks: mapping, giving back, and leaving out of forks.
#include "stacks/stack.h"

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "stacks/fork-marks.h"
#include "stacks/headroom.h"
#include "stacks/slabs.h"

namespace aevent {

size_t PageSize() {
  static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

std::string Stack::Map(size_t bytes) {
  std::string error;
  size_t guard = PageSize();
  bytes_ = (bytes + guard - 1) / guard * guard;
  if (slabs::Unsupported().empty()) {
    low_ = slabs::Take(bytes_, &error);
    in_slab_ = low_ != nullptr;
    if (in_slab_ || !error.empty()) return error;
  }
  constexpr size_t kMappings = 2;
  error = NoHeadroom(1, guard + bytes_, kMappings);
  if (!error.empty()) return error;
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE;
  void* mapping = mmap(nullptr, guard + bytes_, PROT_NONE, kFlags, -1, 0);
  auto begin = static_cast<char*>(mapping);
  if (mapping == MAP_FAILED || mprotect(begin + guard, bytes_, PROT_READ | PROT_WRITE) != 0) {
    error = std::string("the system gave no stack for a carrier: ") + strerror(errno);
    if (mapping != MAP_FAILED) munmap(mapping, guard + bytes_);
    return error;
  }
  low_ = begin + guard;
  // A huge page under each stack would make a parked task cost 2 MB.
  madvise(low_, bytes_, MADV_NOHUGEPAGE);
  LeaveOutOfForks(begin, guard + bytes_, guard + bytes_);
  return "";
}

void Stack::Unmap() {
  if (in_slab_) return slabs::Return(low_);
  char* begin = low_ - PageSize();
  ForgetInForks(begin);
  munmap(begin, PageSize() + bytes_);
}

}  // namespace aevent
#endif

// Reads memory that may not be there: for probes that follow what may be a pointer.
#pragma once
#include <cstddef>
#include <cstdint>
#if defined(__linux__)
#include <sys/uio.h>
#include <unistd.h>
#endif

namespace aevent {

inline bool MayPoint(uintptr_t word) { return word % sizeof(void*) == 0 && word > 0xffff && word < (uintptr_t{1} << 47); }

// False if some of it is not there, or the system lets no process read itself.
inline bool SafeRead(uintptr_t from, void* to, size_t bytes) {
#if defined(__linux__)
  if (!MayPoint(from)) return false;
  iovec local{to, bytes};
  iovec remote{reinterpret_cast<void*>(from), bytes};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(bytes);
#else
  (void)from, (void)to, (void)bytes;
  return false;
#endif
}

}  // namespace aevent

// Reads memory that may not be there: for probes that follow what may be a pointer.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>
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

// Reads as much at each of these places, in few system calls: `found(place, memory)` is called for those that are there.
template <size_t kBytes, typename Found>
void SafeReadEach(const std::vector<uintptr_t>& from, Found found) {
#if defined(__linux__)
  constexpr size_t kMost = 256;
  std::vector<char> memory(kMost * kBytes);
  for (size_t at = 0; at < from.size();) {
    size_t count = from.size() - at < kMost ? from.size() - at : kMost;
    std::vector<iovec> remote;
    for (size_t i = 0; i < count; i++) remote.push_back({reinterpret_cast<void*>(from[at + i]), kBytes});
    iovec local{memory.data(), count * kBytes};
    ssize_t read = process_vm_readv(getpid(), &local, 1, remote.data(), count, 0);
    size_t whole = read < 0 ? 0 : static_cast<size_t>(read) / kBytes;
    for (size_t i = 0; i < whole; i++) found(from[at + i], memory.data() + i * kBytes);
    // It ends at the first that is not there.
    at += whole < count ? whole + 1 : count;
  }
#else
  (void)from, (void)found;
#endif
}

}  // namespace aevent

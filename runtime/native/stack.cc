#include "stack.h"

#if defined(__linux__)
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <mutex>

namespace aevent {
namespace {

size_t PageSize() {
  static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

// To start another program Node forks, and everything waits meanwhile. Each stack that the child gets makes that longer,
// by 7 us (8,000 parked tasks: 70 ms instead of 15), and the child runs on one only until it is the other program. So it
// gets no stack but that. Guarded by test/runtime/native/fork.test.ts.
class Forks {
 public:
  static void LeaveOut(void* mapping, char* low, size_t bytes) {
    static const int status = pthread_atfork(Before, AfterInParent, AfterInChild);
    // Where a stack cannot be marked, or marks cannot be taken back in time, children get all of them.
    if (status != 0) return;
    std::lock_guard<std::mutex> lock(mutex());
    size_t guard = low - static_cast<char*>(mapping);
    if (madvise(mapping, guard + bytes, MADV_DONTFORK) == 0) stacks().emplace(low, bytes);
  }

 private:
  static std::mutex& mutex() {
    static auto mutex = new std::mutex();
    return *mutex;
  }

  // By the lowest address, how many bytes.
  static std::map<char*, size_t>& stacks() {
    static auto stacks = new std::map<char*, size_t>();
    return *stacks;
  }

  static void Before() {
    mutex().lock();
    AdviseOwn(MADV_DOFORK);
  }

  static void AfterInParent() {
    AdviseOwn(MADV_DONTFORK);
    mutex().unlock();
  }

  static void AfterInChild() { mutex().unlock(); }

  // Says what becomes of the stack that this runs on, if it is one of ours.
  static void AdviseOwn(int advice) {
    auto here = static_cast<char*>(__builtin_frame_address(0));
    auto next = stacks().upper_bound(here);
    if (next == stacks().begin()) return;
    auto [low, bytes] = *--next;
    if (here < low + bytes) madvise(low, bytes, advice);
  }
};

}  // namespace

bool Stack::Map(size_t bytes) {
  size_t guard = PageSize();
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE;
  void* mapping = mmap(nullptr, guard + bytes, PROT_NONE, kFlags, -1, 0);
  if (mapping == MAP_FAILED) return false;
  low_ = static_cast<char*>(mapping) + guard;
  bytes_ = bytes;
  if (mprotect(low_, bytes, PROT_READ | PROT_WRITE) != 0) {
    int error = errno;
    munmap(mapping, guard + bytes);
    errno = error;
    return false;
  }
  // A huge page under each stack would make a parked task cost 2 MB.
  madvise(low_, bytes, MADV_NOHUGEPAGE);
  Forks::LeaveOut(mapping, low_, bytes);
  return true;
}

void Stack::Trim(void* sp) {
  size_t unused = (static_cast<char*>(sp) - low_) / PageSize() * PageSize();
  if (unused > 0) madvise(low_, unused, MADV_DONTNEED);
}

}  // namespace aevent
#endif

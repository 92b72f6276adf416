// Memory for stacks: mapping, giving back, and leaving out of forks.
#include "stacks/stack.h"

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

// ---- left out of forks ----

// To start another program Node forks, and everything waits meanwhile. Each stack that the child gets makes that longer,
// by 7 us (8,000 parked tasks: 70 ms instead of 15), and the child runs on one only until it is the other program. So it
// gets no stack but that. Guarded by test/runtime/native/fork.test.ts.

std::mutex& ForkMutex() {
  static auto mutex = new std::mutex();
  return *mutex;
}

// Those that are left out: by the lowest address, how many bytes.
std::map<char*, size_t>& LeftOut() {
  static auto stacks = new std::map<char*, size_t>();
  return *stacks;
}

// Says what becomes of the stack that this runs on, if it is one of them.
void AdviseOwn(int advice) {
  auto here = static_cast<char*>(__builtin_frame_address(0));
  auto next = LeftOut().upper_bound(here);
  if (next == LeftOut().begin()) return;
  auto [low, bytes] = *--next;
  if (here < low + bytes) madvise(low, bytes, advice);
}

void BeforeFork() {
  ForkMutex().lock();
  AdviseOwn(MADV_DOFORK);
}

void AfterForkInParent() {
  AdviseOwn(MADV_DONTFORK);
  ForkMutex().unlock();
}

void AfterForkInChild() { ForkMutex().unlock(); }

void LeaveOutOfForks(void* mapping, char* low, size_t bytes) {
  static const int status = pthread_atfork(BeforeFork, AfterForkInParent, AfterForkInChild);
  // Where a stack cannot be marked, or marks cannot be taken back in time, children get all of them.
  if (status != 0) return;
  std::lock_guard<std::mutex> lock(ForkMutex());
  size_t guard = low - static_cast<char*>(mapping);
  if (madvise(mapping, guard + bytes, MADV_DONTFORK) == 0) LeftOut().emplace(low, bytes);
}

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
  LeaveOutOfForks(mapping, low_, bytes);
  return true;
}

void Stack::Trim(void* sp) {
  size_t unused = (static_cast<char*>(sp) - low_) / PageSize() * PageSize();
  if (unused > 0) madvise(low_, unused, MADV_DONTNEED);
}

}  // namespace aevent
#endif

// To start another program Node forks, and everything waits meanwhile. Each stack that the child gets makes that longer,
// by 7 us (8,000 parked tasks: 70 ms instead of 15), and the child runs on one only until it is the other program. So it
// gets no stack but that. Guarded by test/runtime/native/fork.test.ts.
#include "stacks/fork-marks.h"

#if defined(__linux__)
#include <pthread.h>
#include <sys/mman.h>

#include <map>
#include <mutex>

namespace aevent {
namespace {

std::mutex& ForkMutex() {
  static auto mutex = new std::mutex();
  return *mutex;
}

struct Marked {
  size_t bytes;
  size_t each;
};

// By the lowest address.
std::map<char*, Marked>& LeftOut() {
  static auto stacks = new std::map<char*, Marked>();
  return *stacks;
}

bool all_advised = false;

// Adjacent ones together: the kernel needs no further mapping to advise a whole one.
void AdviseAll(int advice) {
  char* begin = nullptr;
  char* end = nullptr;
  for (auto& [low, marked] : LeftOut()) {
    if (low != end) {
      if (begin != nullptr) madvise(begin, end - begin, advice);
      begin = low;
    }
    end = low + marked.bytes;
  }
  if (begin != nullptr) madvise(begin, end - begin, advice);
}

// Says what becomes of the stack that this runs on, if it is one of them. False if the kernel refuses.
bool AdviseOwn(int advice) {
  auto here = static_cast<char*>(__builtin_frame_address(0));
  auto next = LeftOut().upper_bound(here);
  if (next == LeftOut().begin()) return true;
  auto [low, marked] = *--next;
  if (here >= low + marked.bytes) return true;
  char* own = low + (here - low) / marked.each * marked.each;
  return madvise(own, marked.each, advice) == 0;
}

void BeforeFork() {
  ForkMutex().lock();
  // To mark one stack of a slab takes two mappings more for a moment. Where there are none, the child gets all stacks.
  all_advised = !AdviseOwn(MADV_DOFORK);
  if (all_advised) AdviseAll(MADV_DOFORK);
}

void AfterForkInParent() {
  if (all_advised) AdviseAll(MADV_DONTFORK);
  else AdviseOwn(MADV_DONTFORK);
  ForkMutex().unlock();
}

void AfterForkInChild() { ForkMutex().unlock(); }

}  // namespace

void LeaveOutOfForks(char* begin, size_t bytes, size_t each) {
  static const int status = pthread_atfork(BeforeFork, AfterForkInParent, AfterForkInChild);
  // Where stacks cannot be marked, or marks cannot be taken back in time, children get all of them.
  if (status != 0) return;
  std::lock_guard<std::mutex> lock(ForkMutex());
  if (madvise(begin, bytes, MADV_DONTFORK) == 0) LeftOut().emplace(begin, Marked{bytes, each});
}

void ForgetInForks(char* begin) {
  std::lock_guard<std::mutex> lock(ForkMutex());
  LeftOut().erase(begin);
}

}  // namespace aevent
#endif

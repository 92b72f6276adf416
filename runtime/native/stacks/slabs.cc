// Maps slabs, hands their stacks out, and gives them back.
#include "stacks/slabs.h"

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

#include "stacks/fork-marks.h"
#include "stacks/headroom.h"
#include "stacks/stack.h"

namespace aevent::slabs {
namespace {

#ifndef MADV_GUARD_INSTALL
constexpr int MADV_GUARD_INSTALL = 102;
#endif

constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE;
// A slab has as many as there are already: a program with a few tasks does not take the address space of 64.
constexpr size_t kFewest = 8;
constexpr size_t kMost = 64;  // a bit each
// Of a slab, and of the heap that its tasks need.
constexpr size_t kMappings = 16;

struct Slab {
  size_t each;           // bytes of a stack and its guard page
  uint64_t all;          // a bit for each stack
  uint64_t unused;       // those that may be taken
  uint64_t guarded = 0;  // those that have their guard page
  uint64_t touched = 0;  // unused ones that have pages
};

bool InstallGuard(char* page) { return madvise(page, PageSize(), MADV_GUARD_INSTALL) == 0; }

// Some emulators say yes to any advice: so the page is looked at, by a system call that says whether it could read it.
std::string Probe() {
  void* page = mmap(nullptr, PageSize(), PROT_READ | PROT_WRITE, kFlags, -1, 0);
  if (page == MAP_FAILED) return std::string("no page to try it with: ") + strerror(errno);
  std::string reason;
  if (!InstallGuard(static_cast<char*>(page)))
    reason = std::string("the kernel has no guard regions (MADV_GUARD_INSTALL, Linux 6.13): ") + strerror(errno);
  else if (access(static_cast<char*>(page), F_OK) == 0 || errno != EFAULT)
    reason = "a guard region can be read here";
  munmap(page, PageSize());
  return reason;
}

class Slabs {
 public:
  char* Take(size_t bytes, std::string* error) {
    size_t each = PageSize() + bytes;
    std::lock_guard<std::mutex> lock(mutex_);
    char* begin = FindUnused(each);
    if (begin == nullptr) begin = Map(each, error);
    if (begin == nullptr) return nullptr;
    Slab& slab = slabs_.at(begin);
    int at = __builtin_ctzll(slab.unused);
    uint64_t bit = uint64_t{1} << at;
    char* guard = begin + at * each;
    if ((slab.guarded & bit) == 0 && !InstallGuard(guard)) return nullptr;
    slab.guarded |= bit;
    slab.unused &= ~bit;
    slab.touched &= ~bit;
    if (slab.unused == 0) with_unused_.erase(begin);
    return guard + PageSize();
  }

  void Return(char* low) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = --slabs_.upper_bound(low);
    auto& [begin, slab] = *found;
    uint64_t bit = uint64_t{1} << ((low - begin) / slab.each);
    slab.unused |= bit;
    slab.touched |= bit;
    with_unused_.insert(begin);
    touched_.insert(begin);
    if (slab.unused == slab.all) Unmap(found);
  }

  // Guard pages stay what they are.
  void GiveBack() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (char* begin : touched_) {
      Slab& slab = slabs_.at(begin);
      while (slab.touched != 0) {
        int first = __builtin_ctzll(slab.touched);
        uint64_t rest = ~(slab.touched >> first);
        int count = rest == 0 ? 64 : __builtin_ctzll(rest);
        madvise(begin + first * slab.each, count * slab.each, MADV_DONTNEED);
        uint64_t run = count == 64 ? ~uint64_t{0} : ((uint64_t{1} << count) - 1) << first;
        slab.touched &= ~run;
      }
    }
    touched_.clear();
  }

 private:
  // The lowest one, so that the others become empty.
  char* FindUnused(size_t each) {
    for (char* begin : with_unused_)
      if (slabs_.at(begin).each == each) return begin;
    return nullptr;
  }

  char* Map(size_t each, std::string* error) {
    for (size_t count = std::clamp(stacks_, kFewest, kMost); count > 0; count /= 2) {
      *error = NoHeadroom(count, count * each, kMappings);
      if (!error->empty()) continue;
      void* mapping = mmap(nullptr, count * each, PROT_READ | PROT_WRITE, kFlags, -1, 0);
      if (mapping == MAP_FAILED) {
        *error = std::string("the system gave no stack for a carrier: ") + strerror(errno);
        continue;
      }
      auto begin = static_cast<char*>(mapping);
      // A huge page under each stack would make a parked task cost 2 MB.
      madvise(begin, count * each, MADV_NOHUGEPAGE);
      LeaveOutOfForks(begin, count * each, each);
      uint64_t all = ~uint64_t{0} >> (kMost - count);
      slabs_.emplace(begin, Slab{each, all, all});
      with_unused_.insert(begin);
      stacks_ += count;
      return begin;
    }
    return nullptr;
  }

  void Unmap(std::map<char*, Slab>::iterator found) {
    auto& [begin, slab] = *found;
    size_t count = kMost - __builtin_clzll(slab.all);  // the lowest bits
    ForgetInForks(begin);
    munmap(begin, count * slab.each);
    stacks_ -= count;
    with_unused_.erase(begin);
    touched_.erase(begin);
    slabs_.erase(found);
  }

  std::mutex mutex_;
  std::map<char*, Slab> slabs_;  // by the lowest address, as the others
  std::set<char*> with_unused_;
  std::set<char*> touched_;
  size_t stacks_ = 0;
};

// Never destroyed: other threads may still run when the process's destructors do.
Slabs& All() {
  static auto slabs = new Slabs();
  return *slabs;
}

}  // namespace

const std::string& Unsupported() {
  static auto reason = new std::string(Probe());
  return *reason;
}

char* Take(size_t bytes, std::string* error) { return All().Take(bytes, error); }
void Return(char* low) { All().Return(low); }
void GiveBack() { All().GiveBack(); }

}  // namespace aevent::slabs
#endif

// Reads the memory limits of the cgroups that this process is in.
#include "stacks/memory-limit.h"

#if defined(__linux__)
#include <fcntl.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "stacks/occasional-look.h"

namespace aevent {
namespace {

// A parked task at call depth 20, with its pages in the page table.
constexpr uint64_t kStackBytes = 20 * 1024;
// Left to the rest of the process: a share of the limit, and at most what a young generation grows by.
constexpr uint64_t kShareLeft = 8;
constexpr uint64_t kMostLeft = 64 * 1024 * 1024;
// To look takes some 0.1 ms, so it is done once for so many stacks.
constexpr size_t kBetween = 64;

uint64_t KiB(const char* status, const char* name) {
  const char* line = strstr(status, name);
  return line == nullptr ? 0 : strtoull(line + strlen(name), nullptr, 10);
}

// A task that goes on needs 8 to 10 KB more than while it was parked: to wake all may take that of each. How many stacks there are the
// page table tells: it has 2.4 KB for each.
constexpr uint64_t kGrowth = 4;

// Bytes that cannot be had back from this process: pages of its own, those of its page table, and those that its stacks will need.
uint64_t Held() {
  char status[4096];
  int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = read(file, status, sizeof status - 1);
  close(file);
  if (length <= 0) return 0;
  status[length] = '\0';
  return (KiB(status, "\nRssAnon:") + (1 + kGrowth) * KiB(status, "\nVmPTE:")) * 1024;
}

}  // namespace

std::string NoMemoryFor(size_t stacks) {
  static const char* const kShort = "the rest of the process needs what is left of its cgroup's memory";
  static OccasionalLook look(kBetween, kBetween);
  auto has_room = [](size_t many) {
    uint64_t limit = uv_get_constrained_memory();
    bool limited = limit != 0 && limit < uv_get_total_memory();
    uint64_t left = std::min(limit / kShareLeft, kMostLeft);
    return !limited || Held() + many * kStackBytes + left <= limit;
  };
  return look.IsShort() || !look.IsEnough(stacks, has_room) ? kShort : "";
}

}  // namespace aevent
#else
namespace aevent {
std::string NoMemoryFor(size_t) { return ""; }
}  // namespace aevent
#endif

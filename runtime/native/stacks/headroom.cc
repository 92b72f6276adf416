// Refuses new stacks before memory or mappings run out.
#include "stacks/headroom.h"

#include "stacks/memory-limit.h"
#include "stacks/occasional-look.h"

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace aevent {

#if defined(__linux__)
namespace {

// V8 may want so much at once: both halves of a young generation that grows.
constexpr size_t kBytes = 128 * 1024 * 1024;
constexpr size_t kMappings = 1024;
// Trying for them takes about a millisecond, so it is done once while so many are taken.
OccasionalLook at_mappings{256};

bool CanSplit(char* block) {
  size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  // Each page with another protection than its neighbours is two mappings more.
  for (size_t i = 0; i < kMappings / 2; i++)
    if (mprotect(block + (2 * i + 1) * page, page, PROT_READ) != 0) return false;
  return true;
}

}  // namespace

std::string NoHeadroom(size_t stacks, size_t bytes, size_t mappings) {
  static const char* const kShort =
      "the rest of the process needs what is left of its mappings (vm.max_map_count)";
  if (at_mappings.IsShort()) return kShort;
  void* block = mmap(nullptr, kBytes + bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (block == MAP_FAILED) return "the rest of the process needs what is left of its address space (ulimit -v)";
  bool enough = at_mappings.IsEnough(mappings, [&](size_t) { return CanSplit(static_cast<char*>(block)); });
  munmap(block, kBytes + bytes);
  return enough ? NoMemoryFor(stacks) : kShort;
}
#else
std::string NoHeadroom(size_t, size_t, size_t) { return ""; }
#endif

void StartPool(uv_loop_t* loop) {
  if (loop != uv_default_loop()) return;
  // On a loop of its own: a program's that has nothing to do must not turn for this.
  uv_loop_t own;
  if (uv_loop_init(&own) != 0) return;
  uv_work_t request;
  uv_queue_work(&own, &request, [](uv_work_t*) {}, [](uv_work_t*, int) {});
  // Not to be waited for: the pool may be there already, and busy.
  uv_cancel(reinterpret_cast<uv_req_t*>(&request));
  uv_run(&own, UV_RUN_DEFAULT);
  uv_loop_close(&own);
}

}  // namespace aevent

// Carriers are taken from limits that the rest of the process lives on, too: address space (ulimit -v), mappings
// (vm.max_map_count), and memory (memory-limit.h). V8 ends the process when it gets no memory for a heap page, and libuv when
// it cannot start the threads of its pool. So no carrier is made that would leave less of either than they may want at once.
#pragma once
#include <uv.h>

#include <string>

namespace aevent {

// To be asked before so many stacks are mapped. Returns an empty string, or why they may not be.
// `bytes`, `mappings`: what all of them take.
std::string NoHeadroom(size_t stacks, size_t bytes, size_t mappings);

// Starts the threads of libuv's pool, if `loop` is the main thread's (a Worker's must have no request open when it
// ends). It would start them at their first use, and ends the process when it cannot.
void StartPool(uv_loop_t* loop);

}  // namespace aevent

// The memory that a cgroup leaves to this process. The kernel kills a process that exceeds it, and stacks are taken lazily: so
// none is made that could not be filled.
#pragma once
#include <cstddef>
#include <string>

namespace aevent {

// To be asked before memory for so many stacks is mapped. Returns an empty string, or why it may not be.
std::string NoMemoryFor(size_t stacks);

}  // namespace aevent

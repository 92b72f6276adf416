// Stacks that no forked child gets, but for the one that fork() is called on.
#pragma once
#include <cstddef>

namespace aevent {

// From `begin` lie stacks of `each` bytes, guard pages included, `bytes` in all.
void LeaveOutOfForks(char* begin, size_t bytes, size_t each);

// To be called before they are unmapped.
void ForgetInForks(char* begin);

}  // namespace aevent

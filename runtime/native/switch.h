// The switch itself, one implementation an architecture: saves what the C ABI says
// a callee keeps (and the floating-point control words) on the running stack,
// stores that stack's pointer, loads the other stack pointer, sets the thread
// pointer to `to_tls`, and returns on the other stack.
#pragma once
#include <cstdint>

namespace aevent {

extern "C" void aevent_switch_stack(void** save_sp, void* load_sp, uintptr_t to_tls);

// Lays out a fresh stack below `top` so that the first switch to it calls `entry(argument)`,
// which must not return.
void* PrepareStack(void* top, void (*entry)(void*), void* argument);

// Moves the calling thread's stack pointer to `sp`, sets `*done` to 1 and wakes who waits for
// that on a futex, then sleeps for ever on the futex word `never` (which is 0). All without
// touching stack memory: the stack that was left may be in use from `*done` on, and the one
// at `sp` costs nothing until a signal handler finds it.
extern "C" [[noreturn]] void aevent_sleep_at(void* sp, const int* never, int* done);

uintptr_t ReadThreadPointer();

// Empty if the thread pointer can be set from user space here, else the reason.
const char* SwitchUnsupported();

// Empty, or why each switch takes a system call. After SwitchUnsupported().
const char* SwitchIsSlow();

}  // namespace aevent

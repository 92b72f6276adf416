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

uintptr_t ReadThreadPointer();

// Empty if the thread pointer can be set from user space here, else the reason.
const char* SwitchUnsupported();

}  // namespace aevent

// The switch itself, one implementation an architecture: saves what the C ABI says
// a callee keeps (and the floating-point control words) on the running stack,
// stores that stack's pointer, loads the other stack pointer, and returns on the
// other stack.
#pragma once

namespace aevent {

extern "C" void aevent_switch_stack(void** save_sp, void* load_sp);

// Lays out a fresh stack below `top` so that the first switch to it calls `entry(argument)`,
// which must not return.
void* PrepareStack(void* top, void (*entry)(void*), void* argument);

// Empty if stacks may be switched in this process, else the reason.
const char* SwitchUnsupported();

}  // namespace aevent

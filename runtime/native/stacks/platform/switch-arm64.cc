// The stack switch of arm64.
#if defined(__linux__) && defined(__aarch64__)
#include <cstdint>
#include <cstring>

#include "stacks/platform/switch.h"

asm(R"(
.text
.globl aevent_switch_stack
.hidden aevent_switch_stack
.type aevent_switch_stack,%function
aevent_switch_stack:
  .cfi_startproc
  sub sp, sp, #176
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mrs x9, fpcr
  str x9, [sp, #160]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldr x9, [sp, #160]
  msr fpcr, x9
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #176
  ret
  .cfi_endproc
.size aevent_switch_stack,.-aevent_switch_stack

// Where a fresh stack starts: x19 and x20 were laid out by PrepareStack.
.globl aevent_stack_start
.hidden aevent_stack_start
.type aevent_stack_start,%function
aevent_stack_start:
  .cfi_startproc
  .cfi_undefined x30
  mov x0, x19
  blr x20
  brk #1
  .cfi_endproc
.size aevent_stack_start,.-aevent_stack_start
)");

extern "C" void aevent_stack_start();

namespace aevent {
namespace {
constexpr uintptr_t kFrameBytes = 176;
constexpr int kX19 = 0;
constexpr int kX20 = 1;
constexpr int kX30 = 88 / 8;  // the return address
constexpr int kFpcr = 160 / 8;
}  // namespace

void* PrepareStack(void* top, void (*entry)(void*), void* argument) {
  uintptr_t sp = (reinterpret_cast<uintptr_t>(top) & ~uintptr_t{63}) - kFrameBytes;
  auto frame = reinterpret_cast<uintptr_t*>(sp);
  std::memset(frame, 0, kFrameBytes);
  frame[kX19] = reinterpret_cast<uintptr_t>(argument);
  frame[kX20] = reinterpret_cast<uintptr_t>(entry);
  frame[kX30] = reinterpret_cast<uintptr_t>(aevent_stack_start);
  asm volatile("mrs %0, fpcr" : "=r"(frame[kFpcr]));
  return frame;
}

const char* SwitchUnsupported() { return ""; }

}  // namespace aevent
#endif

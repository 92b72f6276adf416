// The stack switch of x64.
#if defined(__linux__) && defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "stacks/platform/switch.h"

asm(R"(
.text
.globl aevent_switch_stack
.hidden aevent_switch_stack
.type aevent_switch_stack,@function
aevent_switch_stack:
  .cfi_startproc
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  subq $8, %rsp
  stmxcsr (%rsp)
  fnstcw 4(%rsp)
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  ldmxcsr (%rsp)
  fldcw 4(%rsp)
  addq $8, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .cfi_endproc
.size aevent_switch_stack,.-aevent_switch_stack

# Where a fresh stack starts: rbx and r12 were laid out by PrepareStack.
.globl aevent_stack_start
.hidden aevent_stack_start
.type aevent_stack_start,@function
aevent_stack_start:
  .cfi_startproc
  .cfi_undefined rip   # the outermost frame: every unwinder stops here
  movq %rbx, %rdi
  call *%r12
  ud2
  .cfi_endproc
.size aevent_stack_start,.-aevent_stack_start
)");

extern "C" void aevent_stack_start();

namespace aevent {

void* PrepareStack(void* top, void (*entry)(void*), void* argument) {
  auto sp = reinterpret_cast<uintptr_t*>(reinterpret_cast<uintptr_t>(top) & ~uintptr_t{63});
  *--sp = 0;  // keeps the alignment that the ABI wants at `call *%r12`
  *--sp = 0;
  *--sp = reinterpret_cast<uintptr_t>(aevent_stack_start);
  *--sp = 0;                                        // rbp: ends a walk by frame pointers
  *--sp = reinterpret_cast<uintptr_t>(argument);    // rbx
  *--sp = reinterpret_cast<uintptr_t>(entry);       // r12
  for (int i = 0; i < 3; i++) *--sp = 0;            // r13, r14, r15
  --sp;
  auto control = reinterpret_cast<uint32_t*>(sp);
  uint16_t x87;
  asm volatile("stmxcsr %0" : "=m"(control[0]));
  asm volatile("fnstcw %0" : "=m"(x87));
  control[1] = x87;
  return sp;
}

const char* SwitchUnsupported() {
  constexpr int kArchShstkStatus = 0x5005;
  constexpr unsigned long kShstkEnabled = 1;
  unsigned long features = 0;
  // With shadow stacks on, the `ret` of a switch would be taken for an attack and kill the process.
  if (syscall(SYS_arch_prctl, kArchShstkStatus, &features) == 0 && (features & kShstkEnabled) != 0)
    return "this process runs with CET shadow stacks, which forbid switching stacks";
  return "";
}

}  // namespace aevent
#endif

#if defined(__linux__) && defined(__x86_64__)
#include <asm/prctl.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "switch.h"

// wrfsbase needs the kernel's leave (Linux 5.9+, announced in AT_HWCAP2). Without
// it the same is done by arch_prctl(ARCH_SET_FS), a system call: 0.1 µs slower.
// The choice is made once, in a variable that the assembly tests.
extern "C" {
__attribute__((visibility("hidden"))) uint8_t aevent_has_fsgsbase = 0;
}

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
  cmpb $0, aevent_has_fsgsbase(%rip)
  je 1f
  wrfsbase %rdx
  jmp 2f
1:
  movq %rdx, %rsi
  movl $0x1002, %edi   # ARCH_SET_FS
  movl $158, %eax      # SYS_arch_prctl
  syscall
2:
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

.globl aevent_sleep_at
.hidden aevent_sleep_at
.type aevent_sleep_at,@function
aevent_sleep_at:
  movq %rdi, %rsp
  movq %rsi, %rbx
  movl $1, (%rdx)
  movq %rdx, %rdi
  movl $202, %eax      # SYS_futex
  movl $129, %esi      # FUTEX_WAKE_PRIVATE
  movl $1, %edx        # one waiter
  syscall
  movq %rbx, %rdi
1:
  movl $202, %eax      # SYS_futex
  movl $128, %esi      # FUTEX_WAIT_PRIVATE
  xorl %edx, %edx      # while it is 0
  xorl %r10d, %r10d    # no timeout
  syscall
  jmp 1b
.size aevent_sleep_at,.-aevent_sleep_at

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

// Through the system, not rdfsbase: it is read once a carrier, and must work without FSGSBASE.
uintptr_t ReadThreadPointer() {
  uintptr_t value = 0;
  syscall(SYS_arch_prctl, ARCH_GET_FS, &value);
  return value;
}

const char* SwitchUnsupported() {
  constexpr unsigned long kHwcap2Fsgsbase = 1 << 1;
  constexpr int kArchShstkStatus = 0x5005;
  constexpr unsigned long kShstkEnabled = 1;
  aevent_has_fsgsbase = (getauxval(AT_HWCAP2) & kHwcap2Fsgsbase) != 0;
  unsigned long features = 0;
  // With shadow stacks on, the `ret` of a switch would be taken for an attack and kill the process.
  if (syscall(SYS_arch_prctl, kArchShstkStatus, &features) == 0 && (features & kShstkEnabled) != 0)
    return "this process runs with CET shadow stacks, which forbid switching stacks";
  return "";
}

const char* SwitchIsSlow() {
  return aevent_has_fsgsbase ? "" : "the kernel does not allow FSGSBASE: each switch takes a system call, arch_prctl";
}

}  // namespace aevent
#endif

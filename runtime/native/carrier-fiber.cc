// The fast backend: one OS thread runs everything. A carrier is the stack and the
// TLS block of a pthread that was created only to own them and then sleeps for
// ever; we run on its stack, with its thread pointer:
//
//   high │ struct pthread, TLS      ← thread pointer
//        │ Sleep()                    never returns
//        │ our frames                 what the carrier runs
//        │ …
//        │ 48 KiB                   ← the sleeping thread's stack pointer: it needs no
//   low  │ guard page                 memory, but glibc's setuid() signals every thread,
//                                     and the kernel puts the signal's frame there
//
// To V8 and libc it *is* another thread (own ThreadId, own stack bounds, own errno);
// to the kernel nothing happened. Two rules follow for all code in this addon: no
// thread_local of ours, and nothing that caches a TLS address across a switch.
#include <cstddef>  // defines __GLIBC__ where there is one
#if defined(__linux__) && defined(__GLIBC__) && (defined(__x86_64__) || defined(__aarch64__))
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <vector>

#include "carrier.h"
#include "switch.h"

namespace aevent {
namespace {

// Left to the sleeping thread at the low end, beyond what V8's stack limit lets JavaScript reach.
constexpr size_t kSleeperBytes = 48 * 1024;

class FiberCarrier final : public Carrier {
 public:
  int Spawn(size_t stack_bytes) {
    stack_bytes_ = stack_bytes;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    // The sleeping thread must never be the one that the kernel picks for a signal.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    int status = pthread_create(&thread, &attributes, Sleep, this);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_attr_destroy(&attributes);
    if (status != 0) return status;
    while (__atomic_load_n(&asleep_, __ATOMIC_ACQUIRE) == 0)
      syscall(SYS_futex, &asleep_, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
    if (asleep_ == kFailed) return ENOMEM;
    // The frame of Sleep() is dead by now: ours begin in the same page.
    sp_ = PrepareStack(top_, Main, this);
    return 0;
  }

  size_t stack_bytes() const { return stack_bytes_; }

  // The running stack becomes a carrier: only the places to save it to are needed.
  void Adopt() { tls_ = ReadThreadPointer(); }

  // noinline: nothing of the caller's may be kept in a register that depends on TLS.
  __attribute__((noinline)) void SwitchTo(Carrier* to) override {
    auto next = static_cast<FiberCarrier*>(to);
    aevent_switch_stack(&sp_, next->sp_, next->tls_);
  }

  void Trim() override {
    constexpr uintptr_t kPage = 4096;
    uintptr_t end = reinterpret_cast<uintptr_t>(sp_) & ~(kPage - 1);
    if (end > stack_low_ + kPage)
      madvise(reinterpret_cast<void*>(stack_low_), end - stack_low_, MADV_DONTNEED);
  }

 private:
  static void* Sleep(void* self) {
    static const int never = 0;
    auto carrier = static_cast<FiberCarrier*>(self);
    carrier->tls_ = ReadThreadPointer();
    carrier->top_ = static_cast<char*>(__builtin_frame_address(0));
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
      __atomic_store_n(&carrier->asleep_, kFailed, __ATOMIC_RELEASE);
      syscall(SYS_futex, &carrier->asleep_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
      return nullptr;
    }
    void* low = nullptr;
    size_t size = 0;
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
    // A huge page under each stack would make a parked task cost 2 MB.
    madvise(low, size, MADV_NOHUGEPAGE);
    carrier->stack_low_ = reinterpret_cast<uintptr_t>(low) + kSleeperBytes;
    aevent_sleep_at(reinterpret_cast<void*>(carrier->stack_low_ & ~uintptr_t{63}), &never, &carrier->asleep_);
  }

  [[noreturn]] static void Main(void* argument) {
    auto self = static_cast<FiberCarrier*>(argument);
    for (;;) self->SwitchTo(self->body_(self->arg_));
  }

  void* sp_ = nullptr;
  uintptr_t tls_ = 0;
  char* top_ = nullptr;
  uintptr_t stack_low_ = 0;
  size_t stack_bytes_ = 0;
  static constexpr int kFailed = 2;
  int asleep_ = 0;
};

// Carriers outlive the isolate that used them: a sleeping pthread can't be ended on a
// stack that was used from elsewhere, so a worker's carriers serve the next worker.
class Fibers final : public Backend {
 public:
  const char* Name() const override { return "fiber"; }
  std::string Unsupported() const override { return SwitchUnsupported(); }
  std::string SlowSwitch() const override { return SwitchIsSlow(); }

  Carrier* AdoptMain() override {
    SwitchUnsupported();  // finds out about FSGSBASE, too
    auto main = new FiberCarrier();
    main->Adopt();
    return main;
  }

  Carrier* Create(size_t stack_bytes, std::string* error) override {
    if (auto carrier = TakeFree(stack_bytes)) return carrier;
    auto carrier = new FiberCarrier();
    int status = carrier->Spawn(stack_bytes);
    if (status == 0) return carrier;
    *error = std::string("the system gave no stack for a carrier: ") + strerror(status);
    delete carrier;
    return nullptr;
  }

  void Release(Carrier* carrier) override {
    carrier->Trim();
    std::lock_guard<std::mutex> lock(mutex_);
    free_.push_back(static_cast<FiberCarrier*>(carrier));
  }

 private:
  FiberCarrier* TakeFree(size_t stack_bytes) {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto it = free_.begin(); it != free_.end(); ++it) {
      if ((*it)->stack_bytes() != stack_bytes) continue;
      FiberCarrier* carrier = *it;
      free_.erase(it);
      return carrier;
    }
    return nullptr;
  }

  std::mutex mutex_;
  std::vector<FiberCarrier*> free_;
};

}  // namespace

Backend* FiberBackend() {
  // Never destroyed: other threads may still run when the process's destructors do.
  static auto backend = new Fibers();
  return backend;
}

}  // namespace aevent
#else
#include "carrier.h"
namespace aevent {
namespace {
class Unavailable final : public Backend {
 public:
  const char* Name() const override { return "fiber"; }
  std::string Unsupported() const override {
    return "the fiber backend needs Linux with glibc on x86-64 or arm64";
  }
  Carrier* AdoptMain() override { return nullptr; }
  Carrier* Create(size_t, std::string* error) override {
    *error = Unsupported();
    return nullptr;
  }
  void Release(Carrier*) override {}
};
}  // namespace
Backend* FiberBackend() {
  static Unavailable backend;
  return &backend;
}
}  // namespace aevent
#endif

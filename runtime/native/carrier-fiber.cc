// The fast backend: one OS thread runs everything. A carrier is the stack and the
// TLS block of a pthread that was created only to own them and then sleeps for
// ever; we run on its stack, with its thread pointer:
//
//   high │ struct pthread, TLS      ← thread pointer
//        │ frames of Sleep()          the sleeping thread's own
//        │ 16 KiB kept free           for a signal frame: glibc's setuid() signals every
//        │                            thread, and the kernel puts that frame below Sleep()
//        │ our frames                 what the carrier runs
//   low  │ guard page
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

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#include "carrier.h"
#include "switch.h"

namespace aevent {
namespace {

void FutexWait(std::atomic<int>* word, int value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

void FutexWake(std::atomic<int>* word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

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
    while (asleep_.load(std::memory_order_acquire) == 0) FutexWait(&asleep_, 0);
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
    auto carrier = static_cast<FiberCarrier*>(self);
    carrier->tls_ = ReadThreadPointer();
    constexpr uintptr_t kSignalRoom = 16 * 1024;
    carrier->top_ = reinterpret_cast<char*>(__builtin_frame_address(0)) - kSignalRoom;
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
      void* low = nullptr;
      size_t size = 0;
      pthread_attr_getstack(&attributes, &low, &size);
      pthread_attr_destroy(&attributes);
      carrier->stack_low_ = reinterpret_cast<uintptr_t>(low);
      // A huge page under each stack would make a parked task cost 2 MB.
      madvise(low, size, MADV_NOHUGEPAGE);
    }
    carrier->asleep_.store(1, std::memory_order_release);
    FutexWake(&carrier->asleep_);
    static std::atomic<int> never{0};
    for (;;) FutexWait(&never, 0);
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
  std::atomic<int> asleep_{0};
};

// Carriers outlive the isolate that used them: a sleeping pthread can't be ended on a
// stack that was used from elsewhere, so a worker's carriers serve the next worker.
class Fibers final : public Backend {
 public:
  const char* Name() const override { return "fiber"; }
  std::string Unsupported() const override { return SwitchUnsupported(); }

  Carrier* AdoptMain() override {
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

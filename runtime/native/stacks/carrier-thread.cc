// The portable backend: a carrier is an OS thread, and control is handed over
// with one semaphore for each. Slower than `fiber` (a futex wake-up and a context
// switch of the kernel), but nothing in it depends on a platform.
#include <uv.h>
#if !defined(_WIN32)
#include <signal.h>
#endif

#include "stacks/carrier.h"
#include "stacks/headroom.h"

namespace aevent {
namespace {

class ThreadCarrier final : public Carrier {
 public:
  ThreadCarrier() { ok_ = uv_sem_init(&turn_, 0) == 0; }
  ~ThreadCarrier() override {
    if (ok_) uv_sem_destroy(&turn_);
  }

  bool ok() const { return ok_; }

  int Spawn(size_t stack_bytes) {
    uv_thread_options_t options;
    options.flags = UV_THREAD_HAS_STACK_SIZE;
    options.stack_size = stack_bytes;
    return uv_thread_create_ex(&thread_, &options, Main, this);
  }

  void SwitchTo(Carrier* to) override {
    uv_sem_post(&static_cast<ThreadCarrier*>(to)->turn_);
    uv_sem_wait(&turn_);
  }

  void Join() {
    body_ = nullptr;
    uv_sem_post(&turn_);
    uv_thread_join(&thread_);
  }

 private:
  static void Main(void* self) {
    auto carrier = static_cast<ThreadCarrier*>(self);
    for (;;) {
      uv_sem_wait(&carrier->turn_);
      if (carrier->body_ == nullptr) return;  // Join()
      auto next = static_cast<ThreadCarrier*>(carrier->body_(carrier->arg_));
      uv_sem_post(&next->turn_);
    }
  }

  uv_thread_t thread_;
  uv_sem_t turn_;
  bool ok_;
};

// V8's profiler signals the thread that it samples, and puts back whatever handled SIGPROF before when it is stopped. A
// carrier may stop it (a debugger's request comes where JavaScript runs) while the main thread has a signal that it has
// not handled yet: the default would end the process. So there is something harmless to be put back. Another program
// that this one starts does not inherit it. Guarded by test/runtime/tooling/profiler-signal.test.ts.
void KeepFromEndingByProfiler() {
#if !defined(_WIN32)
  struct sigaction current;
  if (sigaction(SIGPROF, nullptr, &current) != 0) return;
  if ((current.sa_flags & SA_SIGINFO) != 0 || current.sa_handler != SIG_DFL) return;
  struct sigaction harmless = {};
  harmless.sa_handler = [](int) {};
  harmless.sa_flags = SA_RESTART;
  sigaction(SIGPROF, &harmless, nullptr);
#endif
}

class Threads final : public Backend {
 public:
  bool SwitchesThreads() const override { return true; }
  std::string Unsupported() const override { return ""; }
  Carrier* AdoptMain() override {
    KeepFromEndingByProfiler();
    return new ThreadCarrier();
  }

  Carrier* Create(size_t stack_bytes, std::string* error) override {
    constexpr size_t kMappings = 2;  // its stack, and a guard page
    // glibc gives a thread that allocates an arena: address space that is gone after this check.
    constexpr size_t kArenaBytes = 64 * 1024 * 1024;
    *error = NoHeadroom(1, stack_bytes + kArenaBytes, kMappings);
    if (!error->empty()) return nullptr;
    auto carrier = new ThreadCarrier();
    int status = carrier->ok() ? carrier->Spawn(stack_bytes) : UV_ENOMEM;
    if (status == 0) return carrier;
    *error = std::string("the system gave no thread: ") + uv_strerror(status);
    delete carrier;
    return nullptr;
  }

  void Release(Carrier* carrier, v8::Isolate*) override {
    static_cast<ThreadCarrier*>(carrier)->Join();
    delete carrier;
  }
};

}  // namespace

Backend* ThreadBackend() {
  static auto backend = new Threads();
  return backend;
}

}  // namespace aevent

// The fast backend: one OS thread runs everything. A carrier is a stack of our own (stack.h), together with what V8 tells
// threads apart by (thread-identity.h). To V8 it *is* another thread, with an id and stack bounds of its own; to the
// kernel, to libc and to addons nothing has happened.
#include <cstddef>  // defines __GLIBC__ where there is one
#if defined(__linux__) && defined(__GLIBC__) && (defined(__x86_64__) || defined(__aarch64__))
#include <cerrno>
#include <cstring>
#include <mutex>
#include <vector>

#include "stacks/carrier.h"
#include "stacks/stack.h"
#include "stacks/platform/switch.h"
#include "stacks/thread-identity.h"

namespace aevent {
namespace {

class FiberCarrier : public Carrier {
 public:
  // The stack that the calling thread is on anyway.
  FiberCarrier() = default;

  explicit FiberCarrier(Stack stack) : stack_(stack), identity_(stack.top()) {
    sp_ = PrepareStack(stack_.top(), Main, this);
  }

  size_t stack_bytes() const { return stack_.bytes(); }

  void SwitchTo(Carrier* to) final {
    auto next = static_cast<FiberCarrier*>(to);
    next->thread_ = thread_;
    thread_->Exchange(&identity_, next->identity_);
    aevent_switch_stack(&sp_, next->sp_);
  }

  void Trim() final { stack_.Trim(sp_); }

 protected:
  ThreadLocals* thread_ = nullptr;  // the OS thread that runs this

 private:
  [[noreturn]] static void Main(void* argument) {
    auto self = static_cast<FiberCarrier*>(argument);
    for (;;) self->SwitchTo(self->body_(self->arg_));
  }

  Stack stack_;
  ThreadIdentity identity_;  // while it does not run
  void* sp_ = nullptr;
};

class MainCarrier final : public FiberCarrier {
 public:
  MainCarrier() { thread_ = &own_; }

 private:
  ThreadLocals own_;
};

// Carriers outlive the isolate that used them: V8 never gives a thread's id to another one, and remembers each.
class Fibers final : public Backend {
 public:
  const char* Name() const override { return "fiber"; }

  std::string Unsupported() const override {
    std::string reason = SwitchUnsupported();
    return reason.empty() ? ThreadLocals::Find() : reason;
  }

  Carrier* AdoptMain() override { return new MainCarrier(); }

  Carrier* Create(size_t stack_bytes, std::string* error) override {
    if (auto carrier = TakeFree(stack_bytes)) return carrier;
    Stack stack;
    if (stack.Map(stack_bytes)) return new FiberCarrier(stack);
    *error = std::string("the system gave no stack for a carrier: ") + strerror(errno);
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
#include "stacks/carrier.h"
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

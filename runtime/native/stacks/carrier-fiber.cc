// The fast backend: one OS thread runs everything. A carrier is a stack of our own (stack.h), together with what V8 tells
// threads apart by (thread-identity.h). To V8 it *is* another thread, with an id and stack bounds of its own; to the
// kernel, to libc and to addons nothing has happened.
#include <cstddef>  // defines __GLIBC__ where there is one
#if defined(__linux__) && defined(__GLIBC__) && (defined(__x86_64__) || defined(__aarch64__))
#include <mutex>
#include <vector>

#include "stacks/carrier.h"
#include "stacks/slabs.h"
#include "stacks/stack.h"
#include "stacks/platform/switch.h"
#include "stacks/thread-identity.h"

namespace aevent {
namespace {

class FiberCarrier : public Carrier {
 public:
  // The stack that the calling thread is on anyway.
  FiberCarrier() = default;

  FiberCarrier(Stack stack, int32_t id) : stack_(stack), identity_(id, stack.top()) {
    sp_ = PrepareStack(stack_.top(), Main, this);
  }

  const void* Place() const final { return stack_.top(); }

  void SwitchTo(Carrier* to) final {
    auto next = static_cast<FiberCarrier*>(to);
    next->thread_ = thread_;
    thread_->Exchange(&identity_, next->identity_);
    aevent_switch_stack(&sp_, next->sp_);
  }

  void MakeArchives(v8::Isolate* isolate, size_t count, const ArchiveSizes& sizes) final {
    thread_->MakeArchives(isolate, count, sizes);
  }
  void LetGoOfArchives() final { thread_->LetGoOfArchives(); }

  // While it is idle: gives its stack back, and leaves its id for another carrier.
  int32_t End(v8::Isolate* isolate) {
    if (thread_ != nullptr) thread_->Forget(isolate, identity_);
    stack_.Unmap();
    return identity_.id();
  }

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

// V8 never gives a thread's id to another one, and has some two billion of them: so the next carriers get those of carriers that
// have ended.
class Fibers final : public Backend {
 public:

  std::string Unsupported() const override {
    std::string reason = SwitchUnsupported();
    return reason.empty() ? ThreadLocals::Find() : reason;
  }

  Carrier* AdoptMain() override { return new MainCarrier(); }

  std::string SharedMappings() const override { return slabs::Unsupported(); }

  Carrier* Create(size_t stack_bytes, std::string* error) override {
    Stack stack;
    *error = stack.Map(stack_bytes);
    return error->empty() ? new FiberCarrier(stack, TakeId()) : nullptr;
  }

  void Release(Carrier* carrier, v8::Isolate* isolate) override {
    auto fiber = static_cast<FiberCarrier*>(carrier);
    int32_t id = fiber->End(isolate);
    delete fiber;
    std::lock_guard<std::mutex> lock(mutex_);
    if (id != 0) free_ids_.push_back(id);
  }

  bool GivesBack() const override { return true; }
  void GiveBack() override { slabs::GiveBack(); }

 private:
  int32_t TakeId() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (free_ids_.empty()) return 0;
    int32_t id = free_ids_.back();
    free_ids_.pop_back();
    return id;
  }

  std::mutex mutex_;
  std::vector<int32_t> free_ids_;
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
  std::string Unsupported() const override {
    return "the fiber backend needs Linux with glibc on x86-64 or arm64";
  }
  Carrier* AdoptMain() override { return nullptr; }
  Carrier* Create(size_t, std::string* error) override {
    *error = Unsupported();
    return nullptr;
  }
  void Release(Carrier*, v8::Isolate*) override {}
};
}  // namespace
Backend* FiberBackend() {
  static Unavailable backend;
  return &backend;
}
}  // namespace aevent
#endif

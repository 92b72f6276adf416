// Keeps a debugger's steps and pauses inside the program's own frames.
#include "node/debugger.h"

#include <atomic>

#include "node/natives-syntax.h"
#include "node/silence.h"
#include "stacks/external.h"

namespace aevent {

using v8::Context;
using v8::Function;
using v8::HandleScope;
using v8::Isolate;
using v8::Local;
using v8::Value;

namespace {

constexpr uint64_t kLookMs = 100;

std::atomic<bool> expected{false};

struct Job {
  const std::function<void()>& body;
  bool begun = false;
};

// Two functions, of which the second is new each time: V8 does not step into the one that it has last stepped out of.
const char kFrame[] = "(function (below, job) { (() => { %FinalizeOptimization(); below(job); })(); })";

const char kIdle[] = "(function idle(below, job, frame) { frame(below, job); }) // aevent: another stack is next";

void Below(const v8::FunctionCallbackInfo<Value>& info) {
  auto job = static_cast<Job*>(FromExternal(info[0]));
  job->begun = true;
  job->body();
}

}  // namespace

Debugger::Debugger(Isolate* isolate, Local<Context> program)
    : isolate_(isolate), loop_(node::GetCurrentEventLoop(isolate)), program_(isolate, program) {}

void Debugger::Expect() {
  // The baseline compiler cannot be waited for as the others can (kFrame), so it does its work on the main thread. Read at
  // each use, as --no-wasm-code-gc in hub.cc.
  v8::V8::SetFlagsFromString("--no-concurrent-sparkplug");
  expected.store(true, std::memory_order_relaxed);
}
bool Debugger::Expected() { return expected.load(std::memory_order_relaxed); }

void Debugger::Look() {
  if (look_.IsEmpty() || uv_now(loop_) < looked_ms_ + kLookMs || isolate_->IsExecutionTerminating()) return;
  looked_ms_ = uv_now(loop_);
  Silence silence(isolate_);
  Local<Value> seen;
  bool returned = look_.Get(isolate_)->Call(program_.Get(isolate_), v8::Undefined(isolate_), 0, nullptr).ToLocal(&seen);
  if (returned && seen->IsTrue()) look_.Reset();
}

// Both functions, or neither.
void Debugger::MakeFrame() {
  HandleScope handles(isolate_);
  Local<Context> program = program_.Get(isolate_);
  Local<Context> context = Context::New(isolate_);
  Local<Value> frame, idle;
  Local<Function> below;
  {
    Context::Scope scope(context);
    if (!RunWithNatives(context, kFrame).ToLocal(&frame) || !Function::New(context, Below).ToLocal(&below)) return;
  }
  Context::Scope scope(program);
  if (!RunWithNatives(program, kIdle).ToLocal(&idle)) return;
  context_.Reset(isolate_, context);
  frame_.Reset(isolate_, frame.As<Function>());
  below_.Reset(isolate_, below);
  idle_.Reset(isolate_, idle.As<Function>());
}

void Debugger::Call(const std::function<void()>& body, bool in_idle) {
  Job job{body};
  if (!isolate_->IsExecutionTerminating()) {
    HandleScope handles(isolate_);
    Silence silence(isolate_);
    if (frame_.IsEmpty()) MakeFrame();
    if (!frame_.IsEmpty()) {
      Local<Function> frame = frame_.Get(isolate_);
      Local<Value> arguments[] = {below_.Get(isolate_), ToExternal(isolate_, &job), frame};
      auto context = (in_idle ? program_ : context_).Get(isolate_);
      auto function = in_idle ? idle_.Get(isolate_) : frame;
      (void)function->Call(context, v8::Undefined(isolate_), 3, arguments);
    }
    // V8 may have dropped code that has not run for long, and cannot compile it again without that syntax.
    if (!job.begun) frame_.Reset();
  }
  if (!job.begun) body();
}

}  // namespace aevent

#include "hub.h"

#include <cstring>

namespace aevent {

using v8::Context;
using v8::Function;
using v8::HandleScope;
using v8::Isolate;
using v8::Local;
using v8::Value;

namespace {
// Idle carriers whose touched stack stays warm; those beyond give it back.
constexpr size_t kWarmCarriers = 256;
}  // namespace

Hub::Hub(Isolate* isolate, Local<Context> context, Backend* backend, size_t stack_bytes)
    : isolate_(isolate),
      context_(isolate, context),
      backend_(backend),
      stack_bytes_(stack_bytes),
      main_(backend->AdoptMain()) {
  auto buffer = v8::ArrayBuffer::New(isolate, kSharedLength * sizeof(double));
  shared_store_ = buffer->GetBackingStore();
  shared_ = static_cast<double*>(shared_store_->Data());
  shared_array_.Reset(isolate, v8::Float64Array::New(buffer, 0, kSharedLength));
  isolate->AddGCPrologueCallback(BeforeGC, this);
  isolate->AddGCEpilogueCallback(AfterGC, this);
}

Hub::~Hub() {
  queue_.Uninstall();
  Unwind();
  isolate_->RemoveGCPrologueCallback(BeforeGC, this);
  isolate_->RemoveGCEpilogueCallback(AfterGC, this);
  for (auto& strand : strands_) {
    // One that could not be unwound still holds frames: its stack is given up.
    if (strand->state == State::kIdle) backend_->Release(strand->carrier);
  }
}

void Hub::UseAsyncHooks(Local<v8::Uint32Array> fields, Local<v8::Float64Array> ids, Local<v8::Array> resources,
                        int length_index, int execution_index, int trigger_index) {
  auto data = [](Local<v8::TypedArray> array) {
    return static_cast<char*>(array->Buffer()->GetBackingStore()->Data()) + array->ByteOffset();
  };
  hooks_.stack_length = reinterpret_cast<uint32_t*>(data(fields)) + length_index;
  hooks_.execution_id = reinterpret_cast<double*>(data(ids)) + execution_index;
  hooks_.trigger_id = reinterpret_cast<double*>(data(ids)) + trigger_index;
  hooks_.resources.Reset(isolate_, resources);
  hooks_.keep_alive[0].Reset(isolate_, fields);
  hooks_.keep_alive[1].Reset(isolate_, ids);
}

std::string Hub::InstallPump() {
  auto layout = MicrotaskQueueLayout::Probe(isolate_);
  return queue_.Install(context_.Get(isolate_)->GetMicrotaskQueue(), layout, Checkpoint, this);
}

// ---- what lies outside the stack ----

void Hub::OwnContinuation() {
  owns_continuation_ = true;
  HandleScope handles(isolate_);
  ClearContinuation();
}

// null, not undefined: V8 11.3 (Node 20) neither sets nor clears it for a reaction that captured undefined, which
// would then run with whatever the one before it has left.
void Hub::ClearContinuation() { SetContinuationData(isolate_, v8::Null(isolate_)); }

Ambient Hub::Capture() const {
  Ambient ambient;
  if (queue_.installed()) {
    ambient.queue_running = queue_.running();
    ambient.queue_suppressions = queue_.suppressions();
  }
  ambient.callback_depth = callback_depth_.get();
  if (hooks_.stack_length != nullptr) {
    ambient.hooks_length = *hooks_.stack_length;
    ambient.execution_id = *hooks_.execution_id;
    ambient.trigger_id = *hooks_.trigger_id;
  }
  return ambient;
}

void Hub::Restore(const Ambient& ambient) {
  if (queue_.installed()) {
    queue_.set_running(ambient.queue_running);
    queue_.set_suppressions(ambient.queue_suppressions);
  }
  callback_depth_.set(ambient.callback_depth);
  if (hooks_.stack_length != nullptr) {
    *hooks_.stack_length = ambient.hooks_length;
    *hooks_.execution_id = ambient.execution_id;
    *hooks_.trigger_id = ambient.trigger_id;
  }
}

// A strand that was resumed may leave on the async-hooks stack the entry that async-state.ts pushed below its own.
void Hub::DropAsyncState(Strand* strand) {
  if (hooks_.stack_length == nullptr || *hooks_.stack_length <= strand->base.hooks_length) return;
  uint32_t length = strand->base.hooks_length;
  *hooks_.stack_length = length;
  Local<v8::Array> resources = hooks_.resources.Get(isolate_);
  if (resources->Length() <= length) return;
  Local<Context> context = context_.Get(isolate_);
  resources->Set(context, v8::String::NewFromUtf8Literal(isolate_, "length"),
                 v8::Integer::NewFromUnsigned(isolate_, length))
      .FromMaybe(false);  // fails only while this isolate is being terminated
}

void Hub::Publish(Strand* strand) {
  if (strand == nullptr) {
    shared_[kCurrent] = 0;
    return;
  }
  shared_[kCurrent] = strand->id;
  shared_[kBaseLength] = strand->base.hooks_length;
  shared_[kBaseExecution] = strand->base.execution_id;
  shared_[kBaseTrigger] = strand->base.trigger_id;
  shared_[kResumed] = strand->resumed;
}

// In the V8 of Node 22 and later Isolate::Iterate visits the one slot of the continuation data for each thread that it
// knows. So once there is a second one, a scavenge moves a young object in it twice, and every other reference to that
// dangles.
// During a collection the object is therefore held by a handle, and the slot is empty.
// Guarded by test/runtime/native/continuation-gc.test.ts.
void Hub::BeforeGC(Isolate* isolate, v8::GCType, v8::GCCallbackFlags, void* self) {
#if NODE_MAJOR_VERSION >= 22
  HandleScope handles(isolate);
  Local<Value> data = GetContinuationData(isolate);
  if (data.IsEmpty() || data->IsNullOrUndefined()) return;
  static_cast<Hub*>(self)->continuation_during_gc_.Reset(isolate, data);
  SetContinuationData(isolate, v8::Undefined(isolate));
#endif
}

void Hub::AfterGC(Isolate* isolate, v8::GCType, v8::GCCallbackFlags, void* self) {
#if NODE_MAJOR_VERSION >= 22
  auto hub = static_cast<Hub*>(self);
  if (hub->continuation_during_gc_.IsEmpty()) return;
  HandleScope handles(isolate);
  SetContinuationData(isolate, hub->continuation_during_gc_.Get(isolate));
  hub->continuation_during_gc_.Reset();
#endif
}

// ---- switching ----

// The order is V8's: leave the isolate (as often as this stack has entered it), let go of
// its lock, which archives this thread's state; and the other way round on return.
// noinline: after the switch nothing may be left of an address computed from the old TLS.
__attribute__((noinline)) void Hub::SwitchStacks(Carrier* from, Carrier* to) {
  int entered = 0;
  while (Isolate::TryGetCurrent() == isolate_) {
    isolate_->Exit();
    entered++;
  }
  {
    v8::Unlocker unlocker(isolate_);
    from->SwitchTo(to);
  }
  for (; entered > 0; entered--) isolate_->Enter();
}

// Gives control to `strand` until it parks or finishes.
void Hub::SwitchIn(Strand* strand) {
  HandleScope handles(isolate_);
  Strand* outer = current_;
  Ambient mine = Capture();
  Local<Value> continuation = GetContinuationData(isolate_);
  Carrier* from = outer == nullptr ? main_.get() : outer->carrier;
  strand->base = mine;
  strand->returns_to = from;
  strand->state = State::kRunning;
  current_ = strand;
  Publish(strand);
  shared_[kSwitches]++;
  SwitchStacks(from, strand->carrier);
  while (caller_ != nullptr) {
    AnswerCall();
    SwitchStacks(from, current_->carrier);
  }
  current_ = outer;
  Publish(outer);
  Restore(mine);
  SetContinuationData(isolate_, continuation);
  if (terminated_) {
    // A termination unwinds one stack at a time; this one is next.
    terminated_ = false;
    isolate_->TerminateExecution();
  }
}

// glibc's set*id() calls signal every thread and wait for each to answer. Made on a carrier, they would wait for the
// main thread, which is the one that waits. So they are made from where the main thread's frames are anyway.
v8::MaybeLocal<Value> Hub::CallOnMain(Local<Function> fn) {
  if (current_ == nullptr) return fn->Call(context_.Get(isolate_), v8::Undefined(isolate_), 0, nullptr);
  v8::EscapableHandleScope handles(isolate_);
  caller_ = current_;
  call_.Reset(isolate_, fn);
  SwitchStacks(current_->carrier, main_.get());
  Local<Value> result = call_result_.Get(isolate_);
  call_result_.Reset();
  if (call_threw_) {
    isolate_->ThrowException(result);
    return {};
  }
  return handles.Escape(result);
}

// On the main stack, for the strand that is in CallOnMain.
void Hub::AnswerCall() {
  HandleScope handles(isolate_);
  Local<Function> fn = call_.Get(isolate_);
  Strand* caller = caller_;
  caller_ = nullptr;
  call_.Reset();
  current_ = nullptr;
  Publish(nullptr);
  {
    v8::TryCatch try_catch(isolate_);
    Local<Value> result;
    call_threw_ = !fn->Call(context_.Get(isolate_), v8::Undefined(isolate_), 0, nullptr).ToLocal(&result);
    if (call_threw_) result = try_catch.Exception();
    if (result.IsEmpty()) result = v8::Undefined(isolate_);
    call_result_.Reset(isolate_, result);
  }
  current_ = caller;
  Publish(caller);
}

// Who gets control when `strand`, which parks or has finished, gives it up.
Carrier* Hub::Successor(Strand* strand) {
  Strand* next = nullptr;
  bool direct = strand->hubs && running_ && strand->returns_to == main_.get() && !terminated_ && !tearing_down_;
  if (!direct) return strand->returns_to;
  if (queue_.installed() && queue_.size() > 0) {
    next = TakeIdle();
    if (next == nullptr) return strand->returns_to;
    next->pump = next->hubs = true;
  } else if (!ready_.empty()) {
    next = ready_.front();
    ready_.pop_front();
  } else {
    return strand->returns_to;
  }
  next->base = base_;
  next->returns_to = main_.get();
  next->state = State::kRunning;
  current_ = next;
  Publish(next);
  Restore(base_);
  shared_[kSwitches]++;
  return next->carrier;
}

bool Hub::Park() {
  Strand* strand = current_;
  if (strand == nullptr) return false;
  HandleScope handles(isolate_);
  Ambient mine = Capture();
  Ambient base = strand->base;
  Local<Value> continuation = GetContinuationData(isolate_);
  strand->state = State::kParked;
  shared_[kParked]++;
  if (strand->pump) shared_[kPumps]++;
  Carrier* successor = Successor(strand);
  strand->hubs = true;  // whoever entered it does not wait for it any longer
  strand->resumed = true;
  for (;;) {
    SwitchStacks(strand->carrier, successor);
    if (!strand->inspected) break;
    CaptureStack(strand);
    successor = strand->returns_to;
  }
  shared_[kParked]--;
  if (strand->pump) shared_[kPumps]--;
  // What this strand itself had opened since it was switched in, on top of what is there now.
  Ambient now = strand->base;
  now.queue_running = mine.queue_running && !base.queue_running ? 1 : now.queue_running;
  now.queue_suppressions += mine.queue_suppressions - base.queue_suppressions;
  now.callback_depth += mine.callback_depth - base.callback_depth;
  Restore(now);
  SetContinuationData(isolate_, continuation);
  if (tearing_down_) {
    // Raised by running something, so that not one line of the task's JavaScript runs before it.
    isolate_->TerminateExecution();
    auto context = context_.Get(isolate_);
    Local<v8::Script> script;
    if (v8::Script::Compile(context, v8::String::NewFromUtf8Literal(isolate_, "0")).ToLocal(&script))
      script->Run(context).IsEmpty();
  }
  return true;
}

Carrier* Hub::Body(void* argument) {
  auto strand = static_cast<Strand*>(argument);
  Hub* hub = strand->hub;
  Isolate* isolate = hub->isolate_;
  {
    v8::Locker locker(isolate);
    Isolate::Scope isolate_scope(isolate);
    HandleScope handles(isolate);
    Local<Context> context = hub->context_.Get(isolate);
    Context::Scope context_scope(context);
    v8::TryCatch try_catch(isolate);
    if (strand->pump) {
      try_catch.SetVerbose(true);  // errors in microtasks are Node's to report, as always
      hub->queue_.CallOriginal(isolate);
    } else {
      Local<Function> fn = strand->fn.Get(isolate);
      strand->fn.Reset();
      bool returned = !fn->Call(context, v8::Undefined(isolate), 0, nullptr).IsEmpty();
      if (!returned && !try_catch.HasTerminated())
        strand->exception.Reset(isolate, try_catch.Exception());
    }
    hub->terminated_ = try_catch.HasTerminated();
    hub->DropAsyncState(strand);
    strand->state = State::kIdle;
  }
  Carrier* successor = hub->Successor(strand);
  if (strand->hubs) hub->Recycle(strand);
  return successor;
}

EnterResult Hub::Enter(Local<Function> fn, std::string* error) {
  Strand* strand = Acquire(error);
  if (strand == nullptr) return EnterResult::kNoCarrier;
  strand->fn.Reset(isolate_, fn);
  SwitchIn(strand);
  if (strand->state != State::kIdle) return EnterResult::kParked;
  if (!strand->exception.IsEmpty()) {
    isolate_->ThrowException(strand->exception.Get(isolate_));
    strand->exception.Reset();
  }
  Recycle(strand);
  return EnterResult::kFinished;
}

// ---- the hub ----

void Hub::Checkpoint(v8::MicrotaskQueue* queue, Isolate* isolate) {
  auto hub = static_cast<Hub*>(MicrotaskQueueHook::Owner(queue));
  if (hub->owns_continuation_ && hub->current_ == nullptr && !hub->running_) {
    HandleScope handles(isolate);
    hub->ClearContinuation();
  }
  bool nothing_to_do = hub->queue_.size() == 0 && hub->ready_.empty();
  bool refused = queue->IsRunningMicrotasks() || queue->GetMicrotasksScopeDepth() > 0 || hub->queue_.suppressions() > 0;
  // On a carrier it is a nested checkpoint, which belongs to the stack that asked for it.
  if (nothing_to_do || refused || hub->current_ != nullptr || hub->running_) {
    hub->queue_.CallOriginal(isolate);
    return;
  }
  hub->Run();
}

void Hub::Run() {
  running_ = true;
  base_ = Capture();
  HandleScope handles(isolate_);
  while (!isolate_->IsExecutionTerminating()) {
    if (queue_.size() > 0) {
      if (!RunPump()) queue_.CallOriginal(isolate_);  // no carrier: natively, on this stack
    } else if (!ready_.empty()) {
      RunReady();
    } else {
      break;
    }
  }
  running_ = false;
  TrimIdle();
}

bool Hub::RunPump() {
  std::string error;
  Strand* pump = Acquire(&error);
  if (pump == nullptr) return false;
  pump->pump = pump->hubs = true;
  SwitchIn(pump);
  return true;
}

// One pass: what becomes ready meanwhile waits until the microtasks have had their turn.
void Hub::RunReady() {
  for (size_t left = ready_.size(); left > 0 && !ready_.empty() && !isolate_->IsExecutionTerminating(); left--) {
    Strand* strand = ready_.front();
    ready_.pop_front();
    SwitchIn(strand);
  }
}

bool Hub::Wake(int id) {
  if (id < 1 || static_cast<size_t>(id) > strands_.size()) return false;
  Strand* strand = strands_[id - 1].get();
  if (strand->state != State::kParked) return false;
  strand->state = State::kReady;
  ready_.push_back(strand);
  return true;
}

bool Hub::Drain() {
  if (current_ != nullptr) return false;
  if (running_) return true;
  running_ = true;
  base_ = Capture();
  while (!ready_.empty() && !isolate_->IsExecutionTerminating()) RunReady();
  running_ = false;
  return true;
}

// ---- carriers ----

Hub::Strand* Hub::TakeIdle() {
  if (idle_.empty()) return nullptr;
  Strand* strand = idle_.back();
  idle_.pop_back();
  if (trimmed_ > idle_.size()) trimmed_ = idle_.size();
  shared_[kIdle]--;
  strand->carrier->Start(Body, strand);
  return strand;
}

Hub::Strand* Hub::Acquire(std::string* error) {
  if (Strand* strand = TakeIdle()) return strand;
  Carrier* carrier = backend_->Create(stack_bytes_, error);
  if (carrier == nullptr) return nullptr;
  auto strand = std::make_unique<Strand>();
  strand->hub = this;
  strand->carrier = carrier;
  strand->id = static_cast<int>(strands_.size()) + 1;
  carrier->Start(Body, strand.get());
  shared_[kCarriers]++;
  strands_.push_back(std::move(strand));
  return strands_.back().get();
}

// Also called by a strand about itself, just before its last switch.
void Hub::Recycle(Strand* strand) {
  strand->pump = strand->hubs = strand->resumed = false;
  strand->exception.Reset();
  idle_.push_back(strand);
  shared_[kIdle]++;
}

// The last ones to become idle are the first to be used again, so those at the front give their memory back.
void Hub::TrimIdle() {
  for (; trimmed_ + kWarmCarriers < idle_.size(); trimmed_++) idle_[trimmed_]->carrier->Trim();
}

// ---- a parked strand from outside ----

// Formatted here, not by Error.stack: that would call the program's prepareStackTrace on a
// stack that is only being looked at.
void Hub::CaptureStack(Strand* strand) {
  HandleScope handles(isolate_);
  constexpr int kFrames = 50;
  auto trace = v8::StackTrace::CurrentStackTrace(isolate_, kFrames);
  auto text = [&](Local<v8::String> string, const char* fallback) {
    return string.IsEmpty() || string->Length() == 0 ? fallback : std::string(*v8::String::Utf8Value(isolate_, string));
  };
  std::string lines;
  for (int i = 0; i < trace->GetFrameCount(); i++) {
    auto frame = trace->GetFrame(isolate_, i);
    lines += "    at " + text(frame->GetFunctionName(), "<anonymous>") + " (" +
             text(frame->GetScriptNameOrSourceURL(), "<anonymous>") + ":" + std::to_string(frame->GetLineNumber()) +
             ":" + std::to_string(frame->GetColumn()) + ")\n";
  }
  Local<v8::String> stack;
  if (v8::String::NewFromUtf8(isolate_, lines.c_str()).ToLocal(&stack)) strand->stack.Reset(isolate_, stack);
}

v8::MaybeLocal<v8::String> Hub::StackOf(int id) {
  if (id < 1 || static_cast<size_t>(id) > strands_.size()) return {};
  Strand* strand = strands_[id - 1].get();
  if (strand->state != State::kParked && strand->state != State::kReady) return {};
  State state = strand->state;
  Ambient base = strand->base;
  strand->inspected = true;
  SwitchIn(strand);
  strand->inspected = false;
  strand->state = state;
  strand->base = base;
  v8::MaybeLocal<v8::String> result;
  if (!strand->stack.IsEmpty()) result = strand->stack.Get(isolate_);
  strand->stack.Reset();
  return result;
}

// The isolate is going away (a worker ends): parked frames are unwound by a termination,
// which JavaScript can't catch, so that what they hold is let go.
void Hub::Unwind() {
  if (current_ != nullptr) return;  // torn down on a carrier: the process is exiting
  tearing_down_ = true;
  ready_.clear();
  for (auto& strand : strands_) {
    if (strand->state != State::kParked && strand->state != State::kReady) continue;
    SwitchIn(strand.get());
    isolate_->CancelTerminateExecution();
  }
}

}  // namespace aevent

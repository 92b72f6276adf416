// Switches stacks: how a strand is entered, gives control up, and gets it back. Which one runs next: hub-run.cc.
// More than 400 lines, since each step relies on the order of the others.
#include "hub/hub.h"

#include <mutex>
#include <unordered_map>
#include <utility>

#include "stacks/thread-identity.h"

namespace aevent {

using v8::Context;
using v8::Function;
using v8::HandleScope;
using v8::Isolate;
using v8::Local;
using v8::Value;

namespace {
std::mutex mutex;
std::unordered_map<Isolate*, Hub*> hubs;
}  // namespace

Hub* Hub::Of(Isolate* isolate) {
  std::lock_guard<std::mutex> lock(mutex);
  auto found = hubs.find(isolate);
  return found == hubs.end() ? nullptr : found->second;
}

Hub::Hub(Isolate* isolate, Local<Context> context, Backend* backend, size_t stack_bytes)
    : isolate_(isolate),
      context_(isolate, context),
      backend_(backend),
      stack_bytes_(stack_bytes),
      main_(backend->AdoptMain()),
      gaps_(isolate, node::GetCurrentEventLoop(isolate), &rate_),
      turns_(isolate, node::GetCurrentEventLoop(isolate)),
      debugger_(isolate, context),
      stack_limit_(isolate),
      parked_stacks_(isolate),
      shared_(isolate, kSharedLength) {
  if (backend->SwitchesThreads()) {
    std::lock_guard<std::mutex> lock(mutex);
    hubs[isolate] = this;
  }
  parked_stacks_.Listen(BeforeGC, AfterGC, this);
  // V8 frees WebAssembly code that a faster version has replaced, for which it looks through the stacks: it ends the
  // process (CheckNoArchivedThreads) when one of them is put aside. Without, the slower version stays as long as its
  // module. Node's fetch() has its parser in WebAssembly. Read at each use, so it can be set at any time.
  v8::V8::SetFlagsFromString("--no-wasm-code-gc");
}

Hub::~Hub() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    hubs.erase(isolate_);
  }
  if (preemptor_) preemptor_->Stop();
  queue_.Uninstall();
  Unwind();
  parked_stacks_.StopListening(BeforeGC, AfterGC, this);
  for (auto& strand : strands_) {
    // One that could not be unwound still holds frames: its stack is given up.
    if (strand && strand->state == State::kIdle) backend_->Release(strand->carrier, isolate_);
  }
  backend_->GiveBack();
}

std::string Hub::InstallPump(int assumed_slot) {
  auto layout = MicrotaskQueueLayout::Probe(isolate_, assumed_slot);
  return queue_.Install(context_.Get(isolate_)->GetMicrotaskQueue(), layout, Checkpoint, this);
}

v8::MaybeLocal<v8::Int32Array> Hub::Counted(int32_t* count) {
  if (count == nullptr) return {};
  auto nothing = [](char*, void*) {};  // the queue lives as long as the isolate
  Local<v8::Object> bytes;
  if (!node::Buffer::New(isolate_, reinterpret_cast<char*>(count), sizeof *count, nothing, nullptr).ToLocal(&bytes)) return {};
  return v8::Int32Array::New(bytes.As<v8::Uint8Array>()->Buffer(), bytes.As<v8::Uint8Array>()->ByteOffset(), 1);
}

Preemptor* Hub::preemptor() {
  if (!preemptor_) {
    Preemptor::Strands strands;
    strands.running = [this] { return slicing(); };
    strands.depth = [this] {
      return static_cast<int>(callback_depth_.get()) - (current_ == nullptr ? 0 : static_cast<int>(current_->base.callback_depth));
    };
    preemptor_ =
        std::make_unique<Preemptor>(isolate_, context_.Get(isolate_), node::GetCurrentEventLoop(isolate_), std::move(strands));
  }
  return preemptor_.get();
}

// ---- switching ----

void Hub::Publish(Strand* strand) {
  // V8 notes an interrupt with the stack that runs, so none is asked for until the stacks were exchanged (GoOn).
  LeaveAlone();
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

// Leave the isolate (as often as this stack has entered it), then let go of its lock, which
// archives this thread's state. On return V8 restores it, and the isolate is entered again. To
// enter is also what tells V8 which thread runs; done before the restoring it would tell that to
// the state of the thread that was left, which is only put aside then.
// V8 11.3 (Node 20) does need the isolate entered while it restores, as it puts a debugger's
// breakpoints back by the current isolate, and crashes where there is none. So there it is left
// and entered once more. No other thread runs in the isolate by then, so that needs no lock.
// A stack that only waits for the one it enters leaves, too: staying would save a tenth, but V8 11.3
// then crashes when it deoptimizes (--deopt-every-n-times=50 in the torture).
// Not inlined: its frame is the end of what V8 may write to of the stack that it leaves.
[[gnu::noinline]] void Hub::ExchangeStacks(Carrier* from, Carrier* to) {
  if (parked_stacks_.displaced()) ListenLast();
  parked_stacks_.Leave(&from->parked, static_cast<char*>(__builtin_frame_address(0)));
  OutsideOfIsolate([&] {
    {
      v8::Unlocker unlocker(isolate_);
      from->SwitchTo(to);
      parked_stacks_.Return(&from->parked);
      if (kRestoresEntered) isolate_->Enter();
    }
    if (kRestoresEntered) isolate_->Exit();
  });
}

void Hub::SwitchStacks(Carrier* from, Carrier* to) {
  if (!Debugger::Expected() || tearing_down_) return ExchangeStacks(from, to);
  LeaveAlone();
  debugger_.CallBelowFrame([&] { ExchangeStacks(from, to); });
}

// Gives control to `strand` until it parks or finishes.
void Hub::SwitchIn(Strand* strand) {
  HandleScope handles(isolate_);
  if (!tearing_down_) debugger_.Look();
  Strand* outer = current_;
  Ambient mine = Capture();
  Local<Value> continuation = GetContinuationData(isolate_);
  Carrier* from = outer == nullptr ? main_.get() : outer->carrier;
  strand->base = mine;
  strand->returns_to = from;
  strand->state = State::kRunning;
  current_ = strand;
  Publish(strand);
  NoteRunning(strand, Ticks());
  shared_[kSwitches]++;
  SwitchStacks(from, strand->carrier);
  while (caller_ != nullptr) {
    AnswerCall();
    SwitchStacks(from, current_->carrier);
  }
  current_ = outer;
  Publish(outer);
  GoOn();
  Restore(mine);
  SetContinuationData(isolate_, continuation);
  if (terminated_) {
    // A termination unwinds one stack at a time; this one is next.
    terminated_ = false;
    isolate_->TerminateExecution();
  }
}

// For a call that the main stack answers. What a native function returns is written to the stack that it was called on.
void Hub::SwitchToMain() {
  Carrier* carrier = current_->carrier;
  carrier->parked.lent = true;
  SwitchStacks(carrier, main_.get());
  carrier->parked.lent = false;
}

v8::MaybeLocal<Value> Hub::CallOnMain(Local<Function> fn) {
  if (current_ == nullptr) return fn->Call(context_.Get(isolate_), v8::Undefined(isolate_), 0, nullptr);
  v8::EscapableHandleScope handles(isolate_);
  caller_ = current_;
  call_.Reset(isolate_, fn);
  SwitchToMain();
  Local<Value> result = call_result_.Get(isolate_);
  call_result_.Reset();
  if (std::exchange(terminated_, false)) {
    isolate_->TerminateExecution();
    return {};
  }
  if (call_threw_) {
    isolate_->ThrowException(result);
    return {};
  }
  return handles.Escape(result);
}

void Hub::CallAddonOnMain(const std::function<void()>& call) {
  caller_ = current_;
  addon_call_ = &call;
  SwitchToMain();
  if (terminated_) {
    terminated_ = false;
    isolate_->TerminateExecution();
  }
}

// On the main stack, for the strand that is in CallOnMain or CallAddonOnMain.
void Hub::AnswerCall() {
  HandleScope handles(isolate_);
  Local<Function> fn = call_.Get(isolate_);
  const std::function<void()>* addon_call = addon_call_;
  Strand* caller = caller_;
  caller_ = nullptr;
  addon_call_ = nullptr;
  call_.Reset();
  current_ = nullptr;
  Publish(nullptr);
  if (addon_call != nullptr) {
    double before = shared_[kForAddon];
    shared_[kForAddon] = 1;
    (*addon_call)();
    shared_[kForAddon] = before;
    terminated_ = isolate_->IsExecutionTerminating();
  } else {
    v8::TryCatch try_catch(isolate_);
    Local<Value> result;
    call_threw_ = !fn->Call(context_.Get(isolate_), v8::Undefined(isolate_), 0, nullptr).ToLocal(&result);
    if (call_threw_) result = try_catch.Exception();
    terminated_ = try_catch.HasTerminated();
    if (result.IsEmpty()) result = v8::Undefined(isolate_);
    call_result_.Reset(isolate_, result);
  }
  current_ = caller;
  Publish(caller);
}

// ---- how long ----

void Hub::NoteRunning(Strand* strand, uint64_t now) {
  const int32_t* finished = Finished();
  strand->since = now;
  // A strand that goes on does so in the middle of its piece.
  strand->knows_piece = !strand->pump || (strand->resumed && finished != nullptr);
  strand->piece = finished == nullptr ? 0 : *finished;
}

void Hub::NoteParked(Strand* strand) {
  const int32_t* finished = Finished();
  strand->parked_at = Ticks();
  bool same = !strand->pump || (finished != nullptr && strand->piece == *finished);
  strand->ran_ns = strand->knows_piece && same ? rate_.Ns(strand->since, strand->parked_at) : 0;
}

void Hub::BeginPiece() {
  const int32_t* finished = Finished();
  if (current_ == nullptr || !current_->pump || finished == nullptr) return;
  current_->since = Ticks();
  current_->piece = *finished;
  current_->knows_piece = true;
}

bool Hub::TimesOf(int id) {
  Strand* strand = At(id);
  if (strand == nullptr || (strand->state != State::kParked && strand->state != State::kReady)) return false;
  shared_[kWaitedNs] = rate_.Ns(strand->parked_at, Ticks());
  shared_[kRanNs] = strand->ran_ns;
  return true;
}

// The carrier that gets control when `strand`, which parks or has finished, gives it up.
Carrier* Hub::Successor(Strand* strand) {
  Strand* next = nullptr;
  bool direct = strand->hubs && running_ && strand->returns_to == main_.get() && !terminated_ && !tearing_down_;
  // Node runs ticks before microtasks where a callback ends, whose code may have been put aside.
  bool ticks_left = std::exchange(shared_[kTicksLeft], 0) != 0 && strand->callback;
  if (!direct) return strand->returns_to;
  if (ticks_left) {
    ticks_first_ = true;
    return strand->returns_to;
  }
  if (queue_.installed() && queue_.size() > 0 && !queue_.IsHeldBack()) {
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
  NoteRunning(next, strand->state == State::kParked ? strand->parked_at : Ticks());
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
  NoteParked(strand);
  shared_[kParked]++;
  if (strand->pump) shared_[kPumps]++;
  Carrier* successor = Successor(strand);
  strand->hubs = true;  // the stack that entered it does not wait for it any longer
  strand->resumed = true;
  for (;;) {
    SwitchStacks(strand->carrier, successor);
    if (!strand->inspected) break;
    CaptureStack(strand);
    successor = strand->returns_to;
  }
  GoOn();
  shared_[kParked]--;
  shared_[kWaitedNs] = rate_.Ns(strand->parked_at, strand->since);
  shared_[kRanNs] = strand->ran_ns;
  if (strand->pump) shared_[kPumps]--;
  // The state that this strand itself had opened since it was switched in goes on top of the present one.
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
  strand->carrier->parked.high = static_cast<char*>(__builtin_frame_address(0));
  {
    v8::Locker locker(isolate);
    Isolate::Scope isolate_scope(isolate);
    HandleScope handles(isolate);
    Local<Context> context = hub->context_.Get(isolate);
    Context::Scope context_scope(context);
    v8::TryCatch try_catch(isolate);
    hub->GoOn();
    if (strand->pump) {
      try_catch.SetVerbose(true);  // errors in microtasks are Node's to report, as always
      hub->queue_.CallOriginal(isolate);
    } else {
      Call* call = strand->call;
      if (!call->continuation->IsUndefined()) SetContinuationData(isolate, call->continuation);
      bool returned =
          !call->fn->Call(context, v8::Undefined(isolate), Call::kArguments, call->arguments).IsEmpty();
      if (!returned && !try_catch.HasTerminated() && !hub->Expects(try_catch.Exception()))
        hub->TakeException(strand, try_catch);
    }
    hub->LeaveAlone();
    hub->debugger_.PassIdle();
    // A handler of an uncaught exception may have ended this isolate.
    hub->terminated_ = try_catch.HasTerminated() || isolate->IsExecutionTerminating();
    hub->DropAsyncState(strand);
    strand->state = State::kIdle;
  }
  Carrier* successor = hub->Successor(strand);
  if (strand->hubs) hub->Recycle(strand);
  return successor;
}

EnterResult Hub::Enter(Call* call, std::string* error) {
  Strand* strand = Acquire(error);
  if (strand == nullptr) return EnterResult::kNoCarrier;
  strand->call = call;
  strand->callback = Capture().queue_running == 0;
  SwitchIn(strand);
  return AfterEntry(strand);
}

bool Hub::Resume(int id, EnterResult* result) {
  Strand* strand = Parked(id);
  if (strand == nullptr) return false;
  strand->hubs = false;
  SwitchIn(strand);
  *result = AfterEntry(strand);
  return true;
}

EnterResult Hub::AfterEntry(Strand* strand) {
  if (strand->state != State::kIdle) return EnterResult::kParked;
  if (!strand->exception.IsEmpty()) Rethrow(strand);
  Recycle(strand);
  return EnterResult::kFinished;
}

// The isolate is going away (a worker ends): parked frames are unwound by a termination,
// which JavaScript can't catch, so that what they hold is let go.
void Hub::Unwind() {
  if (current_ != nullptr) return;  // torn down on a carrier: the process is exiting
  tearing_down_ = true;
  ready_.clear();
  woken_after_poll_.clear();
  for (auto& strand : strands_) {
    if (!strand || (strand->state != State::kParked && strand->state != State::kReady)) continue;
    SwitchIn(strand.get());
    isolate_->CancelTerminateExecution();
  }
}

}  // namespace aevent

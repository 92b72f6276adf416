// The thread that asks a computing task to step aside, and the answer in the isolate's thread.
#include "preemption/preemptor.h"

#include <node.h>

#include <algorithm>

#include "node/debugger.h"
#include "node/quiet-thread.h"
#include "node/silence.h"
#include "stacks/external.h"

namespace aevent {

using v8::Function;
using v8::HandleScope;
using v8::Isolate;
using v8::Local;
using v8::Value;

namespace {

constexpr int64_t kNever = INT64_MAX;
// Where a slice cannot be taken, it is asked again after this; once that was in vain so often, after twice as long each time.
// Code that is mostly in regular expressions is found outside of them by chance.
constexpr int64_t kFirstLaterNs = 200'000;
constexpr int kManyTries = 20;
// Where it could not be sliced, only each of so many tries looks whether it is to be ended: that calls JavaScript.
constexpr int kTriesAnEnd = 4;
constexpr int64_t kLastLaterNs = 2'000'000;
// A request that is not answered may have gone to another stack.
constexpr int64_t kAgainNs = 50'000'000;
constexpr int kMostQueued = 100;
// Computing that goes on for longer than this after its time was up is told.
constexpr int64_t kLateNs = 10'000'000;
// Computing that was asked no more often than this meanwhile is a call of native code, which does not answer.
constexpr int kFewTries = 3;
constexpr size_t kMostPlaces = 1000;
constexpr int kMostFrames = 20;
constexpr int kDeepest = 1000;
// So that a slice of 0 gets anywhere.
constexpr int64_t kLeastNs = 20'000;

int64_t Now() { return static_cast<int64_t>(uv_hrtime()); }

}  // namespace

Preemptor::Preemptor(Isolate* isolate, Local<v8::Context> context, uv_loop_t* loop, Strands strands)
    : isolate_(isolate), context_(isolate, context), loop_(loop), strands_(std::move(strands)), lengths_(isolate), state_(isolate, kStateLength) {}

int Preemptor::Start(Local<Function> handler, std::string own_path, std::string own_url, bool in_worker) {
  if (started_) return 0;
  if (int status = uv_mutex_init(&mutex_); status != 0) return status;
  if (int status = uv_cond_init(&wake_); status != 0) {
    uv_mutex_destroy(&mutex_);
    return status;
  }
  request_ = new Request{this};
  stop_ = false;
  int status = StartQuietThread(&thread_, Watch, this);
  if (status != 0) {
    delete request_;
    request_ = nullptr;
    uv_cond_destroy(&wake_);
    uv_mutex_destroy(&mutex_);
    return status;
  }
  handler_.Reset(isolate_, handler);
  own_path_ = std::move(own_path);
  own_url_ = std::move(own_url);
  in_worker_ = in_worker;
  handles_ = new Handles;
  handles_->owner = this;
  uv_check_init(loop_, &handles_->check);
  uv_prepare_init(loop_, &handles_->prepare);
  handles_->check.data = handles_->prepare.data = handles_;
  uv_check_start(&handles_->check, [](uv_check_t* check) { OnTurn(static_cast<Handles*>(check->data)); });
  uv_prepare_start(&handles_->prepare, [](uv_prepare_t* prepare) { OnTurn(static_cast<Handles*>(prepare->data)); });
  uv_unref(reinterpret_cast<uv_handle_t*>(&handles_->check));
  uv_unref(reinterpret_cast<uv_handle_t*>(&handles_->prepare));
  started_ = true;
  return 0;
}

void Preemptor::Stop() {
  if (!started_) return;
  started_ = false;
  uv_mutex_lock(&mutex_);
  stop_ = true;
  uv_cond_signal(&wake_);
  uv_mutex_unlock(&mutex_);
  uv_thread_join(&thread_);
  uv_cond_destroy(&wake_);
  uv_mutex_destroy(&mutex_);
  // Interrupts come in this thread: none is under way now. The last of those still queued frees it.
  request_->owner = nullptr;
  if (request_->queued.load() == 0) delete request_;
  handles_->owner = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handles_->check), OnClosed);
  uv_close(reinterpret_cast<uv_handle_t*>(&handles_->prepare), OnClosed);
}

void Preemptor::OnClosed(uv_handle_t* handle) {
  auto handles = static_cast<Handles*>(handle->data);
  if (--handles->open == 0) delete handles;
}

void Preemptor::OnTurn(Handles* handles) {
  if (handles->owner != nullptr) handles->owner->turn_ns_ = 0;
}

// ---- the watcher ----

void Preemptor::Watch(void* argument) {
  auto self = static_cast<Preemptor*>(argument);
  int64_t asked_at = 0;
  uv_mutex_lock(&self->mutex_);
  while (!self->stop_) {
    int64_t deadline = self->deadline_ns_.load();
    bool asked = self->asked_.load();
    int64_t now = Now();
    int64_t wakes_at = deadline == 0 || asked ? kNever : deadline;
    int64_t until = deadline == 0 ? kNever : asked ? std::max(asked_at + kAgainNs, deadline) : deadline;
    if (until <= now) {
      self->asked_.store(true);
      // It was switched meanwhile: that stack's time is not up.
      if (self->deadline_ns_.load() != deadline) {
        self->asked_.store(false);
        continue;
      }
      asked_at = now;
      if (self->request_->queued.load() < kMostQueued) {
        self->request_->queued.fetch_add(1);
        self->isolate_->RequestInterrupt(Interrupt, self->request_);
      }
      continue;
    }
    // It is mostly answered at once, and asked for again no sooner than this: then Arm() need not wake the watcher, which takes the
    // computing thread a system call.
    if (asked && now < asked_at + kFirstLaterNs) wakes_at = until = asked_at + kFirstLaterNs;
    // Arm() reads this after it has written those two: it sees that the watcher must be woken, or the watcher sees them.
    self->wakes_at_ns_.store(wakes_at);
    if (self->deadline_ns_.load() == deadline && self->asked_.load() == asked) {
      if (until == kNever) uv_cond_wait(&self->wake_, &self->mutex_);
      else uv_cond_timedwait(&self->wake_, &self->mutex_, static_cast<uint64_t>(until - now));
    }
    self->wakes_at_ns_.store(0);
  }
  uv_mutex_unlock(&self->mutex_);
}

void Preemptor::Arm(int64_t deadline_ns) {
  asked_.store(false);
  deadline_ns_.store(deadline_ns);
  if (wakes_at_ns_.load() <= deadline_ns) return;
  uv_mutex_lock(&mutex_);
  uv_cond_signal(&wake_);
  uv_mutex_unlock(&mutex_);
}

// ---- in the isolate's thread ----

void Preemptor::SliceAll(int64_t slice_ns) {
  all_ns_ = slice_ns;
  Running(strands_.running());
}

void Preemptor::Running(const Slicing* slicing) {
  if (!started_) return;
  if (late_ns_ != 0) CountLate();
  int64_t slice = slicing == nullptr || slicing->taking ? -1 : SliceOf(slicing);
  if (slice < 0) {
    if (deadline_ns_.load() != 0) Disarm();
    return;
  }
  int64_t now = Now();
  if (turn_ns_ == 0) turn_ns_ = now;
  due_ns_ = std::max(turn_ns_ + slice, now + kLeastNs);
  later_ns_ = 0;
  tries_ = 0;
  unanswered_ns_ = 0;
  std::fill(tried_, tried_ + kStateLength, 0);
  Arm(due_ns_);
}

void Preemptor::TryLater(State why, int64_t now_ns) {
  state_[why]++;
  tried_[why]++;
  tries_++;
  later_ns_ = tries_ < kManyTries ? kFirstLaterNs : std::min(later_ns_ * 2, kLastLaterNs);
  Arm(now_ns + later_ns_);
}

void Preemptor::LearnNext(bool harmless) {
  learning_ = true;
  learn_harmless_ = harmless;
  request_->queued.fetch_add(1);
  isolate_->RequestInterrupt(Interrupt, request_);
}

void Preemptor::Interrupt(Isolate*, void* data) {
  auto request = static_cast<Request*>(data);
  int left = request->queued.fetch_sub(1) - 1;
  if (request->owner != nullptr) request->owner->Interrupted();
  else if (left == 0) delete request;
}

void Preemptor::Interrupted() {
  Slicing* slicing = strands_.running();
  int64_t now = Now();
  bool is_stale = slicing == nullptr || slicing->taking || SliceOf(slicing) < 0 || !asked_.load() || now < due_ns_ ||
                  deadline_ns_.load() == 0 || isolate_->IsExecutionTerminating();
  if (is_stale && !learning_) {
    // It was asked for just before this stack was switched to, and counts as asked.
    if (slicing != nullptr && deadline_ns_.load() != 0 && asked_.load() && now < due_ns_) Arm(due_ns_);
    return;
  }
  // One call of this only: the return address into this function is part of what it gives.
  uint64_t place = Places::Here();
  if (learning_) {
    learning_ = false;
    places_.Learn(place, learn_harmless_);
    state_[kHeard]++;
    return;
  }
  HandleScope handles(isolate_);
  if (now - due_ns_ > kLateNs) NoteLate(now);
  double late_ms = static_cast<double>(now - due_ns_) / 1e6;
  bool is_longest = late_ms > state_[kLongestMs];
  std::string where;
  if ((is_longest || MayBeOurs()) && IsOurs(&where)) return TryLater(kInNode, now);
  if (is_longest) {
    state_[kLongestMs] = late_ms;
    longest_at_ = where;
  }
  // Parked with one of V8's microtask scopes open, it would keep all microtasks from running, and the hub from waking it.
  auto queue = context_.Get(isolate_)->GetMicrotaskQueue();
  bool holds = queue != nullptr && queue->GetMicrotasksScopeDepth() > 0;
  bool harmless = places_.IsHarmless(place) && !holds;
  if (!harmless && tries_ % kTriesAnEnd != 0) return TryLater(kInNative, now);
  int64_t began = turn_ns_;
  switch (Ask(slicing, harmless)) {
    case kTaken:
      state_[kSlices]++;
      if (began != 0) lengths_.Add(static_cast<uint64_t>(now - began));
      turn_ns_ = 0;
      Running(slicing);
      return;
    case kEnd:
      // Node's callback scopes would find what JavaScript has opened inside of them.
      if (strands_.depth() != slicing->mark->depth) return TryLater(kForbidden, now);
      // At the next place where V8 looks: it cannot be caught before the mark is reached.
      slicing->mark->ended = true;
      isolate_->TerminateExecution();
      return;
    case kBanned:
      return TryLater(kForbidden, now);
    case kNotNow:
      return TryLater(harmless ? kForbidden : kInNative, now);
  }
}

Preemptor::Answer Preemptor::Ask(Slicing* slicing, bool may_slice) {
  if (!may_slice && slicing->mark == nullptr) return kNotNow;  // it could not be ended either
  Silence silence(isolate_);
  Local<Value> argument = v8::Boolean::New(isolate_, may_slice);
  Local<Value> answer;
  slicing->taking = true;
  Disarm();
  bool answered =
      handler_.Get(isolate_)->Call(context_.Get(isolate_), v8::Undefined(isolate_), 1, &argument).ToLocal(&answer);
  slicing->taking = false;
  return answered && answer->IsInt32() ? static_cast<Answer>(answer.As<v8::Int32>()->Value()) : kNotNow;
}

// Node's own code, and aevent's, rely on not being left half-way. What lies below is at a call of the program's code,
// where tasks may suspend anyway.
bool Preemptor::IsOurs(std::string* where) const {
  auto trace = v8::StackTrace::CurrentStackTrace(isolate_, 1);
  return trace->GetFrameCount() == 0 || IsOurs(trace->GetFrame(isolate_, 0), where) || MayBePaused();
}

// Looks at less than IsOurs(): at the name of the uppermost script that has one. Where this is the program's, so is the code.
bool Preemptor::MayBeOurs() const {
  if (Debugger::Expected()) return true;
  Local<v8::String> name = v8::StackTrace::CurrentScriptNameOrSourceURL(isolate_);
  return name.IsEmpty() || name->Length() == 0 || BeginsLikeOurs(*v8::String::Utf8Value(isolate_, name));
}

// Code that a debugger evaluates while the program is paused must not let it go on. V8 does not tell of the pause, but such
// code is in a script without a name, as that of eval() is.
bool Preemptor::MayBePaused() const {
  if (!Debugger::Expected()) return false;
  auto trace = v8::StackTrace::CurrentStackTrace(isolate_, kDeepest);
  int count = trace->GetFrameCount();
  for (int i = 0; i < count; i++) {
    Local<v8::String> name = trace->GetFrame(isolate_, i)->GetScriptName();
    if (name.IsEmpty() || name->Length() == 0) return true;
  }
  return count == kDeepest;
}

bool Preemptor::BeginsLikeOurs(const std::string& text) const {
  auto begins = [&](const std::string& prefix) { return text.compare(0, prefix.size(), prefix) == 0; };
  return begins("node:") || begins(own_path_) || begins(own_url_);
}

bool Preemptor::IsOurs(Local<v8::StackFrame> frame, std::string* where) const {
  Local<v8::String> name = frame->GetScriptName();
  if (name.IsEmpty()) return false;
  std::string text = *v8::String::Utf8Value(isolate_, name);
  if (BeginsLikeOurs(text)) return true;
  *where = text + ":" + std::to_string(frame->GetLineNumber());
  return false;
}

void Preemptor::NoteLate(int64_t now_ns) {
  late_at_.clear();
  IsOurs(&late_at_);
  if (late_at_.empty()) {
    auto trace = v8::StackTrace::CurrentStackTrace(isolate_, kMostFrames);
    for (int i = 0; i < trace->GetFrameCount() && late_at_.empty(); i++) IsOurs(trace->GetFrame(isolate_, i), &late_at_);
  }
  late_ns_ = now_ns - due_ns_;
  if (tries_ == 0) unanswered_ns_ = late_ns_;
}

void Preemptor::CountLate() {
  if (!late_at_.empty() && (kept_.size() < kMostPlaces || kept_.count(late_at_) > 0)) {
    Kept& place = kept_[late_at_];
    double ms = static_cast<double>(late_ns_) / 1e6;
    place.count++;
    if (ms > place.longest_ms) {
      place.longest_ms = ms;
      place.why = tries_ < kFewTries || unanswered_ns_ > late_ns_ / 2 ? kHeard : std::max_element(tried_, tried_ + kStateLength) - tried_;
    }
  }
  late_ns_ = 0;
}

const std::map<std::string, Preemptor::Kept>& Preemptor::kept() {
  if (late_ns_ != 0) CountLate();
  return kept_;
}

v8::MaybeLocal<Value> Preemptor::Call(Slicing* slicing, Local<Function> fn, int64_t slice_ns, bool* ended) {
  Mark mark{slicing->mark, slice_ns, strands_.depth()};
  v8::TryCatch try_catch(isolate_);
  slicing->mark = &mark;
  Running(slicing);
  v8::MaybeLocal<Value> result = fn->Call(context_.Get(isolate_), v8::Undefined(isolate_), 0, nullptr);
  slicing->mark = mark.outer;
  if (mark.ended) {
    // Else it had come to its end before V8 looked, and has a value or an error of its own.
    bool terminated = result.IsEmpty() && try_catch.HasTerminated();
    isolate_->CancelTerminateExecution();
    if (terminated) {
      try_catch.Reset();
      *ended = true;
      state_[kEnded]++;
    }
    // A Worker that was told to end meanwhile must end.
    if (IsStopping()) {
      isolate_->TerminateExecution();
      *ended = false;
      return {};
    }
  }
  Running(slicing);
  if (!*ended && try_catch.HasCaught()) try_catch.ReThrow();
  return result;
}

// Node enters no callback any more once a Worker was told to end.
bool Preemptor::IsStopping() {
  if (!in_worker_) return false;
  Silence silence(isolate_);
  bool called = false;
  Local<Function> note;
  auto set = [](const v8::FunctionCallbackInfo<Value>& info) { *static_cast<bool*>(FromExternal(info.Data())) = true; };
  if (!Function::New(context_.Get(isolate_), set, ToExternal(isolate_, &called)).ToLocal(&note)) return false;
  (void)node::MakeCallback(isolate_, v8::Object::New(isolate_), note, 0, nullptr, {0, 0});
  return !called;
}

}  // namespace aevent

// The thread that sees a blocked event loop and takes its JavaScript stack.
#include "node/loop-watch.h"

#include <node.h>
#if !defined(_WIN32)
#include <unistd.h>
#endif

#include <algorithm>

#include "node/quiet-thread.h"
#include "node/silence.h"

namespace aevent {
namespace {

using v8::HandleScope;
using v8::Isolate;
using v8::Local;

constexpr uint64_t kMs = 1'000'000;
// Stacks are taken in distances of half the limit, and of a blocking that lasts in distances of this share of it: what comes
// late in it is seen, too, and it may last for ever.
constexpr uint64_t kShareOfBlocking = 50;
// Said while it still lasts, since it may last for ever.
constexpr uint64_t kStuckNs = 2'000 * kMs;
constexpr double kShortestTurnMs = 0.1;
constexpr size_t kMostTurns = 200'000;

double Ms(uint64_t ns) { return static_cast<double>(ns) / 1e6; }

}  // namespace

std::string StackText(Isolate* isolate) {
  constexpr int kFrames = 50;
  constexpr size_t kMostOfName = 1000;
  HandleScope handles(isolate);
  auto trace = v8::StackTrace::CurrentStackTrace(isolate, kFrames);
  // Names may hold anything, and are printed to terminals.
  auto text = [&](Local<v8::String> string, const char* fallback) {
    if (string.IsEmpty() || string->Length() == 0) return std::string(fallback);
    std::string name = std::string(*v8::String::Utf8Value(isolate, string)).substr(0, kMostOfName);
    std::replace_if(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    return name;
  };
  std::string lines;
  for (int i = 0; i < trace->GetFrameCount(); i++) {
    auto frame = trace->GetFrame(isolate, i);
    lines += "    at " + text(frame->GetFunctionName(), "<anonymous>") + " (" +
             text(frame->GetScriptNameOrSourceURL(), "<anonymous>") + ":" + std::to_string(frame->GetLineNumber()) +
             ":" + std::to_string(frame->GetColumn()) + ")\n";
  }
  return lines;
}

LoopWatch::LoopWatch(Isolate* isolate, Local<v8::Context> context, uv_loop_t* loop)
    : isolate_(isolate), context_(isolate, context), loop_(loop), handle_(new Handle) {
  handle_->owner = this;
  uv_prepare_init(loop, &handle_->prepare);
  handle_->prepare.data = handle_;
  uv_unref(reinterpret_cast<uv_handle_t*>(&handle_->prepare));
  uv_mutex_init(&mutex_);
  auto buffer = v8::ArrayBuffer::New(isolate, sizeof(int32_t));
  call_ = static_cast<int32_t*>(buffer->Data());
  call_array_.Reset(isolate, v8::Int32Array::New(buffer, 0, 1));
}

LoopWatch::~LoopWatch() {
  Stop();
  handle_->owner = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->prepare),
           [](uv_handle_t* handle) { delete static_cast<Handle*>(handle->data); });
  uv_mutex_destroy(&mutex_);
}

int LoopWatch::Start(uint64_t limit_ns, bool silent, Local<v8::Function> look, Local<v8::Function> over) {
  Stop();
  if (int status = uv_cond_init(&wake_); status != 0) return status;
  look_.Reset(isolate_, look);
  over_.Reset(isolate_, over);
  limit_ns_ = limit_ns;
  silent_ = silent;
  stop_ = said_ = false;
  NoteTurn();
  seen_turns_ = turns_.load();
  seen_idle_ = uv_metrics_idle_time(loop_);
  request_ = new Request{this};
  int status = StartQuietThread(&thread_, Run, this);
  running_ = status == 0;
  if (running_) {
    Needed();
    return 0;
  }
  delete request_;
  request_ = nullptr;
  uv_cond_destroy(&wake_);
  return status;
}

void LoopWatch::Stop() {
  if (!running_) return;
  uv_mutex_lock(&mutex_);
  stop_ = true;
  uv_cond_signal(&wake_);
  uv_mutex_unlock(&mutex_);
  uv_thread_join(&thread_);
  uv_cond_destroy(&wake_);
  running_ = false;
  blocked_since_ = 0;
  Needed();
  // Interrupts come in this thread: none is under way now. The last of those still queued frees it.
  request_->watch = nullptr;
  if (request_->queued.load() == 0) delete request_;
  request_ = nullptr;
}

void LoopWatch::Needed() {
  if (running_ || recording_) uv_prepare_start(&handle_->prepare, OnPrepare);
  else uv_prepare_stop(&handle_->prepare);
}

// ---- in the thread ----

void LoopWatch::Run(void* self) {
  auto watch = static_cast<LoopWatch*>(self);
  uv_mutex_lock(&watch->mutex_);
  for (uint64_t pause_ns = watch->limit_ns_; !watch->stop_;) {
    uv_cond_timedwait(&watch->wake_, &watch->mutex_, std::max(pause_ns, kMs));
    if (!watch->stop_) pause_ns = watch->Tick();
  }
  uv_mutex_unlock(&watch->mutex_);
}

// Gives how long it takes at least until the loop is blocked, or its stack is due again.
uint64_t LoopWatch::Tick() {
  uint64_t turns = turns_.load(std::memory_order_acquire);
  uint64_t began = began_ns_.load(std::memory_order_relaxed);
  // Grows as long as the loop waits for events: libuv counts it for Node.
  uint64_t idle = uv_metrics_idle_time(loop_);
  uint64_t now = uv_hrtime();
  // As if a turn waited before it works: it hardly does anything until then.
  uint64_t progress = began + (idle - std::min(idle, idle_ns_.load(std::memory_order_relaxed)));
  uint64_t blocked = now - std::min(now, progress);
  if (turns != seen_turns_ || idle != seen_idle_) {
    seen_turns_ = turns;
    seen_idle_ = idle;
    samples_ = 0;
    said_ = false;
    stuck_stack_.clear();
    request_->asked_ns = 0;
  }
  if (blocked < limit_ns_) return limit_ns_ - blocked;
  if (samples_ == 0) {
    blocked_since_ = progress;
    next_sample_ns_ = now;
  }
  // Asked again while an earlier request is open: V8 notes it with the stack that runs, and that one may have parked.
  if (now >= next_sample_ns_ && request_->queued.load() < 1000) {
    uint64_t none = 0;
    request_->asked_ns.compare_exchange_strong(none, now);
    request_->due = true;
    request_->queued.fetch_add(1);
    isolate_->RequestInterrupt(Interrupt, request_);
    samples_++;
    next_sample_ns_ = now + std::max(limit_ns_ / 2, blocked / kShareOfBlocking);
  }
  if (!said_ && !silent_ && blocked >= std::max(kStuckNs, limit_ns_)) SayStuck(blocked);
  return now < next_sample_ns_ ? next_sample_ns_ - now : limit_ns_ / 2;
}

void LoopWatch::SayStuck(uint64_t blocked_ns) {
  said_ = true;
#if !defined(_WIN32)
  std::string text = "aevent: the event loop is blocked for " + std::to_string(blocked_ns / kMs) + " ms by now, ";
  auto call = static_cast<size_t>(*call_);
  if (call > 0 && call <= call_names_.size()) text += "in a call of " + call_names_[call - 1] + ", which blocks\n";
  else if (request_->asked_ns.load() != 0 && stuck_stack_.empty()) text += "in a native call that cannot be interrupted\n";
  else text += "at\n" + stuck_stack_;
  ssize_t written = write(STDERR_FILENO, text.data(), text.size());
  (void)written;
#endif
}

// ---- in the isolate's thread ----

void LoopWatch::Interrupt(Isolate* isolate, void* data) {
  auto request = static_cast<Request*>(data);
  int left = request->queued.fetch_sub(1) - 1;
  LoopWatch* watch = request->watch;
  if (watch == nullptr) {
    if (left == 0) delete request;
    return;
  }
  if (!request->due.exchange(false) || watch->blocked_since_ == 0 || isolate->IsExecutionTerminating()) return;
  uint64_t asked = request->asked_ns.exchange(0);
  uint64_t late = asked == 0 ? 0 : uv_hrtime() - asked;
  HandleScope handles(isolate);
  std::string stack = StackText(isolate);
  uv_mutex_lock(&watch->mutex_);
  watch->stuck_stack_ = stack;
  uv_mutex_unlock(&watch->mutex_);
  Silence silence(isolate);
  Local<v8::String> text;
  if (!v8::String::NewFromUtf8(isolate, stack.c_str()).ToLocal(&text)) return;
  Local<v8::Value> args[] = {text, v8::Number::New(isolate, Ms(late))};
  auto context = watch->context_.Get(isolate);
  watch->look_.Get(isolate)->Call(context, v8::Undefined(isolate), 2, args).IsEmpty();
}

void LoopWatch::OnPrepare(uv_prepare_t* prepare) {
  LoopWatch* owner = static_cast<Handle*>(prepare->data)->owner;
  if (owner != nullptr) owner->Turned();
}

void LoopWatch::NoteTurn() {
  began_ns_.store(uv_hrtime(), std::memory_order_relaxed);
  idle_ns_.store(uv_metrics_idle_time(loop_), std::memory_order_relaxed);
  turns_.fetch_add(1, std::memory_order_release);
}

void LoopWatch::Turned() {
  NoteTurn();
  if (recording_) RecordTurn();
  if (blocked_since_.load(std::memory_order_relaxed) != 0) EndNow();
}

void LoopWatch::EndNow() {
  uint64_t since = blocked_since_.exchange(0);
  if (since == 0 || !running_) return;
  NoteTurn();
  HandleScope handles(isolate_);
  auto context = context_.Get(isolate_);
  v8::Context::Scope entered(context);
  Local<v8::Value> blocked = v8::Number::New(isolate_, Ms(uv_hrtime() - since));
  node::MakeCallback(isolate_, v8::Object::New(isolate_), over_.Get(isolate_), 1, &blocked, {0, 0}).IsEmpty();
}

void LoopWatch::RecordTurn() {
  uint64_t now = uv_hrtime();
  uint64_t idle = uv_metrics_idle_time(loop_);
  uint64_t waited = idle - turn_idle_;
  double worked = Ms(now - turn_began_) - Ms(waited);
  if (worked >= kShortestTurnMs && recorded_.size() < 2 * kMostTurns) {
    recorded_.push_back(Ms(turn_began_ + waited));
    recorded_.push_back(worked);
  }
  turn_began_ = now;
  turn_idle_ = idle;
}

void LoopWatch::RecordTurns(bool on) {
  if (recording_) RecordTurn();  // the last one, which may be the program's end
  recording_ = on;
  turn_began_ = uv_hrtime();
  turn_idle_ = uv_metrics_idle_time(loop_);
  Needed();
}

std::vector<double> LoopWatch::TakeTurns() {
  std::vector<double> taken;
  taken.swap(recorded_);
  return taken;
}

int LoopWatch::NameCall(const std::string& name) {
  uv_mutex_lock(&mutex_);
  call_names_.push_back(name);
  int number = static_cast<int>(call_names_.size());
  uv_mutex_unlock(&mutex_);
  return number;
}

}  // namespace aevent

// Which strand runs next: the microtask checkpoint in place of V8's, the ready list, and turns of the event loop.
#include <utility>

#include "hub/hub.h"

namespace aevent {

using v8::Context;
using v8::HandleScope;
using v8::Isolate;
using v8::Local;
using v8::Value;

void Hub::Checkpoint(v8::MicrotaskQueue* queue, Isolate* isolate) {
  auto hub = static_cast<Hub*>(MicrotaskQueueHook::Owner(queue));
  if (hub->owns_continuation_ && hub->current_ == nullptr && !hub->running_) hub->ClearContinuation();
  bool nothing_to_do = hub->queue_.size() == 0 && hub->ready_.empty();
  bool refused = queue->IsRunningMicrotasks() || hub->queue_.IsHeldBack() || hub->queue_.suppressions() > 0;
  // On a carrier it is a nested checkpoint, which belongs to the stack that asked for it.
  if (nothing_to_do || refused || hub->current_ != nullptr || hub->running_) {
    hub->queue_.CallOriginal(isolate);
    if (!nothing_to_do) hub->continuation_set_ = true;
    return;
  }
  hub->debugger_.PassIdle();
  hub->Run();
}

void Hub::Run() {
  running_ = true;
  base_ = Capture();
  HandleScope handles(isolate_);
  // Node calls this in a loop until no tick is left.
  while (!isolate_->IsExecutionTerminating() && !std::exchange(ticks_first_, false)) {
    if (queue_.size() > 0 && !queue_.IsHeldBack()) {
      if (RunPump()) continue;
      shared_[kStarved] = 1;  // no carrier: natively, on this stack
      queue_.CallOriginal(isolate_);
      continuation_set_ = true;
      shared_[kStarved] = 0;
    } else if (!ready_.empty()) {
      ResumeNext();
    } else {
      break;
    }
  }
  running_ = false;
  WatchIdle();
}

bool Hub::RunPump() {
  std::string error;
  Strand* pump = Acquire(&error);
  if (pump == nullptr) return false;
  pump->pump = pump->hubs = true;
  SwitchIn(pump);
  return true;
}

// One of them: the microtasks that it leaves have their turn before the next, as they have where it hands over itself.
void Hub::ResumeNext() {
  Strand* strand = ready_.front();
  ready_.pop_front();
  SwitchIn(strand);
}

Hub::Strand* Hub::Parked(int id) const {
  Strand* strand = At(id);
  return strand != nullptr && strand->state == State::kParked ? strand : nullptr;
}

bool Hub::Wake(int id) {
  Strand* strand = Parked(id);
  if (strand == nullptr) return false;
  strand->state = State::kReady;
  ready_.push_back(strand);
  return true;
}

bool Hub::WakeAfterPoll(int id) {
  Strand* strand = Parked(id);
  if (strand == nullptr) return false;
  strand->state = State::kReady;
  if (woken_after_poll_.empty()) {
    if (!after_poll_) {
      auto resume = [](void* hub) { static_cast<Hub*>(hub)->ResumeWokenAfterPoll(); };
      after_poll_ = std::make_unique<AfterPoll>(node::GetCurrentEventLoop(isolate_), resume, this);
    }
    after_poll_->Request();
  }
  woken_after_poll_.push_back(strand);
  return true;
}

void Hub::ResumeWokenAfterPoll() {
  ready_.insert(ready_.end(), woken_after_poll_.begin(), woken_after_poll_.end());
  woken_after_poll_.clear();
  HandleScope handles(isolate_);
  Context::Scope context(context_.Get(isolate_));
  // At its end Node runs ticks and the checkpoint, which is the hub.
  node::CallbackScope callback(isolate_, v8::Object::New(isolate_), {0, 0});
}

bool Hub::Drain() {
  if (current_ != nullptr) return false;
  if (running_) return true;
  running_ = true;
  base_ = Capture();
  while (!ready_.empty() && !isolate_->IsExecutionTerminating()) ResumeNext();
  running_ = false;
  WatchIdle();
  return true;
}

bool Hub::TurnLoop(uv_loop_t* loop) {
  if (current_ != nullptr) return false;
  HandleScope handles(isolate_);
  Ambient mine = Capture();
  Local<Value> continuation = GetContinuationData(isolate_);
  // As if called from the loop: else no callback's end would run ticks and microtasks. The async-hooks stack stays,
  // since what is pushed next must not overwrite it.
  Ambient base;
  base.hooks_length = mine.hooks_length;
  Restore(base);
  { node::CallbackScope scope(isolate_, v8::Object::New(isolate_), {0, 0}); }  // what is queued already
  bool alive = uv_run(loop, UV_RUN_ONCE) != 0;
  Restore(mine);
  SetContinuationData(isolate_, continuation);
  return alive;
}

}  // namespace aevent

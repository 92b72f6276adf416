// Calls back once libuv has called all that its poll brought.
#include "node/after-poll.h"

namespace aevent {

AfterPoll::AfterPoll(uv_loop_t* loop, Callback callback, void* argument)
    : handles_(new Handles), callback_(callback), argument_(argument) {
  handles_->owner = this;
  uv_check_init(loop, &handles_->check);
  uv_idle_init(loop, &handles_->idle);
  handles_->check.data = handles_->idle.data = handles_;
}

AfterPoll::~AfterPoll() {
  handles_->owner = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handles_->check), OnClosed);
  uv_close(reinterpret_cast<uv_handle_t*>(&handles_->idle), OnClosed);
}

void AfterPoll::OnClosed(uv_handle_t* handle) {
  auto handles = static_cast<Handles*>(handle->data);
  if (--handles->open == 0) delete handles;
}

void AfterPoll::Request() {
  // Checks run in the reverse order of their start: this one before Node's, which runs the immediates.
  uv_check_start(&handles_->check, OnCheck);
  uv_idle_start(&handles_->idle, [](uv_idle_t*) {});
}

void AfterPoll::OnCheck(uv_check_t* check) {
  auto handles = static_cast<Handles*>(check->data);
  uv_check_stop(check);
  uv_idle_stop(&handles->idle);
  AfterPoll* owner = handles->owner;
  if (owner != nullptr) owner->callback_(owner->argument_);
}

}  // namespace aevent

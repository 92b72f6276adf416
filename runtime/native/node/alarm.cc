// A timer of libuv that keeps no loop alive.
#include "node/alarm.h"

namespace aevent {

Alarm::Alarm(uv_loop_t* loop, Callback callback, void* argument)
    : timer_(new uv_timer_t), callback_(callback), argument_(argument) {
  uv_timer_init(loop, timer_);
  timer_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(timer_));
}

Alarm::~Alarm() {
  timer_->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(timer_), [](uv_handle_t* h) { delete reinterpret_cast<uv_timer_t*>(h); });
}

void Alarm::Set(uint64_t delay_ms) {
  auto ring = [](uv_timer_t* timer) {
    auto alarm = static_cast<Alarm*>(timer->data);
    if (alarm != nullptr) alarm->callback_(alarm->argument_);
  };
  uv_timer_start(timer_, ring, delay_ms, 0);
}

}  // namespace aevent

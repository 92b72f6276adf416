// Something to be done from the event loop after a time. It keeps no loop alive.
#pragma once
#include <uv.h>

namespace aevent {

class Alarm {
 public:
  using Callback = void (*)(void* argument);

  Alarm(uv_loop_t* loop, Callback callback, void* argument);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  // Calls back once.
  void Set(uint64_t delay_ms);

 private:
  uv_timer_t* timer_;  // outlives its owner: libuv closes it later
  Callback callback_;
  void* argument_;
};

}  // namespace aevent

// Something to be done once the event loop has called back all that this turn's poll has brought.
#pragma once
#include <uv.h>

namespace aevent {

class AfterPoll {
 public:
  using Callback = void (*)(void* argument);

  AfterPoll(uv_loop_t* loop, Callback callback, void* argument);
  ~AfterPoll();
  AfterPoll(const AfterPoll&) = delete;
  AfterPoll& operator=(const AfterPoll&) = delete;

  // Has the callback called once, from the loop: after the poll that is under way, else after the next one, which does
  // not wait then. Asking again before it was called changes nothing.
  void Request();

 private:
  // Outlives its owner: libuv closes handles later.
  struct Handles {
    uv_check_t check;
    uv_idle_t idle;  // keeps the poll from waiting, and the loop from ending
    int open = 2;
    AfterPoll* owner;
  };
  static void OnCheck(uv_check_t* check);
  static void OnClosed(uv_handle_t* handle);

  Handles* handles_;
  Callback callback_;
  void* argument_;
};

}  // namespace aevent

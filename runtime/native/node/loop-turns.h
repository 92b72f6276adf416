// How often the event loop has turned: JavaScript reads it without a call, and without an immediate that async hooks would see.
#pragma once
#include <uv.h>
#include <v8.h>

#include "node/shared-numbers.h"

namespace aevent {

class LoopTurns {
 public:
  LoopTurns(v8::Isolate* isolate, uv_loop_t* loop);
  ~LoopTurns();
  LoopTurns(const LoopTurns&) = delete;
  LoopTurns& operator=(const LoopTurns&) = delete;

  // A Float64Array of one. It counts when the poll has been called back, before the immediates.
  v8::Local<v8::Float64Array> count(v8::Isolate* isolate) { return count_.array(isolate); }

 private:
  static void OnCheck(uv_check_t* check);

  SharedNumbers count_;
  uv_check_t* check_;  // outlives its owner: libuv closes it later
};

}  // namespace aevent

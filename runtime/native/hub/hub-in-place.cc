// Turning the event loop in the middle of what the main stack does, for waits that are asked for where nothing can be
// suspended. Whatever is run here lies on top of the caller.
#include <cstdint>

#include "hub/hub.h"

namespace aevent {
namespace {

// Waits for what happens next. False if nothing is going to.
// `any_timer`: timers that keep no loop alive count as well.
bool TurnOnce(uv_loop_t* loop, bool any_timer) {
  if (uv_loop_alive(loop) != 0) {
    uv_run(loop, UV_RUN_ONCE);
    return true;
  }
  if (!any_timer) return false;
  uint64_t due_ms = UINT64_MAX;
  uv_walk(
      loop,
      [](uv_handle_t* handle, void* earliest) {
        if (handle->type != UV_TIMER || !uv_is_active(handle)) return;
        uint64_t due = uv_timer_get_due_in(reinterpret_cast<uv_timer_t*>(handle));
        auto least = static_cast<uint64_t*>(earliest);
        if (due < *least) *least = due;
      },
      &due_ms);
  if (due_ms == UINT64_MAX) return false;
  auto until_then = new uv_timer_t;
  uv_timer_init(loop, until_then);
  uv_timer_start(until_then, [](uv_timer_t*) {}, due_ms, 0);
  uv_run(loop, UV_RUN_ONCE);
  uv_close(reinterpret_cast<uv_handle_t*>(until_then),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_timer_t*>(handle); });
  return true;
}

}  // namespace

// A wait may need what the loop calls back, which must find the world as it does in any turn: no callback open, no
// microtasks running. It is the caller that is in the middle of those, and it goes on when this is done.
bool Hub::RunDue(uv_loop_t* loop, bool any_timer) {
  v8::HandleScope handles(isolate_);
  Ambient mine = Capture();
  // While there are async hooks, Node aborts where a callback ends and an async id is left. What they push next must not overwrite
  // the caller's entries.
  Ambient fresh;
  fresh.hooks_length = mine.hooks_length;
  Restore(fresh);
  {
    // At its end Node runs the ticks and the microtasks.
    node::CallbackScope callback(isolate_, v8::Object::New(isolate_), {0, 0});
  }
  bool alive = loop == nullptr || TurnOnce(loop, any_timer);
  if (!alive) {
    // Work of V8's own, such as compiling WebAssembly, is not in the loop.
    node::GetMultiIsolatePlatform(node::GetCurrentEnvironment(context_.Get(isolate_)))->DrainTasks(isolate_);
    alive = uv_loop_alive(loop) != 0;
  }
  Restore(mine);
  return alive;
}

}  // namespace aevent

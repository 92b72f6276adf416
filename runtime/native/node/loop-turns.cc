// Counts the turns of the event loop.
#include "node/loop-turns.h"

namespace aevent {

LoopTurns::LoopTurns(v8::Isolate* isolate, uv_loop_t* loop) : count_(isolate, 1), check_(new uv_check_t) {
  uv_check_init(loop, check_);
  check_->data = this;
  // Checks run in the reverse order of their start: this one before Node's, which runs the immediates.
  uv_check_start(check_, OnCheck);
  uv_unref(reinterpret_cast<uv_handle_t*>(check_));
}

LoopTurns::~LoopTurns() {
  check_->data = nullptr;
  uv_check_stop(check_);
  uv_close(reinterpret_cast<uv_handle_t*>(check_), [](uv_handle_t* h) { delete reinterpret_cast<uv_check_t*>(h); });
}

void LoopTurns::OnCheck(uv_check_t* check) {
  auto owner = static_cast<LoopTurns*>(check->data);
  if (owner != nullptr) owner->count_[0]++;
}

}  // namespace aevent

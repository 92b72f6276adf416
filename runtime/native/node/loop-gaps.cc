// Counts for how long the event loop did not turn.
#include "node/loop-gaps.h"

namespace aevent {

LoopGaps::LoopGaps(v8::Isolate* isolate, uv_loop_t* loop, TickRate* rate) : counts_(isolate), prepare_(new uv_prepare_t), rate_(rate) {
  uv_prepare_init(loop, prepare_);
  prepare_->data = this;
  uv_prepare_start(prepare_, OnPrepare);
  uv_unref(reinterpret_cast<uv_handle_t*>(prepare_));
}

LoopGaps::~LoopGaps() {
  prepare_->data = nullptr;
  uv_prepare_stop(prepare_);
  uv_close(reinterpret_cast<uv_handle_t*>(prepare_), [](uv_handle_t* h) { delete reinterpret_cast<uv_prepare_t*>(h); });
}

void LoopGaps::OnPrepare(uv_prepare_t* prepare) {
  auto owner = static_cast<LoopGaps*>(prepare->data);
  if (owner != nullptr) owner->Turn(prepare->loop);
}

// From one poll to the next, without the time that the poll itself waited: libuv measures that, since Node asks it to.
void LoopGaps::Turn(uv_loop_t* loop) {
  uint64_t now_ns = rate_->Measure();
  uint64_t idle_ns = uv_metrics_idle_time(loop);
  if (last_ns_ != 0) {
    uint64_t passed = now_ns - last_ns_;
    uint64_t idle = idle_ns - last_idle_ns_;
    counts_.Add(passed > idle ? passed - idle : 0);
  }
  last_ns_ = now_ns;
  last_idle_ns_ = idle_ns;
}

}  // namespace aevent

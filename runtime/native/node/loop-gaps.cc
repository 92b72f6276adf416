// Counts for how long the event loop did not turn.
#include "node/loop-gaps.h"

namespace aevent {
namespace {

// Microseconds, in buckets that are exact up to 8 and then an eighth of a power of two wide.
int BucketOf(uint64_t ns) {
  uint64_t us = ns / 1000;
  if (us < 8) return static_cast<int>(us);
  if (us > INT32_MAX) us = INT32_MAX;
  int power = 31 - __builtin_clz(static_cast<unsigned>(us));
  return (power - 2) * 8 + static_cast<int>((us >> (power - 3)) & 7);
}

}  // namespace

LoopGaps::LoopGaps(v8::Isolate* isolate, uv_loop_t* loop, TickRate* rate) : prepare_(new uv_prepare_t), rate_(rate) {
  auto buffer = v8::ArrayBuffer::New(isolate, kBuckets * sizeof(double));
  counts_ = static_cast<double*>(buffer->Data());
  array_.Reset(isolate, v8::Float64Array::New(buffer, 0, kBuckets));
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
  uint64_t now_ns = uv_hrtime();
  uint64_t idle_ns = uv_metrics_idle_time(loop);
  if (last_ns_ != 0) {
    uint64_t passed = now_ns - last_ns_;
    uint64_t idle = idle_ns - last_idle_ns_;
    counts_[BucketOf(passed > idle ? passed - idle : 0)]++;
  }
  last_ns_ = now_ns;
  last_idle_ns_ = idle_ns;
  rate_->Measure(now_ns);
}

}  // namespace aevent

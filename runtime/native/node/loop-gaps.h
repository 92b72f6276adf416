// How long the event loop is kept by what it calls, each turn: a histogram that costs two clock readings a turn.
#pragma once
#include <uv.h>
#include <v8.h>

#include "node/log-buckets.h"
#include "node/ticks.h"

namespace aevent {

class LoopGaps {
 public:
  LoopGaps(v8::Isolate* isolate, uv_loop_t* loop, TickRate* rate);
  ~LoopGaps();
  LoopGaps(const LoopGaps&) = delete;
  LoopGaps& operator=(const LoopGaps&) = delete;

  // How many turns fell into each bucket, as a Float64Array.
  v8::Local<v8::Float64Array> counts(v8::Isolate* isolate) { return counts_.array(isolate); }

 private:
  static void OnPrepare(uv_prepare_t* prepare);
  void Turn(uv_loop_t* loop);

  LogBuckets counts_;
  uv_prepare_t* prepare_;  // outlives its owner: libuv closes it later
  TickRate* rate_;
  uint64_t last_ns_ = 0;
  uint64_t last_idle_ns_ = 0;
};

}  // namespace aevent

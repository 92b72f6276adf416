// Counts of durations in the buckets of runtime/base/log-histogram.ts, in an array that JavaScript reads without a call.
#pragma once
#include <v8.h>

#include <cstdint>

namespace aevent {

class LogBuckets {
 public:
  explicit LogBuckets(v8::Isolate* isolate) {
    auto buffer = v8::ArrayBuffer::New(isolate, kBuckets * sizeof(double));
    counts_ = static_cast<double*>(buffer->Data());
    array_.Reset(isolate, v8::Float64Array::New(buffer, 0, kBuckets));
  }

  void Add(uint64_t ns) { counts_[BucketOf(ns)]++; }

  v8::Local<v8::Float64Array> array(v8::Isolate* isolate) { return array_.Get(isolate); }

 private:
  static constexpr int kBuckets = 240;

  // Microseconds, in buckets that are exact up to 8 and then an eighth of a power of two wide.
  static int BucketOf(uint64_t ns) {
    uint64_t us = ns / 1000;
    if (us < 8) return static_cast<int>(us);
    if (us > INT32_MAX) us = INT32_MAX;
    int power = 31 - __builtin_clz(static_cast<unsigned>(us));
    return (power - 2) * 8 + static_cast<int>((us >> (power - 3)) & 7);
  }

  double* counts_;  // of `array_`
  v8::Global<v8::Float64Array> array_;
};

}  // namespace aevent

// Counts of durations in the buckets of runtime/base/log-histogram.ts, in an array that JavaScript reads without a call.
#pragma once
#include <v8.h>

#include <cstdint>

#include "node/shared-numbers.h"

namespace aevent {

class LogBuckets {
 public:
  explicit LogBuckets(v8::Isolate* isolate) : counts_(isolate, kBuckets) {}

  void Add(uint64_t ns) { counts_[BucketOf(ns)]++; }

  v8::Local<v8::Float64Array> array(v8::Isolate* isolate) { return counts_.array(isolate); }

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

  SharedNumbers counts_;
};

}  // namespace aevent

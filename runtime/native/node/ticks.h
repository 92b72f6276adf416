// A clock that costs a few nanoseconds, read at each switch of stacks: the processor's counter. Its rate is measured by
// libuv's clock.
#pragma once
#include <uv.h>

#include <cstdint>

namespace aevent {

inline uint64_t Ticks() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  uint64_t ticks;
  asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#else
  return uv_hrtime();
#endif
}

class TickRate {
 public:
  TickRate() {
    // The system may run something else between the two clocks: of several readings the closest is taken.
    uint64_t closest = UINT64_MAX;
    for (int i = 0; i < 5; i++) {
      Reading reading;
      if (reading.apart >= closest) continue;
      closest = reading.apart;
      start_ = reading;
    }
    // Enough for a first measure of a few per mille.
    while (uv_hrtime() - start_.ns < 20'000) {
    }
    while (ns_per_tick_ == 0) Measure();
  }

  // The longer ago the start, the more exact. Gives libuv's time.
  uint64_t Measure() {
    Reading now;
    uint64_t passed = now.ticks - start_.ticks;
    if (now.apart < passed / 100) ns_per_tick_ = static_cast<double>(now.ns - start_.ns) / static_cast<double>(passed);
    return now.ns;
  }

  // Processors' counters may differ by a little: never less than nothing.
  double Ns(uint64_t from, uint64_t to) const { return to > from ? static_cast<double>(to - from) * ns_per_tick_ : 0; }

 private:
  // Both clocks at one time, as far as that goes.
  struct Reading {
    uint64_t ticks = Ticks();
    uint64_t ns = uv_hrtime();
    uint64_t apart = Ticks() - ticks;
  };

  Reading start_;
  double ns_per_tick_ = 0;
};

}  // namespace aevent

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
  TickRate() : ticks_(Ticks()), ns_(uv_hrtime()) {
    // Enough for a first measure of a few per mille.
    while (uv_hrtime() - ns_ < 20'000) {
    }
    Measure(uv_hrtime());
  }

  // The longer ago the start, the more exact.
  void Measure(uint64_t now_ns) {
    uint64_t passed = Ticks() - ticks_;
    if (passed > 0) ns_per_tick_ = static_cast<double>(now_ns - ns_) / static_cast<double>(passed);
  }

  // Processors' counters may differ by a little: never less than nothing.
  double Ns(uint64_t from, uint64_t to) const { return to > from ? static_cast<double>(to - from) * ns_per_tick_ : 0; }

 private:
  uint64_t ticks_;
  uint64_t ns_;
  double ns_per_tick_ = 1;
};

}  // namespace aevent

// Learns from return addresses in which function of V8's an interrupt was answered.
#include "preemption/place.h"

#include <algorithm>
#if !defined(_WIN32)
#include <unwind.h>
#endif

namespace aevent {
namespace {

bool Has(const std::vector<uint64_t>& places, uint64_t place) {
  return std::find(places.begin(), places.end(), place) != places.end();
}

#if !defined(_WIN32)
struct Walk {
  uint64_t hash = 14695981039346656037ull;
  int left = 24;
};

// Compiled JavaScript has no tables for unwinding, so the walk ends there.
_Unwind_Reason_Code See(_Unwind_Context* context, void* data) {
  auto walk = static_cast<Walk*>(data);
  walk->hash = (walk->hash ^ _Unwind_GetIP(context)) * 1099511628211ull;
  return --walk->left > 0 ? _URC_NO_REASON : _URC_NORMAL_STOP;
}
#endif

}  // namespace

__attribute__((noinline)) uint64_t Places::Here() {
#if defined(_WIN32)
  return 0;
#else
  Walk walk;
  _Unwind_Backtrace(See, &walk);
  return walk.hash;
#endif
}

void Places::Learn(uint64_t place, bool harmless) {
  auto& places = harmless ? harmless_ : others_;
  if (!Has(places, place)) places.push_back(place);
}

bool Places::IsHarmless(uint64_t place) const { return Has(harmless_, place) && !Has(others_, place); }

}  // namespace aevent

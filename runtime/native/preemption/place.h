// The places of V8 where an interrupt may find a stack, told apart by the return addresses below the callback.
//
// V8 looks for interrupts in many places, and not all of them survive that other JavaScript runs before they go on. A loop
// that the optimizing compilers have made keeps what it has read of the heap over that look (V8 calls it a look of "no heap
// writes"): types that it has checked, too. Irregexp's native code is not reentrant. So the harmless places are learned from
// code of known shape (runtime/preemption/learning.ts), and no other is taken for one.
// Guarded by test/runtime/preemption/places.test.ts.
#pragma once
#include <cstdint>
#include <vector>

namespace aevent {

class Places {
 public:
  // Which place the running stack is in: what lies between the caller and the first code that V8 has compiled.
  static uint64_t Here();

  void Learn(uint64_t place, bool harmless);
  bool IsHarmless(uint64_t place) const;

 private:
  std::vector<uint64_t> harmless_;
  std::vector<uint64_t> others_;
};

}  // namespace aevent

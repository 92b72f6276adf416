// Finds the limit that V8 checks a stack against, and sets it with each switch.
#include "stacks/stack-limit.h"

#include <algorithm>
#include <cstdint>

namespace aevent {
namespace {

using v8::internal::Internals;

constexpr int kGuardWords = Internals::kStackGuardSize / sizeof(uintptr_t);

// Most of it is for V8: to compile a function that is called for the first time, or whose code was dropped since, takes 24
// to 48 KiB (measured on V8 11.3 to 14).
constexpr size_t kToGive = 64 * 1024;
constexpr size_t kToTake = 96 * 1024;
// Of a small stack (--stack-size).
constexpr size_t kShareToGive = 12;
constexpr size_t kShareToTake = 8;

uintptr_t Here() { return reinterpret_cast<uintptr_t>(__builtin_frame_address(0)); }

}  // namespace

StackLimit::StackLimit(v8::Isolate* isolate)
    : guard_(reinterpret_cast<const uintptr_t*>(reinterpret_cast<const char*>(isolate) +
                                                Internals::kIsolateStackGuardOffset)) {}

bool StackLimit::HasRoom(bool to_take) const {
  size_t wanted = to_take ? to_take_ : to_give_;
  return wanted == 0 || Here() >= std::min(*first_, *last_) + wanted;
}

std::string StackLimit::Probe(size_t stack_bytes) {
  uintptr_t here = Here();
  for (const uintptr_t* word = guard_; word < guard_ + kGuardWords; word++) {
    if (*word >= here || here - *word > stack_bytes) continue;
    if (first_ == nullptr) first_ = word;
    last_ = word;
  }
  if (first_ == last_ || *first_ != *last_) return "V8's stack limit is not where its header says";
  size_t left = here - *first_;
  to_give_ = std::min(kToGive, left / kShareToGive);
  to_take_ = std::min(kToTake, left / kShareToTake);
  return "";
}

}  // namespace aevent

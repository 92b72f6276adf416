// How much of the running stack V8 leaves to JavaScript. Each stack has its limit, which V8 keeps for the one that runs in
// its stack guard, at a place in the isolate that its own header names: at least twice, once for what runs to compare with,
// which holds an address above all stacks while an interrupt is asked for. So the lesser one is the limit.
#pragma once
#include <v8.h>

#include <cstddef>
#include <string>

namespace aevent {

class StackLimit {
 public:
  explicit StackLimit(v8::Isolate* isolate);

  // Looks, on a carrier that has just begun, for equal words that are a place on its stack of `stack_bytes`. Empty, or
  // why there are none; then there is said to be room everywhere.
  std::string Probe(size_t stack_bytes);

  // True if there is room for what changes aevent's state: what takes something (a lock, a descriptor) asks for more than
  // what gives it back, so that this is possible wherever that was.
  bool HasRoom(bool to_take) const;

 private:
  const uintptr_t* guard_;
  const uintptr_t* first_ = nullptr;
  const uintptr_t* last_ = nullptr;
  size_t to_take_ = 0;  // none: unknown
  size_t to_give_ = 0;
};

}  // namespace aevent

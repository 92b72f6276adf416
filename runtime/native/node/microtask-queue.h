// Reads of V8's MicrotaskQueue what the pump needs beyond its public surface: five fields,
// found by probing a queue of our own, and the virtual slot of PerformCheckpoint.
#pragma once
#include <v8.h>

#include <cstdint>
#include <string>

namespace aevent {

// Offsets inside a MicrotaskQueue object. Where one could not be found beyond doubt,
// `failure` says which and nothing may be used.
struct MicrotaskQueueLayout {
  std::string failure;
  int size = -1;         // intptr_t: how many microtasks are waiting
  int running = -1;      // bool: IsRunningMicrotasks()
  int suppressions = -1; // int: open SuppressMicrotaskExecutionScopes
  int checkpoint_slot = -1;
  int finished = -1;     // intptr_t: how many microtasks have ended; the pump works without it
  int scopes = -1;       // int: open microtask scopes; the same

  // `assumed_slot`, unless it is -1, replaces what the pointer to PerformCheckpoint tells.
  static MicrotaskQueueLayout Probe(v8::Isolate* isolate, int assumed_slot = -1);
};

class MicrotaskQueueHook {
 public:
  using Checkpoint = void (*)(v8::MicrotaskQueue*, v8::Isolate*);

  // Takes over PerformCheckpoint of `queue`: `replacement` gets its calls, and finds
  // `owner` with Owner(). Returns an empty string, or why it is not done.
  std::string Install(v8::MicrotaskQueue* queue, const MicrotaskQueueLayout& layout, Checkpoint replacement,
                      void* owner);
  void Uninstall();
  bool installed() const { return queue_ != nullptr; }

  static void* Owner(v8::MicrotaskQueue* queue);

  void CallOriginal(v8::Isolate* isolate) { original_(queue_, isolate); }
  v8::MicrotaskQueue* queue() const { return queue_; }

  // True while one of V8's microtask scopes is open, also on a stack that is put aside: no checkpoint runs any.
  bool IsHeldBack() const { return queue_->GetMicrotasksScopeDepth() > 0; }

  intptr_t size() const { return *Field<intptr_t>(layout_.size); }
  uint8_t running() const { return *Field<uint8_t>(layout_.running); }
  int suppressions() const { return *Field<int>(layout_.suppressions); }
  // Where the low half of that count is; null if it was not found.
  int32_t* finished() const { return layout_.finished < 0 ? nullptr : Field<int32_t>(layout_.finished); }
  int32_t* scopes() const { return layout_.scopes < 0 ? nullptr : Field<int32_t>(layout_.scopes); }
  void set_running(uint8_t value) { *Field<uint8_t>(layout_.running) = value; }
  void set_suppressions(int value) { *Field<int>(layout_.suppressions) = value; }

 private:
  template <typename T>
  T* Field(int offset) const {
    return reinterpret_cast<T*>(reinterpret_cast<char*>(queue_) + offset);
  }

  // [owner][offset to top][type info][slots…]: the vtable pointer points at the slots.
  static constexpr int kSlots = 16;
  static constexpr int kHeader = 3;
  void* table_[kHeader + kSlots] = {};
  void** before_ = nullptr;
  v8::MicrotaskQueue* queue_ = nullptr;
  Checkpoint original_ = nullptr;
  MicrotaskQueueLayout layout_;
};

}  // namespace aevent

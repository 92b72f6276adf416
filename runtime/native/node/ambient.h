// State of V8 and Node that belongs to whatever code runs, but that lies outside its
// stack: it must be carried across a switch by hand. Numbers are carried *relative* to
// where the carrier was switched in, since it may be resumed under other circumstances
// than it was started (started below a timer, resumed by the hub).
#pragma once
#include <node.h>
#include <v8.h>

#include <cstdint>
#include <string>

#include "node/microtask-queue.h"

namespace aevent {

// Environment::async_callback_scope_depth_: Node runs microtasks only where it is 1, so
// a task parked inside a callback scope must take its part of the depth along.
class CallbackScopeDepth {
 public:
  // Returns an empty string, or why the field was not found.
  std::string Probe(v8::Isolate* isolate, v8::Local<v8::Context> context);
  size_t get() const { return field_ == nullptr ? 0 : *field_; }
  void set(size_t depth) const {
    if (field_ != nullptr) *field_ = depth;
  }
  bool found() const { return field_ != nullptr; }

 private:
  size_t* field_ = nullptr;
};

// The numbers of Node's async-hooks stack (async_hook_fields, async_id_fields). What is
// *on* that stack is saved by async-hooks-stack.ts, which only has work where it isn't empty.
struct AsyncHooksFields {
  uint32_t* stack_length = nullptr;
  double* execution_id = nullptr;
  double* trigger_id = nullptr;
  v8::Global<v8::Array> resources;
  v8::Global<v8::Value> keep_alive[2];
};

struct Ambient {
  uint8_t queue_running = 0;
  int queue_suppressions = 0;
  size_t callback_depth = 0;
  uint32_t hooks_length = 0;
  double execution_id = 0;
  double trigger_id = 0;
};

v8::Local<v8::Value> GetContinuationData(v8::Isolate* isolate);
void SetContinuationData(v8::Isolate* isolate, v8::Local<v8::Value> data);

}  // namespace aevent

// The hub and what lies outside the stack: what ambient.h describes, read and written at each switch.
#include "hub/hub.h"

namespace aevent {

using v8::Context;
using v8::HandleScope;
using v8::Isolate;
using v8::Local;
using v8::Value;

void Hub::UseAsyncHooks(Local<v8::Uint32Array> fields, Local<v8::Float64Array> ids, Local<v8::Array> resources,
                        int length_index, int execution_index, int trigger_index) {
  auto data = [](Local<v8::TypedArray> array) {
    return static_cast<char*>(array->Buffer()->Data()) + array->ByteOffset();
  };
  hooks_.stack_length = reinterpret_cast<uint32_t*>(data(fields)) + length_index;
  hooks_.execution_id = reinterpret_cast<double*>(data(ids)) + execution_index;
  hooks_.trigger_id = reinterpret_cast<double*>(data(ids)) + trigger_index;
  hooks_.resources.Reset(isolate_, resources);
  hooks_.keep_alive[0].Reset(isolate_, fields);
  hooks_.keep_alive[1].Reset(isolate_, ids);
}

void Hub::OwnContinuation() {
  owns_continuation_ = true;
  ClearContinuation();
}

// null, not undefined: V8 11.3 (Node 20) neither sets nor clears it for a reaction that captured undefined, which
// would then run with whatever the one before it has left.
void Hub::ClearContinuation() {
  if (!continuation_set_) return;
  HandleScope handles(isolate_);
  SetContinuationData(isolate_, v8::Null(isolate_));
  continuation_set_ = false;
}

Ambient Hub::Capture() const {
  Ambient ambient;
  if (queue_.installed()) {
    ambient.queue_running = queue_.running();
    ambient.queue_suppressions = queue_.suppressions();
  }
  ambient.callback_depth = callback_depth_.get();
  if (hooks_.stack_length != nullptr) {
    ambient.hooks_length = *hooks_.stack_length;
    ambient.execution_id = *hooks_.execution_id;
    ambient.trigger_id = *hooks_.trigger_id;
  }
  return ambient;
}

void Hub::Restore(const Ambient& ambient) {
  if (queue_.installed()) {
    queue_.set_running(ambient.queue_running);
    queue_.set_suppressions(ambient.queue_suppressions);
  }
  callback_depth_.set(ambient.callback_depth);
  if (hooks_.stack_length != nullptr) {
    *hooks_.stack_length = ambient.hooks_length;
    *hooks_.execution_id = ambient.execution_id;
    *hooks_.trigger_id = ambient.trigger_id;
  }
}

// A strand that was resumed may leave on the async-hooks stack the entry that async-hooks-stack.ts pushed below its own.
void Hub::DropAsyncState(Strand* strand) {
  if (hooks_.stack_length == nullptr || *hooks_.stack_length <= strand->base.hooks_length) return;
  uint32_t length = strand->base.hooks_length;
  *hooks_.stack_length = length;
  Local<v8::Array> resources = hooks_.resources.Get(isolate_);
  if (resources->Length() <= length) return;
  Local<Context> context = context_.Get(isolate_);
  resources->Set(context, v8::String::NewFromUtf8Literal(isolate_, "length"),
                 v8::Integer::NewFromUnsigned(isolate_, length))
      .FromMaybe(false);  // fails only while this isolate is being terminated
}

// V8 calls the one before a collection after all that were there when it was added.
void Hub::ListenLast() {
  parked_stacks_.Replaced();
  isolate_->RemoveGCPrologueCallback(BeforeGC, this);
  isolate_->AddGCPrologueCallback(BeforeGC, this);
}

// In the V8 of Node 22 and later Isolate::Iterate visits the one slot of the continuation data for each thread that it
// knows. So once there is a second one, a scavenge moves a young object in it twice, and every other reference to that
// dangles.
// During a collection the object is therefore held by a handle, and the slot is empty.
// Guarded by test/runtime/native/continuation-gc.test.ts.
void Hub::BeforeGC(Isolate* isolate, v8::GCType type, v8::GCCallbackFlags, void* self) {
  auto hub = static_cast<Hub*>(self);
#if NODE_MAJOR_VERSION >= 22
  HandleScope handles(isolate);
  Local<Value> data = GetContinuationData(isolate);
  if (!data.IsEmpty() && !data->IsNullOrUndefined()) {
    hub->continuation_during_gc_.Reset(isolate, data);
    SetContinuationData(isolate, v8::Undefined(isolate));
  }
#endif
  hub->parked_stacks_.Mend();
  if (type == v8::kGCTypeScavenge) hub->parked_stacks_.BeforeScavenge();
}

void Hub::AfterGC(Isolate* isolate, v8::GCType type, v8::GCCallbackFlags, void* self) {
  auto hub = static_cast<Hub*>(self);
  if (type == v8::kGCTypeScavenge) hub->parked_stacks_.AfterScavenge();
#if NODE_MAJOR_VERSION >= 22
  if (hub->continuation_during_gc_.IsEmpty()) return;
  HandleScope handles(isolate);
  SetContinuationData(isolate, hub->continuation_during_gc_.Get(isolate));
  hub->continuation_during_gc_.Reset();
#endif
}

}  // namespace aevent

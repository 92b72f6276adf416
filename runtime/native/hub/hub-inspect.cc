// A parked strand from outside: its JavaScript stack, for the task dump.
#include "hub/hub.h"
#include "node/loop-watch.h"

namespace aevent {

using v8::HandleScope;
using v8::Local;

void Hub::CaptureStack(Strand* strand) {
  HandleScope handles(isolate_);
  Local<v8::String> stack;
  if (v8::String::NewFromUtf8(isolate_, StackText(isolate_).c_str()).ToLocal(&stack)) strand->stack.Reset(isolate_, stack);
}

v8::MaybeLocal<v8::String> Hub::StackOf(int id) {
  Strand* strand = At(id);
  if (strand == nullptr || (strand->state != State::kParked && strand->state != State::kReady)) return {};
  State state = strand->state;
  Ambient base = strand->base;
  strand->inspected = true;
  SwitchIn(strand);
  strand->inspected = false;
  strand->state = state;
  strand->base = base;
  v8::MaybeLocal<v8::String> result;
  if (!strand->stack.IsEmpty()) result = strand->stack.Get(isolate_);
  strand->stack.Reset();
  return result;
}

}  // namespace aevent

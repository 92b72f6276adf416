// A parked strand from outside: its JavaScript stack, for the task dump.
#include "hub/hub.h"

namespace aevent {

using v8::HandleScope;
using v8::Local;

// Formatted here, not by Error.stack: that would call the program's prepareStackTrace on a
// stack that is only being looked at.
void Hub::CaptureStack(Strand* strand) {
  HandleScope handles(isolate_);
  constexpr int kFrames = 50;
  auto trace = v8::StackTrace::CurrentStackTrace(isolate_, kFrames);
  auto text = [&](Local<v8::String> string, const char* fallback) {
    return string.IsEmpty() || string->Length() == 0 ? fallback : std::string(*v8::String::Utf8Value(isolate_, string));
  };
  std::string lines;
  for (int i = 0; i < trace->GetFrameCount(); i++) {
    auto frame = trace->GetFrame(isolate_, i);
    lines += "    at " + text(frame->GetFunctionName(), "<anonymous>") + " (" +
             text(frame->GetScriptNameOrSourceURL(), "<anonymous>") + ":" + std::to_string(frame->GetLineNumber()) +
             ":" + std::to_string(frame->GetColumn()) + ")\n";
  }
  Local<v8::String> stack;
  if (v8::String::NewFromUtf8(isolate_, lines.c_str()).ToLocal(&stack)) strand->stack.Reset(isolate_, stack);
}

v8::MaybeLocal<v8::String> Hub::StackOf(int id) {
  if (id < 1 || static_cast<size_t>(id) > strands_.size()) return {};
  Strand* strand = strands_[id - 1].get();
  if (strand->state != State::kParked && strand->state != State::kReady) return {};
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

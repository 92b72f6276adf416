// Compiles functions that need V8's %-syntax.
#include "node/natives-syntax.h"

#include "node/silence.h"

namespace aevent {

using v8::Isolate;
using v8::Local;
using v8::Value;

v8::MaybeLocal<Value> RunWithNatives(Local<v8::Context> context, const char* source) {
  Isolate* isolate = Isolate::GetCurrent();
  auto text = v8::String::NewFromUtf8(isolate, source).ToLocalChecked();
  Local<v8::Script> script;
  // Where the program itself has V8's natives syntax on, it stays on.
  Silence silence(isolate);
  if (!v8::Script::Compile(context, text).ToLocal(&script)) {
    v8::V8::SetFlagsFromString("--allow-natives-syntax");
    bool compiled = v8::Script::Compile(context, text).ToLocal(&script);
    v8::V8::SetFlagsFromString("--no-allow-natives-syntax");
    if (!compiled) return {};
  }
  return script->Run(context);
}

}  // namespace aevent

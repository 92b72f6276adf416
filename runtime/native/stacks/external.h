// A pointer of ours as a JavaScript value, whose form depends on Node's version.
#pragma once
#include <node.h>
#include <v8.h>

namespace aevent {

#if NODE_MAJOR_VERSION >= 26
constexpr v8::ExternalPointerTypeTag kExternalTag = 1;
inline v8::Local<v8::External> ToExternal(v8::Isolate* isolate, void* pointer) {
  return v8::External::New(isolate, pointer, kExternalTag);
}
inline void* FromExternal(v8::Local<v8::Value> value) { return value.As<v8::External>()->Value(kExternalTag); }
#else
inline v8::Local<v8::External> ToExternal(v8::Isolate* isolate, void* pointer) {
  return v8::External::New(isolate, pointer);
}
inline void* FromExternal(v8::Local<v8::Value> value) { return value.As<v8::External>()->Value(); }
#endif

}  // namespace aevent

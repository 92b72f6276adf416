// Scripts that call functions of V8's own, by its natives syntax (%Name).
#pragma once
#include <v8.h>

namespace aevent {

// Compiles and runs `source`. Empty if V8 does not know a name. Functions that are to use the syntax must be compiled with
// it: they stand in parentheses.
v8::MaybeLocal<v8::Value> RunWithNatives(v8::Local<v8::Context> context, const char* source);

}  // namespace aevent

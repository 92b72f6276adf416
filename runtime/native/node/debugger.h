// Keeps a debugger that steps from ending the process.
//
// When a thread has its turn again, V8 goes on with the step that a debugger has begun there (Debug::RestoreDebug). It
// looks for the frame that the step is about, and reads beyond the last one if there is none: so it is after a step into
// a function that only called native code, and after one over the end of a callback. So while a debugger may be there,
// stacks are exchanged below a JavaScript frame of ours. A step into a function ends there, but that function belongs to
// a context which no session of the inspector knows: none hears of it, and V8's inspector turns the step into one out
// of this function, which ends in the program's next line once the stack is back. Steps over a call and out of one
// have a frame to end in, and are left alone.
//
// V8 holds a lock while it restores a thread, and goes on with a step by waiting for its concurrent compilers: where a
// function has no breakpoint any more, as after the debugger has gone, or is deoptimized. Those need this lock to end. So
// they are waited for in that frame, before, and the baseline compiler (concurrent since Node 24) is kept from being one.
//
// A pause that is asked for while no JavaScript runs is to happen in the next function that is called, and one that comes
// at the very end of a function in the next, too. Were that this frame, it would be turned into a step out of it and be
// lost, with no function of the program below. So where none is, the frame is called by a function of the program's own
// context, in which the pause happens. Debuggers show it: it is called `idle`.
//
// As all this takes time, it is done only once there may be a debugger.
// Guarded by stepping.test.ts and inspector.test.ts in test/runtime/tooling.
#pragma once
#include <node.h>
#include <uv.h>
#include <v8.h>

#include <functional>

namespace aevent {

class Debugger {
 public:
  Debugger(v8::Isolate* isolate, v8::Local<v8::Context> program);
  // There may be one from now on. It can reach every thread from any other.
  static void Expect();
  static bool Expected();
  // `look` is called by Look(), but not too often, until it gives true.
  void Watch(v8::Local<v8::Function> look) { look_.Reset(isolate_, look); }
  void Look();
  // Calls `body` below that frame, or without it where no JavaScript can run.
  void CallBelowFrame(const std::function<void()>& body) { Call(body, false); }
  // Where no JavaScript of the program is left below to stop in: before the hub runs, and before a stack is left for
  // good. Awaits the compiler, too. Does nothing unless there may be a debugger.
  void PassIdle() {
    if (Expected()) Call([] {}, true);
  }

 private:
  void MakeFrame();
  void Call(const std::function<void()>& body, bool in_idle);

  v8::Isolate* isolate_;
  uv_loop_t* loop_;
  uint64_t looked_ms_ = 0;
  v8::Global<v8::Context> program_;
  v8::Global<v8::Function> look_;
  v8::Global<v8::Context> context_;
  v8::Global<v8::Function> frame_;
  v8::Global<v8::Function> idle_;
  v8::Global<v8::Function> below_;
};

}  // namespace aevent

// Makes V8 take a stack for a thread of its own, by two of V8's thread-local variables, which say which thread this is
// and where its stack begins. Exchanged together with the stack pointer, they make one OS thread look like many to V8,
// and to no other code: an addon's own thread-local variables, malloc, errno and pthread_self() stay those of the thread.
//
// V8 exports neither. They are found by watching V8 use them, and exchanged only if there is no doubt.
#pragma once
#include <node_version.h>
#include <v8.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "stacks/carrier.h"

namespace aevent {

// V8 11.3 wants the isolate entered while it restores a thread; see Hub::ExchangeStacks.
constexpr bool kRestoresEntered = NODE_MAJOR_VERSION < 22;

class ThreadIdentity {
 public:
  // The identity of a new thread, whose stack begins (it grows downwards) at `stack_start`.
  // `id` is that of one that has ended; V8 gives one to a thread that has 0.
  ThreadIdentity(int32_t id, const void* stack_start) : id_(id), stack_start_(reinterpret_cast<uintptr_t>(stack_start)) {}
  ThreadIdentity() = default;

  int32_t id() const { return id_; }

 private:
  friend class ThreadLocals;
  int32_t id_ = 0;
  uintptr_t stack_start_ = 0;
  // Of C++: exceptions that were caught and not let go, those that are being thrown. An addon may call JavaScript, which
  // suspends, while it handles one.
  void* caught_ = nullptr;
  unsigned uncaught_ = 0;
  // Node 26 notes that an uncaught exception is being handled, and ends the process at the next one.
  static constexpr size_t kHandling = 8;
  char handling_[kHandling] = {};
};

// The variables of one OS thread.
class ThreadLocals {
 public:
  // Finds out where V8 has them, with the running isolate; empty, or why that can't be told.
  static std::string Find();

  // Finds what changes while an uncaught exception is handled. handle(look) has Node handle one, and calls `look`
  // meanwhile. Empty (also if nothing changes), or why it is not known. After Find().
  static std::string FindHandling(v8::Isolate* isolate, v8::Local<v8::Function> handle);

  // Those of the calling thread. After Find().
  ThreadLocals();

  void Exchange(ThreadIdentity* from, const ThreadIdentity& to);

  // Has V8 forget what it knows of a thread that is not to run in this isolate again: the limit of its stack, above all. The
  // next thread with that id has another stack.
  void Forget(v8::Isolate* isolate, const ThreadIdentity& ended);

  // Has V8 make what it archives threads in, for `count` more of them: two allocations of these sizes. It keeps them for ever:
  // made together they lie side by side in the C heap, where each would else keep a page of its own from going back to the
  // system. The isolate is locked, and not entered.
  void MakeArchives(v8::Isolate* isolate, size_t count, const ArchiveSizes& sizes);
  // Many of those threads have ended: what V8 has freed of them may go back.
  void LetGoOfArchives();

 private:
  void Archive(v8::Isolate* isolate, size_t at);

  struct Exceptions {  // __cxa_eh_globals of the Itanium C++ ABI
    void* caught;
    unsigned uncaught;
  };

  char* begin_;
  // For MakeArchives(): the ids of threads that it alone needs, and where each archive is to be.
  std::vector<int32_t> archived_ids_;
  std::vector<std::array<void*, 2>> places_;
  std::vector<void*> between_;
  int32_t* id_;
  uintptr_t* stack_start_;
  Exceptions* exceptions_;
};

}  // namespace aevent

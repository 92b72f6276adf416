// Stacks that are put aside cost a minor collection nothing: V8's list of them is cut off for its time.
//
// V8 visits every stack that is put aside in each collection, for 2 to 3 us each. A scavenge looks for references to young
// objects only, moves those, and writes where they are now. So a stack to which a scavenge has written nothing refers to
// none; nothing writes to it until it goes on; and the next scavenge would find nothing either.
//
//   V8's list     newest ─▶ … ─▶ visited ─▶ │ unwritten ─▶ … ─▶ oldest ─▶ end
//   for the time of a scavenge          └───────────────────────────────▶ end
//
// It is in the order in which stacks were put aside, so that those beyond the cut are those that were for long.
// Why this is safe: runtime/DESIGN.md.
#pragma once
#include <v8.h>

#include <cstdint>
#include <string>

#include "collections/callback-order.h"
#include "collections/parked-stack.h"
#include "collections/v8-threads.h"
#include "node/shared-numbers.h"

namespace aevent {

class ParkedStacks {
 public:
  enum Mode {
    kVisitAll,
    kSkip,
    kCompare,     // visits all, and compares the memory that it would have skipped, before and after
    kCompareAll,  // the memory of all that are put aside: of those that were so just now some is written
    kModes,
  };
  // Read by JavaScript (binding.ts).
  enum State {
    kSkipped,    // stacks that the next scavenge skips
    kScavenges,  // that have skipped some, or compared them
    kDisplaced,  // that could not, as another callback of the collector's is called in between
    kWords,      // compared
    kWritten,    // stacks among those to which something was written
    kStateLength,
  };

  explicit ParkedStacks(v8::Isolate* isolate);

  // On a carrier while the main stack alone is put aside, with the callbacks of Listen(). Empty, or why V8's list was not found.
  std::string Find(CallbackOrder::Callback before, CallbackOrder::Callback after, void* data);
  // Has V8 call them around each collection, or no longer.
  void Listen(CallbackOrder::Callback before, CallbackOrder::Callback after, void* data);
  void StopListening(CallbackOrder::Callback before, CallbackOrder::Callback after, void* data);
  // On the main stack while one carrier is put aside, after Find().
  std::string Check();
  void SetMode(Mode mode);
  v8::Local<v8::Float64Array> state(v8::Isolate* isolate) { return state_.array(isolate); }
  // Of what V8 archives a thread in, besides a V8Thread; 0 where that is not known.
  size_t ArchiveBytes() const { return found_ ? threads_.ArchiveBytes() : 0; }

  // `stack` is put aside: V8 writes to nothing of it below `low`. And it goes on.
  void Leave(ParkedStack* stack, const char* low) {
    if (cut_after_ != nullptr) Mend();
    stack->low = low;
    stack->older = newest_;
    (newest_ == nullptr ? oldest_ : newest_->newer) = stack;
    newest_ = stack;
  }
  void Return(ParkedStack* stack);

  // V8's callback before a scavenge, the last of them all, and that after it, the first.
  void BeforeScavenge();
  void AfterScavenge();
  // Puts V8's list together again: for whatever may look at it.
  void Mend();
  // Another callback comes after the one before scavenges: it is to be registered again, outside of collections.
  bool displaced() const { return displaced_; }
  void Replaced() { displaced_ = false; }

 private:
  void FindThreads();
  void Extend();
  void Cut();
  // Of a stack's memory; false where it is not known.
  bool Hash(const ParkedStack& stack, uint64_t* hash);
  // The first of those that are compared.
  ParkedStack* compared() const { return mode_ == kCompareAll ? newest_ : skipped_; }

  v8::Isolate* isolate_;
  V8Threads threads_;
  CallbackOrder before_;
  CallbackOrder after_;
  Mode mode_ = kVisitAll;
  bool found_ = false;
  bool displaced_ = false;
  bool collecting_ = false;

  ParkedStack* newest_ = nullptr;
  ParkedStack* oldest_ = nullptr;
  ParkedStack* skipped_ = nullptr;  // with all that are older
  V8Thread* cut_after_ = nullptr;
  V8Thread* cut_off_ = nullptr;

  size_t hashed_words_ = 0;
  SharedNumbers state_;
};

}  // namespace aevent

// The hub of one isolate: which carriers it has, which of them runs, and the only code
// that switches between them.
//
// A *strand* is one carrier's current use. It is entered (by the hub for a pump, by
// Enter() for a callback), may park, and is resumed by the hub alone:
//
//   Enter(fn) ──▶ running ──▶ finished
//                  │   ▲
//            Park()▼   │ hub, at the next microtask checkpoint of the main stack
//                parked ──▶ ready
//                     Wake()
//
// The hub runs on the main stack, in place of V8's PerformCheckpoint: it runs the
// microtasks on a pump (a strand whose body is the original checkpoint), another pump
// when that one parks in the middle of a microtask, then the strands that are ready, until both
// the queue and the ready list are empty. A strand that the hub runs and that parks or
// finishes hands over to the next one directly, where that one is known already: the
// order is the same, without the detour over the main stack.
#pragma once
#include <node.h>
#include <node_buffer.h>
#include <uv.h>
#include <v8.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "node/after-poll.h"
#include "collections/parked-stacks.h"
#include "node/alarm.h"
#include "node/ambient.h"
#include "stacks/carrier.h"
#include "node/debugger.h"
#include "node/loop-gaps.h"
#include "node/loop-turns.h"
#include "node/microtask-queue.h"
#include "node/shared-numbers.h"
#include "preemption/preemptor.h"
#include "node/ticks.h"
#include "stacks/stack-limit.h"

namespace aevent {

enum class EnterResult { kFinished = 1, kParked = 0, kNoCarrier = -1 };

// The function that a strand is to call. The stack that enters it holds the handles, and waits for it until it parks.
struct Call {
  static constexpr int kArguments = 4;
  v8::Local<v8::Function> fn;
  v8::Local<v8::Value> continuation;  // undefined: as it is
  v8::Local<v8::Value> arguments[kArguments];
};

class Hub {
 public:
  Hub(v8::Isolate* isolate, v8::Local<v8::Context> context, Backend* backend, size_t stack_bytes);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // Layout shared with JavaScript (binding.ts), which reads these without a call.
  enum Shared {
    kCurrent,         // id of the running strand, 0 on the main stack
    kBaseLength,      // the async-hooks stack where the running strand was switched in
    kBaseExecution,
    kBaseTrigger,
    kResumed,         // the running strand has been parked before
    kCarriers,        // made so far and not given back
    kIdle,
    kParked,
    kPumps,           // pumps among the parked
    kSwitches,
    kRefused,         // carriers that could not be had
    kStarved,         // the code on the main stack should be on a carrier, but none could be had
    kWaitedNs,        // how long the strand that was resumed last was parked
    kRanNs,           // and how long its piece had run before that; 0 where it is not known when that began
    kForAddon,        // the code on the main stack was called by an addon, for a carrier
    kTicksLeft,       // written by JavaScript: ticks wait where the running strand parks or ends
    kSharedLength,
  };
  v8::Local<v8::Float64Array> shared(v8::Isolate* isolate) { return shared_.array(isolate); }

  void UseAsyncHooks(v8::Local<v8::Uint32Array> fields, v8::Local<v8::Float64Array> ids,
                     v8::Local<v8::Array> resources, int length_index, int execution_index, int trigger_index);
  // The continuation data is aevent's alone (Node keeps nothing in it): a callback on the main stack may leave
  // something in it, which is cleared when that callback ends.
  void OwnContinuation();
  // JavaScript has put something there. On a strand it does not matter: the hub puts its own back.
  void ContinuationWasSet() { continuation_set_ = continuation_set_ || current_ == nullptr; }
  std::string ProbeCallbackDepth() { return callback_depth_.Probe(isolate_, context_.Get(isolate_)); }
  std::string InstallPump(int assumed_slot);
  std::string ProbeStackLimit() { return stack_limit_.Probe(stack_bytes_); }
  bool HasRoom(bool to_take) const { return stack_limit_.HasRoom(to_take); }
  // In the queue's own memory, as an Int32Array, the number of microtasks that have ended, and that of open microtask scopes; empty if it was
  // not found.
  v8::MaybeLocal<v8::Int32Array> FinishedMicrotasks() { return Counted(Finished()); }
  v8::MaybeLocal<v8::Int32Array> OpenMicrotaskScopes() { return Counted(queue_.installed() ? queue_.scopes() : nullptr); }

  // `look` is called now and then until it gives true.
  void LookNowAndThen(v8::Local<v8::Function> look) { debugger_.Watch(look); }
  // `filter` is asked about each error that a strand's function throws: one for which it gives true goes no further.
  void FilterErrors(v8::Local<v8::Function> filter) { error_filter_.Reset(isolate_, filter); }
  EnterResult Enter(Call* call, std::string* error);
  // Goes on with a parked strand, now and from here, as Enter() began it: coroutines are resumed by their owner, not by
  // the hub. No other wake may be pending. False if no such strand is parked.
  bool Resume(int id, EnterResult* result);
  // False if called on the main stack.
  bool Park();
  // False if no such strand is parked.
  bool Wake(int id);
  // The same, but all strands that are woken so go on together, each followed by the next directly, when the loop has
  // called the callbacks of its poll. For events of the loop, of which there are often many at a time.
  bool WakeAfterPoll(int id);
  // Calls `fn` on the main stack, with the main thread's identity. Nothing else runs meanwhile.
  v8::MaybeLocal<v8::Value> CallOnMain(v8::Local<v8::Function> fn);
  // The same for native code that JavaScript called.
  void CallAddonOnMain(const std::function<void()>& call);
  // The hub of an isolate whose carriers are OS threads, if it has one.
  static Hub* Of(v8::Isolate* isolate);
  // Runs due ticks and microtasks on top of the main stack's frames, and turns the event loop once if there is one. False if nothing is left in it.
  bool RunDue(uv_loop_t* loop, bool any_timer);
  // Runs the ready strands, where no pump does it. False on a carrier.
  bool Drain();
  // Turns the loop once, below the JavaScript on the main stack that asks for it. False on a carrier, or if the loop
  // has nothing left to wait for. Callbacks around it stay unfinished until they go on: only for a process that ends.
  bool TurnLoop(uv_loop_t* loop);
  // True if a strand that parked now and were woken at once would be the next to run.
  bool NothingElseToRun() const { return queue_.installed() && queue_.size() == 0 && ready_.empty(); }
  // The JavaScript stack of a parked strand.
  v8::MaybeLocal<v8::String> StackOf(int id);

  // A piece of work begins in the running strand, which is a pump: its code belongs to that piece from now on.
  void BeginPiece();
  // Of a parked strand, puts into kWaitedNs and kRanNs how long it has been and had run before. False for another one.
  bool TimesOf(int id);
  // See LoopGaps.
  v8::Local<v8::Float64Array> LoopGapCounts() { return gaps_.counts(isolate_); }
  // See LoopTurns.
  v8::Local<v8::Float64Array> LoopTurnCount() { return turns_.count(isolate_); }

  // See Backend.
  std::string SharedMappings() const { return backend_->SharedMappings(); }
  // Why the last carrier could not be had.
  const std::string& refusal() const { return refusal_; }
  const double* shared_state() const { return shared_.data(); }

  bool OnMainStack() const { return current_ == nullptr; }

  // Has minor collections skip stacks that are put aside for long; see ParkedStacks. The first is called on a carrier that the
  // main stack has entered, the second when it has parked.
  std::string FindParkedStacks() { return parked_stacks_.Find(BeforeGC, AfterGC, this); }
  ParkedStacks& parked_stacks() { return parked_stacks_; }

  // Made when it is first asked for.
  Preemptor* preemptor();
  // Of the strand that runs; null on the main stack.
  Slicing* slicing() { return current_ == nullptr ? nullptr : &current_->slicing; }

 private:
  enum class State { kIdle, kRunning, kParked, kReady };

  struct Strand {
    Hub* hub = nullptr;
    int id = 0;
    Carrier* carrier = nullptr;
    Carrier* returns_to = nullptr;
    State state = State::kIdle;
    bool pump = false;
    bool hubs = false;     // run by the hub, not by an Enter() that waits for it
    bool resumed = false;  // was parked before
    bool callback = false;  // entered outside of microtasks: it is followed by ticks, then by microtasks
    bool inspected = false;
    Slicing slicing;
    Ambient base;
    Call* call = nullptr;  // none: a pump
    // Ticks when it was switched in, or its piece began; and when it was put aside.
    uint64_t since = 0;
    uint64_t parked_at = 0;
    double ran_ns = 0;
    // A pump runs many microtasks: how many had ended when `since` was taken, if it was in the piece that runs.
    bool knows_piece = false;
    int32_t piece = 0;
    v8::Global<v8::Value> exception;  // the error of its function, and the place
    v8::Global<v8::Message> message;
    v8::Global<v8::String> stack;
  };

  static void Checkpoint(v8::MicrotaskQueue* queue, v8::Isolate* isolate);
  void Run();
  void ResumeNext();
  bool RunPump();

  Strand* Acquire(std::string* error);
  void MakeArchives();
  Strand* TakeIdle();
  void Recycle(Strand* strand);
  Strand* At(int id) const;
  void WatchIdle();
  void GiveBackIdle();
  void SwitchIn(Strand* strand);
  EnterResult AfterEntry(Strand* strand);
  Carrier* Successor(Strand* strand);
  void SwitchStacks(Carrier* from, Carrier* to);
  void SwitchToMain();
  void ExchangeStacks(Carrier* from, Carrier* to);
  // Calls `body` while this stack has left the isolate, as often as it had entered it.
  template <typename Body>
  void OutsideOfIsolate(Body body) {
    int entered = 0;
    while (v8::Isolate::TryGetCurrent() == isolate_) {
      isolate_->Exit();
      entered++;
    }
    body();
    for (; entered > 0; entered--) isolate_->Enter();
  }
  static Carrier* Body(void* strand);
  void Publish(Strand* strand);
  // On the stack of the strand that runs from now on.
  void GoOn() {
    if (preemptor_) preemptor_->Running(slicing());
  }
  // No code is to be interrupted until then: the core has JavaScript frames of its own.
  void LeaveAlone() {
    if (preemptor_) preemptor_->Running(nullptr);
  }
  // V8's count of the microtasks that have ended; none without the pump, and once the hub is being taken down.
  v8::MaybeLocal<v8::Int32Array> Counted(int32_t* count);
  int32_t* Finished() const { return queue_.installed() ? queue_.finished() : nullptr; }
  void NoteRunning(Strand* strand, uint64_t now);
  void NoteParked(Strand* strand);
  bool Expects(v8::Local<v8::Value> exception);
  void TakeException(Strand* strand, const v8::TryCatch& try_catch);
  void Rethrow(Strand* strand);
  void CaptureStack(Strand* strand);
  void AnswerCall();
  Strand* Parked(int id) const;
  void ResumeWokenAfterPoll();
  void Unwind();

  void ListenLast();
  static void BeforeGC(v8::Isolate* isolate, v8::GCType type, v8::GCCallbackFlags flags, void* hub);
  static void AfterGC(v8::Isolate* isolate, v8::GCType type, v8::GCCallbackFlags flags, void* hub);

  void DropAsyncState(Strand* strand);
  void ClearContinuation();
  Ambient Capture() const;
  void Restore(const Ambient& ambient);

  v8::Isolate* isolate_;
  v8::Global<v8::Context> context_;
  Backend* backend_;
  size_t stack_bytes_;
  std::unique_ptr<Carrier> main_;

  Strand* current_ = nullptr;
  bool running_ = false;
  bool tearing_down_ = false;
  bool owns_continuation_ = false;
  bool continuation_set_ = true;  // on the main stack there may be something in it
  bool terminated_ = false;  // the strand that gave control back was being terminated
  bool ticks_first_ = false;  // Node runs its ticks before the hub goes on
  Ambient base_;             // the state below all strands that the hub runs
  std::vector<std::unique_ptr<Strand>> strands_;  // by id - 1; null: its carrier was given back
  std::vector<int> vacant_;                       // the ids of those
  std::deque<Strand*> idle_;
  size_t unused_ = 0;  // so many of them, at the front, were not used while watching_idle_
  size_t given_back_ = 0;
  size_t archives_ = 0;  // carriers for which V8 has archives; none: those that it made itself
  bool watching_idle_ = false;
  bool giving_back_ = false;
  std::unique_ptr<Alarm> idle_alarm_;
  std::string refusal_;
  std::deque<Strand*> ready_;
  std::vector<Strand*> woken_after_poll_;  // ready, but not in turn yet
  std::unique_ptr<AfterPoll> after_poll_;

  TickRate rate_;
  LoopGaps gaps_;
  LoopTurns turns_;
  MicrotaskQueueHook queue_;
  CallbackScopeDepth callback_depth_;
  Debugger debugger_;
  StackLimit stack_limit_;
  AsyncHooksFields hooks_;
  std::unique_ptr<Preemptor> preemptor_;

  v8::Global<v8::Value> continuation_during_gc_;
  ParkedStacks parked_stacks_;

  // A strand's CallOnMain: the function; then its value, or its error.
  Strand* caller_ = nullptr;
  v8::Global<v8::Function> call_;
  const std::function<void()>* addon_call_ = nullptr;
  v8::Global<v8::Value> call_result_;
  bool call_threw_ = false;

  SharedNumbers shared_;
  v8::Global<v8::Function> error_filter_;
};

}  // namespace aevent

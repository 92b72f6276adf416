// Interrupts what computes: a small thread that asks V8 for an interrupt when a strand that may be sliced has run for too
// long, and the callback, which has JavaScript put the strand aside (runtime/preemption/) or ends its work.
//
//   main thread          Running(strand)                Interrupted()
//                  ─────────┬──────────── computes ────────▲───────────
//                     deadline│                            │at the next place where V8 looks
//   watcher                  ▼  sleeps until then ─▶ RequestInterrupt
//
// Only one request is open for each time that a strand is switched to, none while its slice is being taken, and one that
// comes late finds nothing due: V8 notes a request with the stack that runs, which may have parked since.
// The watcher sleeps without a time-out unless something that may be sliced is running.
#pragma once
#include <uv.h>
#include <v8.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "node/log-buckets.h"
#include "node/shared-numbers.h"
#include "preemption/place.h"

namespace aevent {

// A call that may be sliced, and ended: on the C++ stack below it.
struct Mark {
  Mark* outer = nullptr;
  int64_t slice_ns = 0;
  int depth = 0;  // how many of Node's callback scopes the strand had opened
  bool ended = false;
};

// A strand's part of the preemptor's state.
struct Slicing {
  Mark* mark = nullptr;
  bool taking = false;  // the callback of an interrupt lies on its stack
};

class Preemptor {
 public:
  // Read by JavaScript without a call (binding.ts).
  enum State {
    kSlices,      // taken
    kEnded,       // calls that were ended
    kInNode,      // requests that found Node's or aevent's own code
    kInNative,    // that found a place where V8 does not survive it
    kForbidden,   // that found a suspension forbidden
    kLongestMs,   // the longest that anything went on after its time was up
    kHeard,       // interrupts that were learned from
    kStateLength,
  };
  // The answers of the handler.
  enum Answer { kNotNow = 0, kEnd = 1, kTaken = 2, kBanned = 3 };

  struct Strands {
    std::function<Slicing*()> running;
    std::function<int()> depth;  // callback scopes that the running one has open
  };
  Preemptor(v8::Isolate* isolate, v8::Local<v8::Context> context, uv_loop_t* loop, Strands strands);
  ~Preemptor() { Stop(); }
  Preemptor(const Preemptor&) = delete;
  Preemptor& operator=(const Preemptor&) = delete;

  // 0, or libuv's error. `handler(maySlice)` is called where an interrupt comes; scripts whose names begin with one of
  // `own` are not interrupted.
  int Start(v8::Local<v8::Function> handler, std::string own_path, std::string own_url, bool in_worker);

  // Nothing is interrupted any more. Stacks may still lie below callbacks, so it goes on to be there.
  void Stop();

  // Everything that runs on a carrier may be sliced; below 0: nothing, but for marks.
  void SliceAll(int64_t slice_ns);

  // The strand that runs from now on; null: none.
  void Running(const Slicing* slicing);

  // Calls `fn` with a mark. Empty, and `*ended`, if it was ended; empty alone if it threw.
  v8::MaybeLocal<v8::Value> Call(Slicing* slicing, v8::Local<v8::Function> fn, int64_t slice_ns, bool* ended);

  // Has the next interrupt, which is asked for at once, be learned from.
  void LearnNext(bool harmless);

  v8::Local<v8::Float64Array> state(v8::Isolate* isolate) { return state_.array(isolate); }
  // Where that longest one was.
  const std::string& longest_at() const { return longest_at_; }
  // How long the loop was kept by each slice that was taken.
  v8::Local<v8::Float64Array> lengths(v8::Isolate* isolate) { return lengths_.array(isolate); }

  // A place that went on for long after its time was up.
  struct Kept {
    int count = 0;
    double longest_ms = 0;
    int why = 0;  // one of kInNode, kInNative, kForbidden, or kHeard: requests were not answered for so long
  };
  const std::map<std::string, Kept>& kept();

 private:
  // Outlives its owner in V8's queue, where requests cannot be taken back.
  struct Request {
    Preemptor* owner;
    std::atomic<int> queued{0};
  };
  // Outlive their owner: libuv closes handles later.
  struct Handles {
    uv_check_t check;
    uv_prepare_t prepare;
    int open = 2;
    Preemptor* owner;
  };

  static void Watch(void* self);
  static void Interrupt(v8::Isolate* isolate, void* request);
  static void OnTurn(Handles* handles);
  static void OnClosed(uv_handle_t* handle);
  void Interrupted();
  Answer Ask(Slicing* slicing, bool may_slice);
  void Arm(int64_t deadline_ns);
  void Disarm() { deadline_ns_.store(0); }
  void TryLater(State why, int64_t now_ns);
  void NoteLate(int64_t now_ns);
  void CountLate();
  int64_t SliceOf(const Slicing* slicing) const { return slicing->mark != nullptr ? slicing->mark->slice_ns : all_ns_; }
  bool MayBeOurs() const;
  bool IsOurs(std::string* where) const;
  bool BeginsLikeOurs(const std::string& text) const;
  bool IsOurs(v8::Local<v8::StackFrame> frame, std::string* where) const;
  bool MayBePaused() const;
  bool IsStopping();

  v8::Isolate* isolate_;
  v8::Global<v8::Context> context_;
  uv_loop_t* loop_;
  Strands strands_;
  v8::Global<v8::Function> handler_;
  std::string own_path_, own_url_;
  bool in_worker_ = false;
  Places places_;
  bool learning_ = false;
  bool learn_harmless_ = false;

  int64_t all_ns_ = -1;
  int64_t turn_ns_ = 0;     // when something that may be sliced first ran in this turn of the loop
  int64_t due_ns_ = 0;      // when the running one's time was up
  int64_t later_ns_ = 0;    // how long to wait until it is asked again
  std::string longest_at_;
  LogBuckets lengths_;
  // Of what runs, once it is late: for how long, where, why, and how often it has answered.
  int64_t late_ns_ = 0;
  std::string late_at_;
  int tries_ = 0;
  int64_t unanswered_ns_ = 0;  // until the first answer
  int tried_[kStateLength] = {};  // by what it found
  std::map<std::string, Kept> kept_;

  Request* request_ = nullptr;
  Handles* handles_ = nullptr;
  bool started_ = false;
  bool stop_ = false;
  uv_thread_t thread_;
  uv_mutex_t mutex_;
  uv_cond_t wake_;
  std::atomic<int64_t> deadline_ns_{0};
  std::atomic<bool> asked_{false};
  std::atomic<int64_t> wakes_at_ns_{0};  // 0: it is awake

  SharedNumbers state_;
};

}  // namespace aevent

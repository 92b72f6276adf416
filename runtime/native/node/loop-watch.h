// Sees when the event loop has not turned for too long, and where. A small thread wakes when the turn that it saw last could have
// worked for as long as the limit: each turn notes when it began, and libuv counts how long it waits. If it has, the thread has V8
// interrupt what runs, which then tells its stack: as long as it is still blocked. A native call answers no interrupt before it
// returns; it is known by the number that JavaScript left when it entered it. Without a limit it only records the turns of the loop.
#pragma once
#include <uv.h>
#include <v8.h>

#include <atomic>
#include <string>
#include <vector>

namespace aevent {

class LoopWatch {
 public:
  LoopWatch(v8::Isolate* isolate, v8::Local<v8::Context> context, uv_loop_t* loop);
  ~LoopWatch();
  LoopWatch(const LoopWatch&) = delete;
  LoopWatch& operator=(const LoopWatch&) = delete;

  // `look(stack, lateMs)` is called in the interrupted code, `over(blockedMs)` from the loop that turns again.
  // `silent`: what lasts very long is not said meanwhile. Returns 0, or the error that libuv gave when it made the thread.
  int Start(uint64_t limit_ns, bool silent, v8::Local<v8::Function> look, v8::Local<v8::Function> over);
  void Stop();
  // Calls `over` if the loop is blocked by what runs now: where it is not going to turn any more.
  void EndNow();

  void RecordTurns(bool on);
  // Pairs of when a turn began to work, in milliseconds of uv_hrtime(), and for how many; since the last call.
  std::vector<double> TakeTurns();

  // A number for the name of a native call, and where JavaScript writes which one it is in (0: none).
  int NameCall(const std::string& name);
  v8::Local<v8::Int32Array> call_slot(v8::Isolate* isolate) { return call_array_.Get(isolate); }

 private:
  // Outlives its owner: libuv closes handles later.
  struct Handle {
    uv_prepare_t prepare;
    LoopWatch* owner;
  };
  // Requests outlive the watch in V8's queue, where they cannot be taken back.
  struct Request {
    LoopWatch* watch;
    std::atomic<bool> due{false};
    std::atomic<int> queued{0};
    std::atomic<uint64_t> asked_ns{0};
  };

  static void Run(void* watch);
  static void OnPrepare(uv_prepare_t* prepare);
  static void Interrupt(v8::Isolate* isolate, void* request);
  uint64_t Tick();
  void SayStuck(uint64_t blocked_ns);
  void NoteTurn();
  void Turned();
  void RecordTurn();
  void Needed();

  v8::Isolate* isolate_;
  v8::Global<v8::Context> context_;
  uv_loop_t* loop_;
  Handle* handle_;
  v8::Global<v8::Function> look_;
  v8::Global<v8::Function> over_;

  bool running_ = false;
  bool stop_ = false;
  bool recording_ = false;
  uint64_t limit_ns_ = 0;
  uv_thread_t thread_;
  uv_mutex_t mutex_;  // guards what follows up to `stuck_stack_`, and `stop_`
  uv_cond_t wake_;
  std::vector<std::string> call_names_;
  std::string stuck_stack_;

  std::atomic<uint64_t> turns_{0};
  // When the last one began, and for how long the loop had waited in all by then.
  std::atomic<uint64_t> began_ns_{0};
  std::atomic<uint64_t> idle_ns_{0};
  std::atomic<uint64_t> blocked_since_{0};  // 0: it is not
  // The thread's own.
  uint64_t seen_turns_ = 0;
  uint64_t seen_idle_ = 0;
  uint64_t next_sample_ns_ = 0;
  int samples_ = 0;
  bool silent_ = false;
  bool said_ = false;

  Request* request_ = nullptr;

  std::vector<double> recorded_;
  uint64_t turn_began_ = 0;
  uint64_t turn_idle_ = 0;

  volatile int32_t* call_ = nullptr;  // of `call_array_`
  v8::Global<v8::Int32Array> call_array_;
};

// The JavaScript stack that runs, as text: a line a frame. Formatted here, not by Error.stack: that would call the program's
// prepareStackTrace on a stack that is only being looked at.
std::string StackText(v8::Isolate* isolate);

}  // namespace aevent

// Waiting for a file descriptor to become readable or writable, on the event loop.
#pragma once
#include <node.h>
#include <uv.h>
#include <v8.h>

#include <unordered_map>
#include <unordered_set>

namespace aevent {

class Readiness {
 public:
  Readiness(v8::Isolate* isolate, v8::Local<v8::Context> context, uv_loop_t* loop)
      : isolate_(isolate), context_(isolate, context), loop_(loop) {}
  ~Readiness();

  // Calls `callback(status)` once, when `fd` is ready for one of `events` (UV_READABLE, UV_WRITABLE,
  // UV_DISCONNECT, UV_PRIORITIZED) or broken. Returns an id (> 0) for Stop(), or a libuv error.
  int Start(int fd, int events, v8::Local<v8::Function> callback);
  // False if it has already called back.
  bool Stop(int id);
  // poll(2) that does not wait. `entries` are `count` triples: descriptor, events, and room for the revents.
  // Returns how many of them have revents, or a libuv error.
  static int Look(int32_t* entries, size_t count);
  // pipe(2) with both ends closed on exec. Returns 0 or a libuv error.
  static int Pipe(int ends[2]);
  // Another descriptor of the same open file, or a negative libuv error. It is open until Release(), or the end of this
  // thread: a Worker that is terminated calls nothing back.
  int Hold(int fd);
  void Release(int fd);

 private:
  struct Poll {
    uv_poll_t handle;
    Readiness* owner;
    int id;
    int fd;
    v8::Global<v8::Function> callback;
  };
  static void OnReady(uv_poll_t* handle, int status, int events);
  static void Close(Poll* poll);

  v8::Isolate* isolate_;
  v8::Global<v8::Context> context_;
  uv_loop_t* loop_;
  int last_id_ = 0;
  std::unordered_map<int, Poll*> polls_;
  std::unordered_set<int> held_;
};

}  // namespace aevent

// Waits until a descriptor can be read or written, with libuv.
#include "node/readiness.h"

#if defined(_WIN32)
namespace aevent {
Readiness::~Readiness() = default;
int Readiness::Start(int, int, v8::Local<v8::Function>) { return UV_ENOTSUP; }
bool Readiness::Stop(int) { return false; }
int Readiness::Look(int32_t*, size_t) { return UV_ENOTSUP; }
int Readiness::Pipe(int*) { return UV_ENOTSUP; }
int Readiness::Hold(int) { return UV_ENOTSUP; }
void Readiness::Release(int) {}
}  // namespace aevent
#else
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <vector>

namespace aevent {

// JavaScript knows these by number (runtime/modules/select/events.ts).
static_assert(POLLIN == 1 && POLLPRI == 2 && POLLOUT == 4 && POLLERR == 8 && POLLHUP == 16 && POLLNVAL == 32);
#ifdef POLLRDHUP
static_assert(POLLRDHUP == 0x2000);
#endif

namespace {
int Duplicate(int fd) {
  int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  return own < 0 ? -errno : own;
}
}  // namespace

Readiness::~Readiness() {
  while (!polls_.empty()) Stop(polls_.begin()->first);
  for (int fd : held_) close(fd);
}

int Readiness::Start(int fd, int events, v8::Local<v8::Function> callback) {
  // On a duplicate: libuv watches a descriptor once only, and Node (or another task) may
  // be watching this one.
  int own = Duplicate(fd);
  if (own < 0) return own;
  int flags = fcntl(own, F_GETFL);
  auto poll = new Poll;
  int status = uv_poll_init(loop_, &poll->handle, own);
  // uv_poll_init makes the *open file* non-blocking: a terminal would stay so for every
  // process that shares it. Polling doesn't need it.
  if (flags >= 0) fcntl(own, F_SETFL, flags);
  if (status != 0) {
    close(own);
    delete poll;
    return status;
  }
  poll->owner = this;
  poll->fd = own;
  poll->id = ++last_id_;
  poll->callback.Reset(isolate_, callback);
  polls_[poll->id] = poll;
  status = uv_poll_start(&poll->handle, events, OnReady);
  if (status != 0) {
    polls_.erase(poll->id);
    Close(poll);
    return status;
  }
  return poll->id;
}

bool Readiness::Stop(int id) {
  auto found = polls_.find(id);
  if (found == polls_.end()) return false;
  Poll* poll = found->second;
  polls_.erase(found);
  Close(poll);
  return true;
}

int Readiness::Look(int32_t* entries, size_t count) {
  std::vector<pollfd> polled(count);
  for (size_t i = 0; i < count; i++) polled[i] = {entries[3 * i], static_cast<short>(entries[3 * i + 1]), 0};
  int ready;
  do {
    ready = poll(polled.data(), static_cast<nfds_t>(count), 0);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) return -errno;
  for (size_t i = 0; i < count; i++) entries[3 * i + 2] = static_cast<uint16_t>(polled[i].revents);
  return ready;
}

int Readiness::Pipe(int ends[2]) { return uv_pipe(ends, 0, 0); }

int Readiness::Hold(int fd) {
  int own = Duplicate(fd);
  if (own >= 0) held_.insert(own);
  return own;
}

void Readiness::Release(int fd) {
  if (held_.erase(fd) > 0) close(fd);
}

void Readiness::Close(Poll* poll) {
  poll->callback.Reset();
  uv_poll_stop(&poll->handle);
  close(poll->fd);
  uv_close(reinterpret_cast<uv_handle_t*>(&poll->handle),
           [](uv_handle_t* handle) { delete reinterpret_cast<Poll*>(handle); });
}

void Readiness::OnReady(uv_poll_t* handle, int status, int) {
  auto poll = reinterpret_cast<Poll*>(handle);
  Readiness* self = poll->owner;
  v8::Isolate* isolate = self->isolate_;
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context = self->context_.Get(isolate);
  v8::Context::Scope scope(context);
  v8::Local<v8::Function> callback = poll->callback.Get(isolate);
  self->Stop(poll->id);
  v8::Local<v8::Value> argument = v8::Integer::New(isolate, status);
  // Through Node, so that the callback's end is a microtask checkpoint, which wakes tasks.
  (void)node::MakeCallback(isolate, context->Global(), callback, 1, &argument, {0, 0});
}

}  // namespace aevent
#endif

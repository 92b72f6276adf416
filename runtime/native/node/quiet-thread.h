// Starts the threads of aevent's that run no JavaScript: small stacks, and no signal of the program's is delivered there.
#pragma once

#include <uv.h>

#if !defined(_WIN32)
#include <signal.h>
#endif

namespace aevent {

// Returns 0, or libuv's error.
inline int StartQuietThread(uv_thread_t* thread, uv_thread_cb run, void* argument) {
#if !defined(_WIN32)
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
#endif
  uv_thread_options_t options;
  options.flags = UV_THREAD_HAS_STACK_SIZE;
  options.stack_size = 128 * 1024;
  int status = uv_thread_create_ex(thread, &options, run, argument);
#if !defined(_WIN32)
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
#endif
  return status;
}

}  // namespace aevent

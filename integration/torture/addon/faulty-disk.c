// A disk that fails, for LD_PRELOAD: the environment variable FAULT is `<function> <n>`, and from the nth call on it (read, write, fsync or
// close) fails with EIO on files whose path has "/faulty". A new FAULT_ID counts from the beginning.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int counted;
static char counted_id[32];

static int fails(const char* function, int fd) {
  const char* fault = getenv("FAULT");
  const char* id = getenv("FAULT_ID");
  char link[32], path[512], name[16];
  int nth;
  if (fault == NULL || id == NULL || sscanf(fault, "%15s %d", name, &nth) != 2) return 0;
  if (strcmp(name, function) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  int saved = errno;
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = saved;
  if (length < 0) return 0;
  path[length] = 0;
  if (strstr(path, "/faulty") == NULL) return 0;
  if (strcmp(counted_id, id) != 0) {
    snprintf(counted_id, sizeof counted_id, "%s", id);
    counted = 0;
  }
  if (__sync_add_and_fetch(&counted, 1) < nth) return 0;
  errno = EIO;
  return 1;
}

#define FAULTY(type, function, as, parameters, arguments)         \
  type function parameters {                                      \
    static type(*real) parameters;                                \
    if (real == NULL) real = (type(*) parameters)dlsym(RTLD_NEXT, #function); \
    return fails(as, fd) ? -1 : real arguments;                   \
  }

FAULTY(ssize_t, read, "read", (int fd, void* into, size_t size), (fd, into, size))
FAULTY(ssize_t, pread, "read", (int fd, void* into, size_t size, off_t at), (fd, into, size, at))
FAULTY(ssize_t, pread64, "read", (int fd, void* into, size_t size, off64_t at), (fd, into, size, at))
FAULTY(ssize_t, readv, "read", (int fd, const struct iovec* parts, int count), (fd, parts, count))
FAULTY(ssize_t, preadv64, "read", (int fd, const struct iovec* parts, int count, off64_t at), (fd, parts, count, at))
FAULTY(ssize_t, write, "write", (int fd, const void* from, size_t size), (fd, from, size))
FAULTY(ssize_t, pwrite, "write", (int fd, const void* from, size_t size, off_t at), (fd, from, size, at))
FAULTY(ssize_t, pwrite64, "write", (int fd, const void* from, size_t size, off64_t at), (fd, from, size, at))
FAULTY(ssize_t, writev, "write", (int fd, const struct iovec* parts, int count), (fd, parts, count))
FAULTY(ssize_t, pwritev64, "write", (int fd, const struct iovec* parts, int count, off64_t at), (fd, parts, count, at))
FAULTY(int, fsync, "fsync", (int fd), (fd))
FAULTY(int, fdatasync, "fsync", (int fd), (fd))

// So libuv closes. What fails to close is closed all the same.
long syscall(long number, ...) {
  static long (*real)(long, ...);
  if (real == NULL) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  long a[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
  va_end(rest);
  int is_failing = number == SYS_close && fails("close", (int)a[0]);
  long result = real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  if (!is_failing) return result;
  errno = EIO;
  return -1;
}

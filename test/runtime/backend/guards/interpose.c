// LD_PRELOAD: a system that lacks what aevent relies on. Each variable takes one thing away.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int from_core(void* return_address) {
#if defined(__x86_64__)
  if ((uintptr_t)return_address < 0x700000000000) return 0;  // quickly: the executable itself is not mapped up there
#endif
  Dl_info info;
  return dladdr(return_address, &info) != 0 && info.dli_fname != NULL && strstr(info.dli_fname, "aevent-linux-") != NULL;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// USABLE_QUEUE, USABLE_ENVIRONMENT: what malloc_usable_size() says of a small block, and of a large one.
size_t malloc_usable_size(void* block) {
  size_t size = REAL(malloc_usable_size)(block);
  const char* fake = getenv(size < 512 ? "USABLE_QUEUE" : "USABLE_ENVIRONMENT");
  if (fake == NULL || !from_core(__builtin_return_address(0))) return size;
  return strtoull(fake, NULL, 10);
}

struct Looking {
  int (*look)(struct dl_phdr_info*, size_t, void*);
  void* argument;
};

static int look_at_others(struct dl_phdr_info* object, size_t size, void* looking) {
  static char others[4096];
  struct dl_phdr_info changed = *object;
  if (changed.dlpi_tls_data != NULL) changed.dlpi_tls_data = others;
  return ((struct Looking*)looking)->look(&changed, size, ((struct Looking*)looking)->argument);
}

// NO_OBJECTS: the core is not told which objects are loaded. OTHER_LOCALS: it is told of thread-local variables that are
// not theirs.
int dl_iterate_phdr(int (*look)(struct dl_phdr_info*, size_t, void*), void* argument) {
  struct Looking looking = {look, argument};
  if (!from_core(__builtin_return_address(0))) return REAL(dl_iterate_phdr)(look, argument);
  if (getenv("NO_OBJECTS") != NULL) return 0;
  if (getenv("OTHER_LOCALS") != NULL) return REAL(dl_iterate_phdr)(look_at_others, &looking);
  return REAL(dl_iterate_phdr)(look, argument);
}

// NO_SELF_READ: a sandbox forbids to look at a process's memory, also at one's own.
ssize_t process_vm_readv(pid_t pid, const struct iovec* local, unsigned long local_count, const struct iovec* remote,
                         unsigned long remote_count, unsigned long flags) {
  if (getenv("NO_SELF_READ") == NULL) return REAL(process_vm_readv)(pid, local, local_count, remote, remote_count, flags);
  errno = EPERM;
  return -1;
}

// SHADOW_STACK: the kernel says that this process has one.
long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long a[6];
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
#if defined(__x86_64__)
  const long arch_shstk_status = 0x5005;
  if (number == SYS_arch_prctl && a[0] == arch_shstk_status && getenv("SHADOW_STACK") != NULL) {
    *(unsigned long*)a[1] = 1;
    return 0;
  }
#endif
  return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

// MOST_THREADS: as many threads as the process may have made, after that EAGAIN, as at ulimit -u.
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
  static int made = 0;
  const char* most = getenv("MOST_THREADS");
  if (most != NULL && __atomic_add_fetch(&made, 1, __ATOMIC_RELAXED) > atoi(most)) return EAGAIN;
  return REAL(pthread_create)(thread, attributes, start, argument);
}

// FAILING_STACK_INFO: pthread_getattr_np() fails in the core.
int pthread_getattr_np(pthread_t thread, pthread_attr_t* attributes) {
  if (getenv("FAILING_STACK_INFO") != NULL && from_core(__builtin_return_address(0))) return ENOMEM;
  return REAL(pthread_getattr_np)(thread, attributes);
}

// GUARD_REGIONS: `none`, the kernel knows none, as before Linux 6.13; `false`, it says that it does.
int madvise(void* address, size_t bytes, int advice) {
  const int guard_install = 102;
  const char* regions = advice == guard_install ? getenv("GUARD_REGIONS") : NULL;
  if (regions == NULL) return REAL(madvise)(address, bytes, advice);
  if (strcmp(regions, "false") == 0) return 0;
  errno = EINVAL;
  return -1;
}

// MAPPINGS_LEFT: so many are left of vm.max_map_count (which is the whole system's to set): the others are taken.
__attribute__((constructor)) static void take_mappings(void) {
  const char* left = getenv("MAPPINGS_LEFT");
  const char* most = getenv("MAX_MAP_COUNT");
  if (left == NULL || most == NULL) return;
  size_t pages = strtoull(most, NULL, 10) - strtoull(left, NULL, 10), page = (size_t)sysconf(_SC_PAGESIZE);
  char* block = mmap(NULL, pages * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (block == MAP_FAILED) abort();
  for (size_t i = 1; i < pages; i += 2)
    if (mprotect(block + i * page, page, PROT_READ) != 0) abort();
}

// LD_PRELOAD: another allocator. Blocks of powers of two, each after a header of 16 bytes.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

typedef struct Header {
  size_t order;   // of the whole block
  size_t offset;  // of what the caller has in it
} Header;

typedef struct Free {
  struct Free* next;
} Free;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Free* lists[64];
static char *arena, *arena_end;

static void* take(size_t order) {
  size_t bytes = (size_t)1 << order;
  if (lists[order] != NULL) {
    Free* block = lists[order];
    lists[order] = block->next;
    return block;
  }
  if ((size_t)(arena_end - arena) < bytes) {
    size_t chunk = bytes > (4u << 20) ? bytes : (4u << 20);
    void* fresh = mmap(NULL, chunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh == MAP_FAILED) return NULL;
    arena = fresh;
    arena_end = arena + chunk;
  }
  void* block = arena;
  arena += bytes;
  return block;
}

// The block begins with room for the header, which lies right before what the caller gets.
static void* allocate(size_t alignment, size_t size) {
  if (alignment < 16) alignment = 16;
  size_t order = 6;
  while (((size_t)1 << order) < size + alignment + sizeof(Header)) order++;
  pthread_mutex_lock(&mutex);
  char* block = take(order);
  pthread_mutex_unlock(&mutex);
  if (block == NULL) {
    errno = ENOMEM;
    return NULL;
  }
  char* user = (char*)(((uintptr_t)block + sizeof(Header) + alignment - 1) & ~(uintptr_t)(alignment - 1));
  ((Header*)user)[-1] = (Header){order, (size_t)(user - block)};
  return user;
}

static size_t offset_of(void* user) { return ((Header*)user)[-1].offset; }
static size_t order_of(void* user) { return ((Header*)user)[-1].order; }
static size_t size_of(void* user) { return ((size_t)1 << order_of(user)) - offset_of(user); }

void* malloc(size_t size) { return allocate(16, size); }
void* memalign(size_t alignment, size_t size) { return allocate(alignment, size); }
void* aligned_alloc(size_t alignment, size_t size) { return allocate(alignment, size); }
void* valloc(size_t size) { return allocate(4096, size); }
void* pvalloc(size_t size) { return allocate(4096, (size + 4095) & ~(size_t)4095); }
int posix_memalign(void** out, size_t alignment, size_t size) {
  return (*out = allocate(alignment, size)) == NULL ? ENOMEM : 0;
}

void free(void* user) {
  if (user == NULL) return;
  size_t order = order_of(user);
  Free* block = (Free*)((char*)user - offset_of(user));
  pthread_mutex_lock(&mutex);
  block->next = lists[order];
  lists[order] = block;
  pthread_mutex_unlock(&mutex);
}

void* calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
  void* user = malloc(bytes);
  return user == NULL ? NULL : memset(user, 0, bytes);
}

void* realloc(void* user, size_t size) {
  if (user == NULL) return malloc(size);
  if (size <= size_of(user)) return user;
  void* larger = malloc(size);
  if (larger == NULL) return NULL;
  memcpy(larger, user, size_of(user));
  free(user);
  return larger;
}

size_t malloc_usable_size(void* user) { return user == NULL ? 0 : size_of(user); }

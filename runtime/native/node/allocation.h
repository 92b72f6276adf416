// How large the heap block behind a pointer is: bounds every probe of a foreign object. 0 if that cannot be told: an
// allocator that replaces malloc() but not malloc_usable_size() leaves glibc's to read a header that is not there.
#pragma once
#include <cstddef>
#if defined(__APPLE__)
#include <malloc/malloc.h>
#else
#include <malloc.h>
#endif

namespace aevent {

inline size_t AllocatorsUsableSize(void* block) {
#if defined(__APPLE__)
  return malloc_size(block);
#elif defined(_WIN32)
  return _msize(block);
#else
  return malloc_usable_size(block);
#endif
}

inline size_t UsableSize(void* block, size_t at_most) {
  size_t bytes = AllocatorsUsableSize(block);
  return bytes <= at_most ? bytes : 0;
}

}  // namespace aevent
